"""Whether the disks that a service writes to have room."""

import errno
import logging
import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

LEAST_FREE_BYTES = 32 << 20
"""Bytes below which a disk counts as full: the database's journal and an upload need some."""

logger = logging.getLogger(__name__)


def free_bytes(folder: Path) -> int:
    """Return the bytes that may still be written below a folder."""
    return shutil.disk_usage(folder).free


@dataclass(frozen=True, slots=True)
class DiskSpace:
    """The folders that a service writes to."""

    folders: Sequence[Path]
    measure: Callable[[Path], int] = free_bytes

    @property
    def has_room(self) -> bool:
        """Tell whether each of the folders has room; a folder that cannot be asked has none."""
        return all(self._has_room(folder) for folder in self.folders)

    @property
    def least_free_bytes(self) -> int | None:
        """Return the room on the fullest of the disks; none where one cannot be asked."""
        try:
            return min(map(self.measure, self.folders), default=None)
        except OSError:
            return None

    def _has_room(self, folder: Path) -> bool:
        try:
            return self.measure(folder) >= LEAST_FREE_BYTES
        except OSError as error:
            logger.warning(
                "%s: %s", folder, error.strerror or errno.errorcode.get(error.errno or 0)
            )
            return False
