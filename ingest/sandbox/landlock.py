"""Landlock (Linux 5.13 and later): a process gives up all files but the ones it names.

See landlock(7). The three system calls have the same numbers on every machine.
"""

import ctypes
import os
import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from ingest.sandbox.libc import LIBC

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_FOLDER = 1, 2, 4, 8
_TRUNCATE = 1 << 14
_ON_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_RIGHTS = (
    (1, (1 << 13) - 1),
    (2, 1 << 13),
    (3, _TRUNCATE),
    (5, 1 << 15),  # requests to devices
)
_NETWORK_SINCE, _NETWORK = 4, 0b11
_SCOPES_SINCE, _SCOPES = 6, 0b11
"""From 6 on: no abstract sockets and no signals to processes outside."""


@dataclass(frozen=True, slots=True)
class Reach:
    """The files a process keeps; folders count with all that is in them."""

    readable: Iterable[Path] = ()
    writable: Iterable[Path] = ()
    """Read, written, made and deleted."""
    executable: Iterable[Path] = ()
    """Read and started."""


def version() -> int:
    """Return the kernel's Landlock version; 0 where there is none."""
    return max(0, int(_call(_CREATE_RULESET, None, 0, _VERSION_FLAG)))


def keeps_signals_inside() -> bool:
    """Tell whether a confined process can signal its own descendants alone."""
    return version() >= _SCOPES_SINCE


def restrict(reach: Reach) -> bool:
    """Give up all other files, for ever; tell whether it worked.

    ``PR_SET_NO_NEW_PRIVS`` must be set.
    """
    abi = version()
    if abi == 0:
        return False
    handled = sum(rights for since, rights in _RIGHTS if abi >= since)
    attributes = struct.pack("QQQ", handled, _NETWORK, _SCOPES)
    size = 24 if abi >= _SCOPES_SINCE else 16 if abi >= _NETWORK_SINCE else 8
    ruleset = int(_call(_CREATE_RULESET, attributes[:size], size, 0))
    if ruleset < 0:
        return False
    for paths, rights in (
        (reach.readable, _READ_FILE | _READ_FOLDER),
        (reach.writable, handled & ~_EXECUTE),
        (reach.executable, _READ_FILE | _EXECUTE),
    ):
        for path in paths:
            with suppress(OSError):  # what is not there needs no rule
                _allow(ruleset, path, rights & handled)
    is_restricted = _call(_RESTRICT_SELF, ruleset, 0) == 0
    os.close(ruleset)
    return is_restricted


def _allow(ruleset: int, path: Path, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    if not path.is_dir():
        rights &= _ON_FILES
    _call(_ADD_RULE, ruleset, _PATH_BENEATH, struct.pack("=Qi", rights, descriptor), 0)
    os.close(descriptor)


def _call(number: int, *arguments: bytes | int | None) -> int:
    whole = [ctypes.c_long(a) if isinstance(a, int) else a for a in arguments]
    return int(LIBC.syscall(ctypes.c_long(number), *whole))
