"""PowerPoint's binary files ([MS-PPT], 97 to 2003): their records, and where objects stand.

A file is saved by adding to its end. Each save says where the objects that it has changed stand;
the newest place of an object counts.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import islice

from ingest.errors import BrokenDocumentError, EncryptedDocumentError

_HEADER = 8
_CONTAINER = 0xF
_USER_EDIT, _DIRECTORY = 0x0FF5, 0x1772
_ENCRYPTED_TOKEN = 0xF3D1C4DF
_ENCRYPTED_EDIT = 0x20
"""The length of an edit that names a key."""
_MOST_EDITS = 10_000
_DEEPEST = 40


@dataclass(frozen=True, slots=True)
class Record:
    """A record: what it is, and its bytes without the header."""

    kind: int
    instance: int
    is_container: bool
    data: bytes

    def children(self) -> Iterator["Record"]:
        """Yield the records in a container; one that breaks off ends them."""
        yield from records(self.data) if self.is_container else ()

    def all_of(self, *kinds: int, depth: int = 0) -> Iterator["Record"]:
        """Yield the records of these kinds at any depth, in the order of the file."""
        for child in self.children():
            if child.kind in kinds:
                yield child
            elif depth < _DEEPEST:
                yield from child.all_of(*kinds, depth=depth + 1)

    def child(self, kind: int) -> "Record | None":
        """Return the first record of a kind in the container."""
        return next((one for one in self.children() if one.kind == kind), None)


def records(data: bytes, at: int = 0) -> Iterator[Record]:
    """Yield the records that stand one after the other."""
    while at + _HEADER <= len(data):
        head, kind, length = struct.unpack_from("<HHI", data, at)
        at += _HEADER
        body = data[at : at + length]
        yield Record(kind, head >> 4, (head & _CONTAINER) == _CONTAINER, body)
        if len(body) < length:
            return
        at += length


class PowerPointBinary:
    """The streams of a file: its document and its slides by their numbers."""

    def __init__(self, user: bytes, document: bytes) -> None:
        """Take the streams "Current User" and "PowerPoint Document".

        Raises:
            EncryptedDocumentError: it needs a password.

        """
        self._stream = document
        token, newest = struct.unpack_from("<II", user, 12)
        self._newest = newest
        if token == _ENCRYPTED_TOKEN or any(len(e.data) >= _ENCRYPTED_EDIT for e in self._edits()):
            raise EncryptedDocumentError(
                "This presentation is protected by a password. Upload a copy without one."
            )

    def _edits(self) -> Iterator[Record]:
        """Yield what each save says, the newest first."""
        at, visits = self._newest, set[int]()
        while at not in visits and len(visits) < _MOST_EDITS:
            visits.add(at)
            edit = next(records(self._stream, at), None)
            if edit is None or edit.kind != _USER_EDIT:
                return
            yield edit
            (at,) = struct.unpack_from("<I", edit.data, 8)
            if not at:
                return

    @cached_property
    def _places(self) -> dict[int, int]:
        places: dict[int, int] = {}
        for edit in self._edits():
            (at,) = struct.unpack_from("<I", edit.data, 12)
            directory = next(records(self._stream, at), None)
            if directory is not None and directory.kind == _DIRECTORY:
                places = dict(_entries(directory.data)) | places
        return places

    def document(self) -> Record:
        """Return the document, which names its slides.

        Raises:
            BrokenDocumentError: it cannot be located.

        """
        edit = next(self._edits(), None)
        number = struct.unpack_from("<I", edit.data, 16)[0] if edit else None
        document = self.object(number) if number is not None else None
        if document is None:
            raise BrokenDocumentError("This presentation is damaged: its slides cannot be located.")
        return document

    def objects_of(self, kind: int) -> Iterator[Record]:
        """Yield each object of a kind as it was saved last, in the order of the file."""
        for place in sorted(set(self._places.values())):
            if int.from_bytes(self._stream[place + 2 : place + 4], "little") == kind:
                yield from islice(records(self._stream, place), 1)

    def object(self, number: int) -> Record | None:
        """Return the object of a number, as it was saved last."""
        place = self._places.get(number)
        return None if place is None else next(records(self._stream, place), None)


def _entries(directory: bytes) -> Iterator[tuple[int, int]]:
    """Yield numbers and places: runs of places, each led by its first number and its length."""
    at = 0
    while at + 4 <= len(directory):
        (head,) = struct.unpack_from("<I", directory, at)
        first, count = head & 0xFFFFF, head >> 20
        at += 4
        for number in range(first, first + count):
            if at + 4 > len(directory):
                return
            yield number, struct.unpack_from("<I", directory, at)[0]
            at += 4
