"""Tell dead workers from slow ones: each holds a file lock that the kernel frees at its death.

A worker that was killed gives its jobs back at the next worker's start, without waiting for the
lease to run out. A worker on another machine has no file here, so only its lease tells.
"""

import fcntl
import secrets
from pathlib import Path
from typing import IO


class WorkerLiveness:
    """A locked file that shows that this process is alive; a machine's workers share a folder."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        self.token = secrets.token_hex(8)
        temporary_file = folder / f".{self.token}"
        self._file = temporary_file.open("w")
        fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        temporary_file.rename(
            folder / self.token
        )  # nobody ever sees it unlocked, and takes it for dead

    def dead(self) -> list[str]:
        """Return the tokens of workers that died here without leaving."""
        return [path.name for path in self._folder.iterdir() if self._is_dead(path)]

    def forget(self, token: str) -> None:
        """Remove the file of a dead worker, once its jobs were given back."""
        (self._folder / token).unlink(missing_ok=True)

    def leave(self) -> None:
        """Remove this process' own file."""
        self.forget(self.token)
        self._file.close()

    def _is_dead(self, path: Path) -> bool:
        if path.name == self.token or path.name.startswith("."):
            return False
        try:
            with path.open() as file:
                return _free(file)
        except FileNotFoundError:
            return False


def _free(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True
