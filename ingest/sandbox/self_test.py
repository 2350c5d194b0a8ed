"""The proof that a child is confined: inside a real one each door is tried.

The parent makes a secret and listens; the child must fail to read the one and to reach the other.
"""

import errno
import json
import os
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

_REFUSALS = (errno.EPERM, errno.EACCES, errno.ENETUNREACH)


@dataclass(frozen=True, slots=True)
class Proof:
    """The report of one child about its own confinement."""

    layers: dict[str, bool]
    """Each layer's name, and whether it is active."""
    open_doors: tuple[str, ...]
    """Forbidden acts that were not refused; empty where all is well."""


@contextmanager
def bait() -> Iterator[dict[str, Any]]:
    """Make what a child must not reach: yields the request's details."""
    with (
        tempfile.TemporaryDirectory(prefix="footnote-proof-") as folder,
        socket.create_server(("127.0.0.1", 0)) as server,
    ):
        secret = Path(folder) / "secret"
        secret.write_text("hush")
        yield {"secret": str(secret), "port": server.getsockname()[1], "stranger": os.getpid()}


def try_doors(details: dict[str, Any], layers: dict[str, bool], *, programs: bool) -> bytes:
    """Try, inside a confined child, what must be refused; return the report as JSON."""
    secret = Path(details["secret"])
    doors: dict[str, Callable[[], object]] = {
        "read a file outside": secret.read_bytes,
        "list a folder outside": lambda: os.listdir(secret.parent),  # noqa: PTH208  # the bare call
        "write a file outside": lambda: secret.with_name("new").write_bytes(b"x"),
        "connect": lambda: _connect(details["port"]),
        "signal another process": lambda: os.kill(details["stranger"], 0),
        "start a program": lambda: subprocess.run([sys.executable, "-c", ""], check=True),
    }
    if not programs:
        doors |= {"fork": _fork, "exec": lambda: os.execv("/nowhere/at-all", ["x"])}  # noqa: S606
    unlocked = [name for name, attempt in doors.items() if not _is_refused(attempt)]
    return json.dumps({"layers": layers, "open_doors": unlocked}).encode()


def read_report(report: bytes) -> Proof:
    """Read what ``try_doors`` wrote; raises ValueError, KeyError or TypeError for anything else."""
    fields = json.loads(report)
    layers = {str(name): bool(active) for name, active in fields["layers"].items()}
    return Proof(layers, tuple(str(door) for door in fields["open_doors"]))


def _is_refused(attempt: Callable[[], object]) -> bool:
    try:
        attempt()
    except OSError as error:
        return error.errno in _REFUSALS
    except subprocess.SubprocessError:  # it was started, and failed for a reason of its own
        return False
    return False


def _connect(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=2):
        pass


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)
