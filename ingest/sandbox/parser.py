"""Parsing in a child process with limits, so that one bad file fails alone."""

import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from index.detectors import Finding
from ingest.cancellation import check_cancelled
from ingest.errors import (
    SAVE_A_NEW_COPY,
    SPLIT_IT,
    BrokenDocumentError,
    ParseLimitError,
    SandboxUnprovenError,
    UnsupportedTypeError,
)
from ingest.parse.common.ocr import REFUSED
from ingest.sandbox.fork_server import Preload
from ingest.sandbox.protocol import unpack_bytes, unpack_document, unpack_findings
from ingest.sandbox.self_test import Proof, bait, read_report
from ingest.types import ParsedDocument

_GRACE_SECONDS = 15.0
"""How much longer than the limit to wait: a fork server that starts loads its parsers first."""

_LOOK_SECONDS = 0.25
"""How long to wait for a child before looking whether its job was cancelled."""

_STOP_SECONDS = 1.0
_READ = 1 << 20
_MARGIN = 4096

_RECOGNISER = "tesseract"
_DRAWN = (
    b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"II*\x00", b"MM\x00*", b"RIFF", b"BM",
)  # fmt: skip
"""How files begin that may hold a picture of text."""

_LIGHT = b"%PDF"
_LIGHT_NAMES = frozenset((".txt", ".csv", ".tsv", ".json", ".jsonl", ".log"))
"""Names of files that the light parsers likely read; a wrong guess only costs time."""


@dataclass(frozen=True, slots=True)
class ParseLimits:
    """The resources that one child may use for one file."""

    memory_bytes: int = 2 << 30
    """Address space on top of the loaded parsers."""
    cpu_seconds: int = 120
    wall_seconds: int = 180
    output_bytes: int = 256 << 20
    """Size of the result, and of any file that a parser writes."""


class ForkServerProcess:
    """The preloaded process, seen from here. Safe to use from several threads at once.

    It starts at the first request and again whenever it is gone. ``loads`` says which parsers it
    has at hand; its children load what else they need, which takes them time.
    """

    def __init__(self, loads: Preload = "all") -> None:
        self._loads = loads
        self._lock = threading.Lock()
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self._process: subprocess.Popen[bytes] | None = None
        self._control: socket.socket | None = None

    @property
    def pid(self) -> int | None:
        """The process id, None before the start and after the end."""
        return self._process.pid if self._process else None

    def start(self) -> None:
        """Start the process now rather than at the first file."""
        with self._lock:
            self._connect()

    def close(self) -> None:
        """End the process and its children."""
        with self._lock:
            self._drop()

    def send(self, request: bytes) -> tuple[int, int]:
        """Hand a request over; return the ends to read from: of the result, of the report."""
        with self._lock:
            try:
                return self._send(request)
            except OSError:  # it is gone: start another, once
                self._drop()
                return self._send(request)

    def _send(self, request: bytes) -> tuple[int, int]:
        result, result_end = os.pipe()
        report, report_end = os.pipe()
        try:
            socket.send_fds(self._connect(), [request], [result_end, report_end])
        except OSError:
            os.close(result)
            os.close(report)
            raise
        finally:
            os.close(result_end)
            os.close(report_end)
        return result, report

    def _connect(self) -> socket.socket:
        if self._control and self._process and self._process.poll() is None:
            return self._control
        self._drop()
        our_socket, child_socket = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._folder = tempfile.TemporaryDirectory(
            prefix="footnote-child-", ignore_cleanup_errors=True
        )
        with child_socket:
            arguments = [str(child_socket.fileno()), self._folder.name, self._loads]
            self._process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-m", "ingest.sandbox.fork_server", *arguments],
                env=_clean_environment(),
                pass_fds=[child_socket.fileno()],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        self._control = our_socket
        return our_socket

    def _drop(self) -> None:
        if self._control:
            self._control.close()
            self._control = None
        if self._process:
            with suppress(subprocess.TimeoutExpired):  # it ends its children, and itself
                self._process.wait(_STOP_SECONDS)
            with suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()
            self._process = None
        if self._folder:
            self._folder.cleanup()
            self._folder = None


class SandboxedParser:
    """A parser whose every call runs in a fresh, confined child of a preloaded process.

    A fork, and all that a child then touches, cost by what its parent has loaded: so PDF and plain
    text have a parent of their own, without the libraries of the other formats.

    Safe to use from several threads at once. Before the first file a child proves that it is
    confined; where it is not, files are refused, unless ``allow_weak``.
    """

    def __init__(
        self,
        limits: ParseLimits | None = None,
        *,
        fork_server: ForkServerProcess | None = None,
        allow_weak: bool = False,
    ) -> None:
        self.fork_server = fork_server or ForkServerProcess()
        self._light = fork_server or ForkServerProcess("light")
        self._limits = limits or ParseLimits()
        self._lock = threading.Lock()
        self._is_trusted = allow_weak

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def parse(self, path: Path, filename: str) -> ParsedDocument:
        """Read a file as ``parse_file`` does, in a child.

        A file that turns out to hold pictures, such as an archive or a message, is read once more
        by a child that may start the recogniser: no other file gets near it.

        Raises:
            ParseError: one of its subclasses; ParseLimitError where a limit was reached.
            SandboxUnprovenError: children are not confined here, so nothing is read.

        """
        self._ensure_confined()
        with path.open("rb") as file:
            head = file.read(8)  # little here looks at the file, for it is hostile
        fork_server = self._light if _is_light(head, filename) else self.fork_server
        programs = _recogniser() if head.startswith(_DRAWN) else []
        try:
            document = self._parse(fork_server, path, filename, programs)
        except UnsupportedTypeError as error:
            more = _more_programs(programs, [str(error)])
            if not more:
                raise
        else:
            more = _more_programs(programs, document.warnings)
            if not more:
                return document
        return self._parse(fork_server, path, filename, more)

    def _parse(
        self, fork_server: ForkServerProcess, path: Path, filename: str, programs: list[str]
    ) -> ParsedDocument:
        details = {"filename": filename, "programs": programs}
        return unpack_document(self._do(fork_server, "parse", path, **details))

    def render_page(self, path: Path, page: int, *, scale: float = 2.0) -> bytes:
        """Draw a page as PNG in a child; raises as ``page_rendering.render_page`` does."""
        self._ensure_confined()
        return unpack_bytes(
            self._do(self._light, "render", path, page=page, scale=scale, programs=[])
        )

    def screen(self, text: str) -> list[Finding]:
        """Return what ``index.detectors.screen`` finds in a text, in a child.

        Raises:
            ParseLimitError: a limit was reached.
            SandboxUnprovenError: children are not confined here, so nothing is screened.

        """
        self._ensure_confined()
        with tempfile.NamedTemporaryFile(prefix="footnote-") as file:
            file.write(text.encode("utf-8", "surrogatepass"))
            file.flush()
            frame = self._do(self._light, "screen", Path(file.name), programs=[])
        return unpack_findings(frame, len(text))

    def prove(self) -> list[Proof]:
        """Let a child of each kind try its doors; the second kind may start the recogniser.

        Raises:
            SandboxUnprovenError: a child gave no account of itself.

        """
        return [self._prove([]), *([self._prove(_recogniser())] if _recogniser() else [])]

    def _prove(self, programs: list[str]) -> Proof:
        with bait() as details:
            try:
                frame = self._do(
                    self._light, "prove", Path(os.devnull), programs=programs, **details
                )
                return read_report(unpack_bytes(frame))
            except (BrokenDocumentError, ParseLimitError, KeyError, TypeError, ValueError) as error:
                raise SandboxUnprovenError(
                    "The sandbox for parsing did not report how it is confined. "
                    "Run `footnote doctor`."
                ) from error

    def _ensure_confined(self) -> None:
        with self._lock:
            if self._is_trusted:
                return
            doors = {door for proof in self.prove() for door in proof.open_doors}
            if doors:
                raise SandboxUnprovenError(
                    f"Files are not read here: a parser could {', '.join(sorted(doors))}. "
                    "Run `footnote doctor`; an operator may set FOOTNOTE_ALLOW_WEAK_SANDBOX."
                )
            self._is_trusted = True

    def close(self) -> None:
        """End the preloaded processes and their children."""
        self.fork_server.close()
        self._light.close()

    def _do(self, fork_server: ForkServerProcess, task: str, path: Path, **details: Any) -> bytes:
        request = {"task": task, "path": str(path.resolve()), **details, **asdict(self._limits)}
        message = json.dumps(request).encode()
        frame, report = self._ask(fork_server, message)
        if not report:  # the fork server itself was ended, which is not the file's fault
            frame, report = self._ask(fork_server, message)
        _raise_if_killed(report, self._limits)
        return frame

    def _ask(self, fork_server: ForkServerProcess, message: bytes) -> tuple[bytes, bytes]:
        result, report = fork_server.send(message)
        deadline = time.monotonic() + self._limits.wall_seconds + _GRACE_SECONDS
        try:
            with os.fdopen(report, "rb", buffering=0), os.fdopen(result, "rb", buffering=0) as pipe:
                frame = _read_pipe(result, self._limits.output_bytes + _MARGIN, deadline)
                pipe.close()  # a child that still writes ends here
                return frame, _read_pipe(report, _MARGIN, deadline)
        except TimeoutError as error:
            fork_server.close()
            raise ParseLimitError(
                f"Reading this file takes longer than is allowed. {SPLIT_IT}"
            ) from error


def prove_confinement() -> list[Proof]:
    """Let a child of each kind try its doors, without loading the parsers.

    Raises:
        SandboxUnprovenError: a child gave no account of itself.

    """
    with SandboxedParser(fork_server=ForkServerProcess("none")) as sandbox:
        return sandbox.prove()


def _is_light(head: bytes, filename: str) -> bool:
    return head.startswith(_LIGHT) or Path(filename).suffix.lower() in _LIGHT_NAMES


def _recogniser() -> list[str]:
    """Return the whole path of the program that reads text in pictures, where it is installed."""
    program = shutil.which(_RECOGNISER, path=os.defpath)
    return [str(Path(program).resolve())] if program else []


def _more_programs(programs: Sequence[str], messages: Iterable[str]) -> list[str]:
    """Return what a second reading may start besides; nothing where none is called for."""
    return _recogniser() if not programs and any(REFUSED in line for line in messages) else []


def _clean_environment() -> dict[str, str]:
    """Return an environment without secrets, with one thread, and with telemetry off."""
    return {
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(filter(None, sys.path)),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OMP_THREAD_LIMIT": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "SCARF_NO_ANALYTICS": "1",
        "DO_NOT_TRACK": "1",
        "UNSTRUCTURED_DISABLE_NOTICE": "1",
        "MALLOC_ARENA_MAX": "1",
    }


def _read_pipe(pipe: int, most: int, deadline: float) -> bytes:
    """Read to the end of a pipe, or to one byte more than ``most``."""
    blocks: list[bytes] = []
    size = 0
    while size <= most:
        ready_pipes, _, _ = select.select([pipe], [], [], _LOOK_SECONDS)
        check_cancelled()
        if time.monotonic() > deadline:
            raise TimeoutError
        if not ready_pipes:
            continue
        block = os.read(pipe, _READ)
        if not block:
            break
        blocks.append(block)
        size += len(block)
    return b"".join(blocks)


def _raise_if_killed(report: bytes, limits: ParseLimits) -> None:
    if not report:
        raise BrokenDocumentError(f"Reading this file came to a sudden end. {SAVE_A_NEW_COPY}")
    end = json.loads(report)
    if end["late"]:
        raise ParseLimitError(
            f"Reading this file takes longer than the {limits.wall_seconds} seconds allowed. "
            f"{SPLIT_IT}"
        )
    code = end["exit"]
    if code == -signal.SIGXCPU:
        raise ParseLimitError(
            f"Reading this file takes more than {limits.cpu_seconds} seconds of computing. "
            f"{SPLIT_IT}"
        )
    if code in (-signal.SIGKILL, -signal.SIGXFSZ, -signal.SIGPIPE):
        raise ParseLimitError(
            f"Reading this file takes more memory or space than is allowed. {SPLIT_IT}"
        )
    if code != 0:
        raise BrokenDocumentError(
            f"This file is damaged: reading it came to a sudden end. {SAVE_A_NEW_COPY}"
        )
