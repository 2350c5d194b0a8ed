"""The process that forks one child for each file: ``python -m ingest.nursery FD``.

It is started with a clean environment, loads the parsers once, holds no file and no secret, and
talks over one socket. A request carries two pipes: the child writes its frame to the first, the
nursery writes how the child ended to the second. Fork from a small, single-threaded process is
safe and takes milliseconds; nothing that one file leaves behind reaches the next.
"""

import ctypes
import gc
import json
import os
import resource
import select
import signal
import socket
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from index.errors import FootnoteError
from ingest.errors import ParseLimitError
from ingest.wire import pack_bytes, pack_document, pack_error

_REQUEST_BYTES = 65536
_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000


@dataclass(frozen=True, slots=True)
class _Child:
    status: int
    """The pipe on which its end is reported."""
    deadline: float


class Nursery:
    """Serves requests until the other end of the socket is closed."""

    def __init__(self, control: socket.socket) -> None:
        self._control = control
        self._children: dict[int, _Child] = {}
        self._late: set[int] = set()

    def serve(self) -> None:
        """Fork, watch and bury children."""
        wake, bell = os.pipe()
        control = self._control.fileno()
        os.set_blocking(bell, False)
        signal.signal(signal.SIGCHLD, lambda *_: None)
        signal.set_wakeup_fd(bell)
        while True:
            ready, _, _ = select.select([control, wake], [], [], self._patience())
            if wake in ready:
                os.read(wake, 4096)
            self._bury()
            self._kill_late()
            if control in ready and not self._take_request():
                break
        for pid in self._children:
            os.kill(pid, signal.SIGKILL)

    def _patience(self) -> float | None:
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
        pid = os.fork()
        if pid == 0:
            self._forget(status)
            be_a_child(request, result)
        os.close(result)
        self._children[pid] = _Child(status, time.monotonic() + request["wall_seconds"])
        return True

    def _forget(self, status: int) -> None:
        """Close in a child what belongs to its siblings: an open pipe would never seem to end."""
        self._control.close()
        for pipe in (status, *(child.status for child in self._children.values())):
            os.close(pipe)

    def _bury(self) -> None:
        while self._children:
            pid, ended = os.waitpid(-1, os.WNOHANG)
            if pid == 0:
                return
            child = self._children.pop(pid)
            report = {"late": pid in self._late, "exit": os.waitstatus_to_exitcode(ended)}
            self._late.discard(pid)
            with suppress(BrokenPipeError):
                os.write(child.status, json.dumps(report).encode())
            os.close(child.status)

    def _kill_late(self) -> None:
        for pid, child in self._children.items():
            if child.deadline <= time.monotonic() and pid not in self._late:
                self._late.add(pid)
                os.kill(pid, signal.SIGKILL)


def be_a_child(request: dict[str, Any], result: int) -> None:
    """Do one task and end this process, whatever happens."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
        confine(request)
        frame = _outcome(request)
        with os.fdopen(result, "wb") as pipe:
            pipe.write(frame)
    finally:
        os._exit(0)


def confine(request: dict[str, Any]) -> None:
    """Take away what a parser does not need: network, much memory, much time, large files."""
    for name, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, request["output_bytes"]),
        (resource.RLIMIT_AS, _address_space() + request["memory_bytes"]),
    ):
        resource.setrlimit(name, (limit, limit))
    seconds = request["cpu_seconds"]
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    leave_network()


def leave_network() -> bool:
    """Move this process to a network of its own with nothing in it, where the kernel permits."""
    libc = ctypes.CDLL(None, use_errno=True)
    ways = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)  # the second needs no privilege
    return any(libc.unshare(way) == 0 for way in ways)


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _outcome(request: dict[str, Any]) -> bytes:
    try:
        frame = _run(request)
    except FootnoteError as error:
        return pack_error(error.code, str(error))
    except MemoryError:
        return pack_error(ParseLimitError.code, "Reading this file takes more memory than allowed.")
    except OSError:
        return pack_error("broken-document", "This file could not be read from the store.")
    if len(frame) > request["output_bytes"]:
        return pack_error(ParseLimitError.code, "This file holds more text than is allowed.")
    return frame


def _run(request: dict[str, Any]) -> bytes:
    path = Path(request["path"])
    if request["task"] == "render":
        from ingest.pages import render_page

        return pack_bytes(render_page(path, request["page"], scale=request["scale"]))
    from ingest.parse import parse_file

    return pack_document(parse_file(path, request["filename"]))


def preload() -> None:
    """Import the parsers once. torch stays out: spaCy would load it for models not used here."""
    sys.modules["torch"] = None  # type: ignore[assignment]
    import PIL.PngImagePlugin
    import pypdfium2  # noqa: F401

    from ingest.parse.elements import unstructured_offline
    from ingest.parse.html import parse_markup

    unstructured_offline()
    parse_markup("<p>A first sentence warms the parsers up.</p>", "text/html")
    import unstructured.partition.docx  # noqa: F401

    PIL.Image.init()
    gc.collect()
    gc.freeze()  # else a collection in a child copies every page that it marks


def main() -> None:
    """Serve the socket whose number is the first argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    control = socket.socket(fileno=int(sys.argv[1]))
    preload()
    Nursery(control).serve()


if __name__ == "__main__":
    main()
