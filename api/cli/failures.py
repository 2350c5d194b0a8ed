"""Says what to do about failures of files and databases, in place of a traceback."""

import errno
import sys

_REMEDIES = {
    errno.EACCES: "Check its owner and mode, or name another folder with --data.",
    errno.EPERM: "Check its owner and mode, or name another folder with --data.",
    errno.EROFS: "It is on a read-only file system: mount it for writing, or name another folder.",
    errno.ENOENT: "Check the path.",
    errno.ENOTDIR: "A part of the path is a file: check the path.",
    errno.ENOSPC: "The disk is full: free space, then run the command again.",
    errno.EDQUOT: "The disk quota is used up: free space, then run the command again.",
}

_DATABASE_REMEDIES = {
    "unable to open database file": "The database cannot be opened: check the owner and mode of "
    "the data folder, or name another one with --data.",
    "readonly database": "The database cannot be written: check the owner and mode of the data "
    "folder and its files, and that its file system is not mounted read-only.",
    "disk is full": "The disk is full: free space, then run the command again.",
    "No space left on device": "The database's disk is full: free space there, then try again.",
}


def explain_failure(error: Exception) -> str | None:
    """Return what happened and what to do; none where a traceback is of more use."""
    if isinstance(error, OSError):
        return _explain_file(error)
    if isinstance(error, UnicodeEncodeError) and error.encoding == "utf-8":
        return "One of the words is no UTF-8 text. Write the command again."
    if isinstance(error, OverflowError):
        return "A number or a date is too large. Write a smaller one."
    alchemy = sys.modules.get("sqlalchemy.exc")  # not imported here: most commands do without
    if alchemy is not None and isinstance(error, alchemy.OperationalError):
        remedies = (
            advice for words, advice in _DATABASE_REMEDIES.items() if words in str(error.orig)
        )
        return next(remedies, None)
    return None


def _explain_file(error: OSError) -> str | None:
    remedy = _REMEDIES.get(error.errno or 0)
    if remedy is None:
        return None
    name = error.filename or "A file"
    return f"{name} cannot be used: {(error.strerror or str(error)).lower()}. {remedy}"
