"""Fork one child for each file: ``python -m ingest.sandbox.fork_server FD FOLDER LOADS``.

It is started with a clean environment, loads the parsers that it is told to, holds no file and no
secret, and talks over one socket. A request carries two pipes: the child writes its frame to the
first, the fork server writes how the child ended to the second. Fork from a small, single-threaded
process is safe and takes milliseconds; nothing that one file leaves behind reaches the next. Each
child may write in a folder of its own below FOLDER, which goes when the child goes.
"""

import gc
import importlib
import json
import mimetypes
import os
import select
import shutil
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, cast

from index.errors import FootnoteError
from ingest.errors import SPLIT_IT, ParseLimitError
from ingest.sandbox.confinement import Confinement, confine, libraries
from ingest.sandbox.protocol import pack_bytes, pack_document, pack_error, pack_findings
from ingest.sandbox.self_test import try_doors

Preload = Literal["all", "light", "none"]
"""Which parsers are loaded: all, those of PDF and plain text, or none, to prove itself alone."""

_REQUEST_BYTES = 65536
_LIGHT_READERS = (
    "langdetect.utils.ngram", "encodings.utf_16_le", "encodings.utf_32_le", "pypdfium2",
)  # fmt: skip
_READERS = (
    *_LIGHT_READERS, "docx", "lxml.html", "markdown_it", "olefile", "openpyxl", "oxmsg", "pptx",
    "unstructured.partition.docx", "xlrd",
)  # fmt: skip
"""Libraries that the parsers import when they first meet a format."""


@dataclass(frozen=True, slots=True)
class _Child:
    status: int
    """The pipe on which its end is reported."""
    deadline: float
    scratch: Path


class ForkServer:
    """Serves requests until the other end of the socket is closed."""

    def __init__(self, control: socket.socket, folder: Path) -> None:
        self._control = control
        self._folder = folder
        self._forked = 0
        self._children: dict[int, _Child] = {}
        self._late: set[int] = set()
        self._unwanted: set[int] = set()

    def serve(self) -> None:
        """Fork children, watch them, and report how each one ended."""
        wake, wake_writer = os.pipe()
        control = self._control.fileno()
        os.set_blocking(wake_writer, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(wake_writer)
        while True:
            ready_pipes = self._wait(control, wake)
            if wake in ready_pipes:
                os.read(wake, 4096)
            self._reap()
            self._kill_late()
            self._kill_unwanted(ready_pipes)
            if control in ready_pipes and not self._take_request():
                break
        for pid in self._children:
            _kill(pid)

    def _wait(self, control: int, wake: int) -> set[int]:
        """Wait for a request, a child's end, or the end of whoever waits for a child's report."""
        poll = select.poll()
        poll.register(control, select.POLLIN)
        poll.register(wake, select.POLLIN)
        for pid, child in self._children.items():
            if pid not in self._unwanted:
                poll.register(child.status, 0)  # its error alone: nobody reads the pipe any more
        timeout_s = self._timeout_s()
        return {
            descriptor
            for descriptor, _ in poll.poll(None if timeout_s is None else timeout_s * 1000)
        }

    def _kill_unwanted(self, ready_pipes: set[int]) -> None:
        """End the children whose reports nobody reads any more: their jobs were cancelled."""
        for pid, child in self._children.items():
            if child.status in ready_pipes:
                self._unwanted.add(pid)
                _kill(pid)

    def _timeout_s(self) -> float | None:
        if not self._children:
            return None
        first = min(child.deadline for child in self._children.values())
        return max(0.01, first - time.monotonic())

    def _take_request(self) -> bool:
        message, pipes, _, _ = socket.recv_fds(self._control, _REQUEST_BYTES, 2)
        if not message:
            return False
        request = json.loads(message)
        result, status = pipes
        self._forked += 1
        scratch = self._folder / str(self._forked)
        scratch.mkdir(mode=0o700)
        pid = os.fork()
        if pid == 0:
            be_a_child(request, result, scratch)
        os.close(result)
        deadline = time.monotonic() + request["wall_seconds"]
        self._children[pid] = _Child(status, deadline, scratch)
        return True

    def _reap(self) -> None:
        while self._children:
            pid, ended = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid)
            _kill(pid)  # what it has started
            shutil.rmtree(child.scratch, ignore_errors=True)
            report = {"late": pid in self._late, "exit": os.waitstatus_to_exitcode(ended)}
            self._late.discard(pid)
            self._unwanted.discard(pid)
            with suppress(BrokenPipeError):
                os.write(child.status, json.dumps(report).encode())
            os.close(child.status)

    def _kill_late(self) -> None:
        for pid, child in self._children.items():
            if child.deadline <= time.monotonic() and pid not in self._late:
                self._late.add(pid)
                _kill(pid)


def _kill(pid: int) -> None:
    """End a child, or what is left of its group; a child that has no group yet ends alone."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
        return
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def be_a_child(request: dict[str, Any], result: int, scratch: Path) -> None:
    """Do one task and end this process, whatever happens."""
    try:
        os.setpgid(0, 0)
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        layers = confine(_confinement(request, result, scratch))
        frame = _outcome(request, layers)
        with os.fdopen(result, "wb") as pipe:
            pipe.write(frame)
    finally:
        os._exit(0)


def _confinement(request: dict[str, Any], result: int, scratch: Path) -> Confinement:
    return Confinement(
        file=Path(request["path"]),
        scratch=scratch,
        result=result,
        memory_bytes=request["memory_bytes"],
        cpu_seconds=request["cpu_seconds"],
        output_bytes=request["output_bytes"],
        programs=[Path(program) for program in request["programs"]],
    )


def _outcome(request: dict[str, Any], layers: dict[str, bool]) -> bytes:
    try:
        frame = _run(request, layers)
    except FootnoteError as error:
        cause = type(error.__cause__).__name__ if error.__cause__ else ""
        return pack_error(error.code, str(error), cause=cause)
    except MemoryError:
        return pack_error(
            ParseLimitError.code, f"Reading this file takes more memory than is allowed. {SPLIT_IT}"
        )
    except OSError:
        return pack_error(
            "broken-document", "This file could not be read from the store. Upload it again."
        )
    if len(frame) > request["output_bytes"]:
        return pack_error(
            ParseLimitError.code, f"This file holds more text than is allowed. {SPLIT_IT}"
        )
    return frame


def _run(request: dict[str, Any], layers: dict[str, bool]) -> bytes:
    path = Path(request["path"])
    if request["task"] == "prove":
        programs = bool(request["programs"]) and layers["landlock"]
        return pack_bytes(try_doors(request, layers, programs=programs))
    if request["task"] == "render":
        from ingest.sandbox.page_rendering import render_page

        return pack_bytes(render_page(path, request["page"], scale=request["scale"]))
    if request["task"] == "screen":
        from index.detectors import screen

        return pack_findings(screen(path.read_bytes().decode("utf-8", "surrogatepass")))
    from ingest.parse import parse_file

    return pack_document(parse_file(path, request["filename"]))


def preload(loads: Preload) -> None:
    """Import parsers once."""
    if loads == "all":
        _import_all()
    elif loads == "light":
        _import_light()
    gc.collect()
    gc.freeze()  # else a collection in a child copies every page that it marks


def _import_light() -> None:
    import index.detectors  # noqa: F401
    import ingest.parse  # noqa: F401

    for name in _LIGHT_READERS:
        importlib.import_module(name)


def _import_all() -> None:
    import PIL.PngImagePlugin

    from ingest.parse.common.unstructured_adapter import unstructured_offline
    from ingest.parse.html import parse_markup

    unstructured_offline()
    parse_markup("<p>A first sentence warms the parsers up.</p>", "text/html")
    for name in _READERS:
        importlib.import_module(name)
    PIL.Image.init()
    mimetypes.init()


def main() -> None:
    """Serve the socket and use the folder that the arguments name."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    preload(cast("Preload", sys.argv[3]))
    libraries()
    ForkServer(control, Path(sys.argv[2])).serve()
    os._exit(0)  # what the parsers hold needs no tidying


if __name__ == "__main__":
    main()
