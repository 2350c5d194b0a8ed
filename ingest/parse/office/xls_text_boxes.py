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
    missing, text = 0, ""
    for kind, content in _records(stream):
        if kind == _TXO and len(content) >= _LETTERS.size:
            missing, text = _LETTERS.unpack_from(content)[0], ""
        elif kind != _CONTINUE:
            missing = 0
        if kind != _CONTINUE or missing <= 0 or len(content) <= 1:
            continue
        letters = _decode(content)
        text, missing = text + letters[:missing], missing - len(letters)
        if missing <= 0:
            yield text


def _records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    position = 0
    while position + _HEAD.size <= len(stream):
        kind, size = _HEAD.unpack_from(stream, position)
        position += _HEAD.size
        yield kind, stream[position : position + size]
        position += size


def _decode(content: bytes) -> str:
    encoding = "utf-16-le" if content[0] & _WIDE else "latin-1"
    return content[1:].decode(encoding, "replace")
