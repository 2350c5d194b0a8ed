"""A filter of system calls, written by hand: what a parser never needs is refused with EPERM.

The filter is a classic BPF program over ``struct seccomp_data`` (Linux, seccomp(2)): the number
at offset 0, the architecture at 4, the low half of the first argument at 16.
"""

import ctypes
import errno
import os
import platform
import struct
from dataclasses import dataclass

from ingest.sandbox.libc import LIBC

# Name: number on x86_64, number on aarch64 (None: not there).
_CALLS: dict[str, tuple[int | None, int | None]] = {
    # network
    "socket": (41, 198), "connect": (42, 203), "accept": (43, 202), "sendto": (44, 206),
    "recvfrom": (45, 207), "sendmsg": (46, 211), "recvmsg": (47, 212), "bind": (49, 200),
    "listen": (50, 201), "socketpair": (53, 199), "accept4": (288, 242), "recvmmsg": (299, 243),
    "sendmmsg": (307, 269),
    # other processes, and memory shared with them
    "execveat": (322, 281), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271), "kcmp": (312, 272), "pidfd_open": (434, 434),
    "pidfd_getfd": (438, 438), "pidfd_send_signal": (424, 424), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240), "setpgid": (109, 154), "setsid": (112, 157),
    "shmget": (29, 194), "shmat": (30, 196), "msgget": (68, 186), "semget": (64, 190),
    "mq_open": (240, 180),
    # mounts and namespaces
    "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41), "chroot": (161, 51),
    "unshare": (272, 97), "setns": (308, 268), "open_tree": (428, 428), "move_mount": (429, 429),
    "fsopen": (430, 430), "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433),
    "mount_setattr": (442, 442), "name_to_handle_at": (303, 264), "open_by_handle_at": (304, 265),
    # parts of the kernel with a long history of flaws
    "bpf": (321, 280), "perf_event_open": (298, 241), "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425), "io_uring_enter": (426, 426), "io_uring_register": (427, 427),
    "add_key": (248, 217), "request_key": (249, 218), "keyctl": (250, 219),
    "init_module": (175, 105), "finit_module": (313, 273), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "acct": (163, 89), "personality": (135, 92),
    # changes to files that Landlock does not see
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "utime": (132, None),
    "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88), "link": (86, None),
    "linkat": (265, 37), "mknod": (133, None), "mknodat": (259, 33),
}  # fmt: skip
_PROGRAMS: dict[str, tuple[int | None, int | None]] = {
    "execve": (59, 221), "fork": (57, None), "vfork": (58, None),
}  # fmt: skip
_WRITES: dict[str, tuple[int | None, int | None]] = {
    "creat": (85, None), "openat2": (437, 437), "truncate": (76, 45), "rename": (82, None),
    "renameat": (264, 38), "renameat2": (316, 276), "unlink": (87, None), "unlinkat": (263, 35),
    "mkdir": (83, None), "mkdirat": (258, 34), "rmdir": (84, None), "symlink": (88, None),
    "symlinkat": (266, 36),
}  # fmt: skip
_CLONE3 = (435, 435)
_CLONE = (56, 220)
_OWN_PID_ONLY = ((62, 129), (200, 130), (234, 131))  # kill, tkill, tgkill
_PRLIMIT = (302, 261)
_OPEN = (2, None)
_OPENAT = (257, 56)

_CLONE_THREAD = 0x00010000
_CLONE_NEW = 0x7E020080
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN = 0x20, 0x15, 0x35, 0x45, 0x06
_NUMBER, _ARCHITECTURE, _FIRST, _SECOND, _THIRD = 0, 4, 16, 24, 32
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_UNKNOWN = 0x00050000 | errno.ENOSYS
_X32 = 0x40000000

_MACHINES = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7), "arm64": (1, 0xC00000B7)}

_INSTRUCTION = struct.Struct("HBBI")
_SET_SECCOMP, _MODE_FILTER = 22, 2


@dataclass(frozen=True, slots=True)
class SeccompFilter:
    """The choices that differ from child to child."""

    programs: bool = False
    """A program may be started; which one is Landlock's to say."""
    signals: bool = False
    """Any process may be signalled; true only where Landlock keeps signals inside."""
    writes: bool = False
    """Files may be opened for writing; which ones is Landlock's to say."""


def filter_calls(rules: SeccompFilter) -> bool:
    """Refuse system calls to this process and all it starts, for ever; tell whether it worked.

    ``PR_SET_NO_NEW_PRIVS`` must be set. False on a machine for which no numbers are known.
    """
    machine = _MACHINES.get(platform.machine())
    if machine is None:
        return False
    program = b"".join(_program(rules, *machine))
    buffer = ctypes.create_string_buffer(program, len(program))
    length = len(program) // _INSTRUCTION.size
    header = struct.pack("HP", length, ctypes.addressof(buffer))
    return bool(LIBC.prctl(_SET_SECCOMP, _MODE_FILTER, header, 0, 0) == 0)


def _program(rules: SeccompFilter, column: int, architecture: int) -> list[bytes]:
    """Return the instructions; each rule ends in a return, so that no jump is long."""
    steps = [
        _step(_LOAD, _ARCHITECTURE),
        _step(_EQUAL, architecture, 1, 0),
        _step(_RETURN, _KILL),
        _step(_LOAD, _NUMBER),
    ]
    if column == 0:
        steps += [_step(_AT_LEAST, _X32, 0, 1), _step(_RETURN, _REFUSE)]
    refused_calls = dict(_CALLS)
    if not rules.programs:
        refused_calls |= _PROGRAMS
    if not rules.writes:
        refused_calls |= _WRITES
    for numbers in refused_calls.values():
        steps += _whole(numbers[column], _REFUSE)
    steps += _whole(_CLONE3[column], _UNKNOWN)  # the C library then uses clone
    if rules.programs:
        steps += _unless_bits(_CLONE[column], _FIRST, _CLONE_NEW)
    else:
        steps += _only_bits(_CLONE[column], _FIRST, _CLONE_THREAD)
    if not rules.writes:
        steps += _unless_bits(_OPEN[column], _SECOND, _WRITING)
        steps += _unless_bits(_OPENAT[column], _THIRD, _WRITING)
    if not rules.signals:
        for numbers in _OWN_PID_ONLY:
            steps += _only_value(numbers[column], os.getpid())
    steps += _only_value(_PRLIMIT[column], 0)
    return [*steps, _step(_RETURN, _ALLOW)]


def _step(code: int, value: int, true: int = 0, false: int = 0) -> bytes:
    return _INSTRUCTION.pack(code, true, false, value)


def _whole(number: int | None, verdict: int) -> list[bytes]:
    if number is None:
        return []
    return [_step(_EQUAL, number, 0, 1), _step(_RETURN, verdict)]


def _only_value(number: int | None, value: int) -> list[bytes]:
    return _call_rule(number, _FIRST, _step(_EQUAL, value, 1, 0))


def _only_bits(number: int | None, argument: int, bits: int) -> list[bytes]:
    return _call_rule(number, argument, _step(_ANY_BIT, bits, 1, 0))


def _unless_bits(number: int | None, argument: int, bits: int) -> list[bytes]:
    return _call_rule(number, argument, _step(_ANY_BIT, bits, 0, 1))


def _call_rule(number: int | None, argument: int, test: bytes) -> list[bytes]:
    """Return the rule for one call; the test jumps over the refusal."""
    if number is None:
        return []
    return [
        _step(_EQUAL, number, 0, 4),
        _step(_LOAD, argument),
        test,
        _step(_RETURN, _REFUSE),
        _step(_RETURN, _ALLOW),
    ]
