"""Text boxes and comments of Excel 97 to 2003, which xlrd passes over.

They stand in the workbook's stream as TxO records ([MS-XLS] 2.4.329), each followed by its letters
in Continue records ([MS-XLS] 2.4.58).
"""

import struct
from collections.abc import Iterator

_HEAD = struct.Struct("<HH")
_LETTERS = struct.Struct("<10xH")
_TXO, _CONTINUE = 0x01B6, 0x003C
_WIDE = 1


def texts_of_objects(stream: bytes) -> Iterator[str]:
    """Yield the text of each object that has some, in order; what is cut off is left out."""
    left, text = 0, ""
    for kind, content in _records(stream):
        if kind == _TXO and len(content) >= _LETTERS.size:
            left, text = _LETTERS.unpack_from(content)[0], ""
        elif kind != _CONTINUE:
            left = 0
        elif left > 0 and len(content) > 1:
            part = _decoded(content)
            text, left = text + part[:left], left - len(part)
            if left <= 0:
                yield text


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    place = 0
    while place + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, place)
        place += _HEAD.size
        yield kind, stream[place : place + size]
        place += size


def _decoded(content: bytes) -> str:
    encoding = "utf-16-le" if content[0] & _WIDE else "latin-1"
    return content[1:].decode(encoding, "replace")
