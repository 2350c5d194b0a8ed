"""Confine a parsing child before it touches a file: layer upon layer, each reported.

Each layer is there where the kernel has it; none is trusted to be. ``ingest.sandbox.self_test``
tries the doors in a real child.
"""

import ctypes
import os
import platform
import resource
import struct
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import index
import ingest
from ingest.sandbox import landlock, seccomp
from ingest.sandbox.libc import LIBC

LAYERS = ("limits", "descriptors", "network", "capabilities", "landlock", "seccomp")
"""The names under which layers are reported, in the order in which they are applied."""

_SYSTEM = (
    "/lib", "/lib64", "/usr/lib", "/usr/lib64", "/usr/local/lib", "/usr/share",
    "/usr/local/share", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types",
    "/dev/urandom",
)  # fmt: skip
"""Read-only: shared libraries, fonts, time zones, language data. No secrets live there."""

_LOADERS = ("/lib64/ld-linux-x86-64.so.2", "/lib/ld-linux-aarch64.so.1")

_CLONE_NEWUSER = 0x10000000
_CLONE_NEWNET = 0x40000000
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_CAPABILITY_VERSION = 0x20080522
_CAPSET = {"x86_64": 126, "aarch64": 91, "arm64": 91}
_CLOSE_RANGE = 436
_KILL = 9


@dataclass(frozen=True, slots=True)
class Confinement:
    """The few things that one child keeps."""

    file: Path
    """The one file that is to be read."""
    scratch: Path
    """The folder in which it may write."""
    result: int
    """The descriptor on which it answers."""
    memory_bytes: int
    cpu_seconds: int
    output_bytes: int
    programs: Sequence[Path] = ()
    """Programs that it may start, by their whole path; confined as it is itself."""


def confine(confinement: Confinement) -> dict[str, bool]:
    """Take all else away from this process for ever; tell which layers are active."""
    tempfile.tempdir = str(confinement.scratch)
    LIBC.prctl(_SET_PARENT_DEATH_SIGNAL, _KILL, 0, 0, 0)
    _limit(confinement)
    _close_descriptors(confinement.result)
    network = leave_network()
    capabilities = _drop_capabilities()
    LIBC.prctl(_SET_NO_NEW_PRIVILEGES, 1, 0, 0, 0)
    files = landlock.restrict(_reach(confinement))
    rules = seccomp.SeccompFilter(
        programs=bool(confinement.programs) and files,
        signals=bool(confinement.programs) and files and landlock.keeps_signals_inside(),
        writes=files,
    )
    calls = seccomp.filter_calls(rules)
    states = (True, True, network, capabilities, files, calls)
    return dict(zip(LAYERS, states, strict=True))


def leave_network() -> bool:
    """Move this process to a network of its own with nothing in it, where the kernel permits."""
    ways = (_CLONE_NEWNET, _CLONE_NEWUSER | _CLONE_NEWNET)  # the second needs no privilege
    return any(LIBC.unshare(way) == 0 for way in ways)


def _limit(confinement: Confinement) -> None:
    for name, limit in (
        (resource.RLIMIT_CORE, 0),
        (resource.RLIMIT_FSIZE, confinement.output_bytes),
        (resource.RLIMIT_AS, _address_space() + confinement.memory_bytes),
    ):
        resource.setrlimit(name, (limit, limit))
    resource.setrlimit(resource.RLIMIT_CPU, (confinement.cpu_seconds, confinement.cpu_seconds + 1))


def _address_space() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return pages * resource.getpagesize()


def _close_descriptors(open_descriptor: int) -> None:
    """Close all but the standard three, which lead nowhere, and the one kept."""
    last = 0x7FFFFFFF
    for first, until in ((3, open_descriptor - 1), (open_descriptor + 1, last)):
        if first > until:
            continue
        span = (ctypes.c_uint(first), ctypes.c_uint(until), ctypes.c_uint(0))
        if LIBC.syscall(_CLOSE_RANGE, *span) != 0:
            os.closerange(first, min(until, os.sysconf("SC_OPEN_MAX")) + 1)


def _drop_capabilities() -> bool:
    """Give up root's powers, also the ones inside a namespace of one's own."""
    number = _CAPSET.get(platform.machine())
    if number is None:
        return False
    header = struct.pack("Ii", _CAPABILITY_VERSION, 0)
    return bool(LIBC.syscall(number, header, bytes(24)) == 0)


def _reach(confinement: Confinement) -> landlock.Reach:
    programs = [*confinement.programs, *map(Path, _LOADERS)] if confinement.programs else []
    return landlock.Reach(
        readable=[confinement.file, *libraries()],
        writable=[confinement.scratch, Path(os.devnull)],
        executable=[program.resolve() for program in programs if program.exists()],
    )


@cache
def libraries() -> tuple[Path, ...]:
    """Return what Python may import at any moment: never the folder the service was started in.

    Asked once before the first fork, so that children find the answer there.
    """
    own_folders = (Path(package.__path__[0]) for package in (index, ingest))
    standard = (sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib"))
    sites = (entry for entry in sys.path if entry.endswith(("site-packages", "dist-packages")))
    folders = {*own_folders, *map(Path, standard), *map(Path, sites), *map(Path, _SYSTEM)}
    return tuple(sorted(path for path in folders if path.exists()))
