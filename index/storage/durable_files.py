"""Write files so that a power cut leaves them whole: every durable write goes through here.

Tests use another class in its place: one records, so that a crash at each moment can be replayed,
and one fails.
"""

import os
import shutil
from pathlib import Path
from typing import BinaryIO


class Files:
    """This machine's file system."""

    def create(self, path: Path) -> BinaryIO:
        """Open a file for writing, emptied."""
        return path.open("wb")

    def sync(self, file: BinaryIO) -> None:
        """Make what was written to an open file survive a power cut."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, source: Path, target: Path) -> None:
        """Put a file in another's place, in one step."""
        source.replace(target)

    def sync_folder(self, folder: Path) -> None:
        """Make a rename or a new file in ``folder`` survive a power cut."""
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_folder(self, folder: Path) -> None:
        """Make a folder; one that is there already is fine."""
        folder.mkdir(exist_ok=True)

    def remove(self, path: Path) -> None:
        """Remove a file, or a folder and all in it; one that is gone already is fine."""
        if path.is_dir():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
