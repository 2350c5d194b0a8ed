"""The answer of a sandboxed child to its parent: one typed frame, never pickled, always checked.

A frame is a letter (D document, E error, B bytes), the length of a JSON header, the header, and
the rest of the stream as packed boxes or as bytes.
"""

import json
import re
import struct
from collections.abc import Iterable
from typing import Any, get_args

from index.detectors import RULES, Finding, Kind
from ingest.errors import (
    SAVE_A_NEW_COPY,
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    NoSuchPageError,
    ParseLimitError,
    UnsupportedTypeError,
)
from ingest.types import Block, BlockKind, Omission, OmissionRule, ParsedDocument, WordBox

_HEAD = struct.Struct("<cQ")
_BOX = struct.Struct("<IIIdddd")
_KINDS = frozenset(get_args(BlockKind))
_FAILURES = {
    failure.code: failure
    for failure in (
        BrokenDocumentError,
        EmptyDocumentError,
        EncryptedDocumentError,
        NoSuchPageError,
        ParseLimitError,
        UnsupportedTypeError,
    )
}
_LONGEST_MESSAGE = 500
_CLASS = re.compile(r"[A-Za-z_]\w{0,79}", re.ASCII)
"""A child that a file has taken over says what it likes: not in the log."""


def pack_document(document: ParsedDocument) -> bytes:
    """Write a parsed document as a frame."""
    header = {
        "text": document.text,
        "blocks": [[b.kind, b.start, b.end, b.level, b.page] for b in document.blocks],
        "media_type": document.media_type,
        "parser": document.parser,
        "title": document.title,
        "pages": document.pages,
        "warnings": document.warnings,
        "omissions": document.omissions,
    }
    boxes = b"".join([_BOX.pack(*box) for box in document.layout])
    return _frame(b"D", header, boxes)


def pack_error(code: str, message: str, *, cause: str = "") -> bytes:
    """Write an error as a frame; ``cause`` is the class of what a parser raised, for the log."""
    header = {"code": code, "message": message[:_LONGEST_MESSAGE], "cause": cause}
    return _frame(b"E", header, b"")


def pack_bytes(content: bytes) -> bytes:
    """Write bytes, such as a page's image, as a frame."""
    return _frame(b"B", {}, content)


def _frame(letter: bytes, header: dict[str, Any], rest: bytes) -> bytes:
    head = json.dumps(header, ensure_ascii=True).encode()
    return _HEAD.pack(letter, len(head)) + head + rest


def unpack_document(frame: bytes) -> ParsedDocument:
    """Read a document back.

    Raises:
        ParseError: what the child reported, or BrokenDocumentError for a frame that is not sound.

    """
    header, rest = _open(frame, b"D")
    try:
        return _document(header, rest)
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise _unsound() from error


def pack_findings(findings: Iterable[Finding]) -> bytes:
    """Write the findings of a text as a frame."""
    rows = [[one.kind, one.rule, one.start, one.end] for one in findings]
    return pack_bytes(json.dumps(rows).encode())


def unpack_findings(frame: bytes, length: int) -> list[Finding]:
    """Read the findings of a text of ``length`` back; raises as ``unpack_document`` does."""
    try:
        return [_finding(length, *row) for row in json.loads(unpack_bytes(frame))]
    except (KeyError, TypeError, ValueError) as error:
        raise _unsound() from error


def _finding(length: int, kind: Kind, rule: str, start: int, end: int) -> Finding:
    if rule not in RULES[kind] or not 0 <= start < end <= length:
        raise ValueError(rule)
    return Finding(kind, rule, start, end)


def unpack_bytes(frame: bytes) -> bytes:
    """Read bytes back; raises as ``unpack_document`` does."""
    return _open(frame, b"B")[1]


def _open(frame: bytes, expected: bytes) -> tuple[dict[str, Any], bytes]:
    try:
        letter, length = _HEAD.unpack_from(frame)
        header = json.loads(frame[_HEAD.size : _HEAD.size + length])
        rest = frame[_HEAD.size + length :]
        if letter == b"E":
            failure = _FAILURES[header["code"]]
            document_error = failure(str(header["message"])[:_LONGEST_MESSAGE])
            if _CLASS.fullmatch(str(header["cause"])):
                document_error.add_note(header["cause"])
    except (KeyError, TypeError, ValueError, struct.error) as error:
        raise _unsound() from error
    if letter == b"E":
        raise document_error
    if letter != expected or not isinstance(header, dict):
        raise _unsound()
    return header, rest


def _document(header: dict[str, Any], rest: bytes) -> ParsedDocument:
    text = str(header["text"])
    blocks = tuple(_block(*fields) for fields in header["blocks"])
    layout = tuple(map(WordBox._make, _BOX.iter_unpack(rest)))
    for spans in (blocks, layout):
        _check(spans, len(text))
    return ParsedDocument(
        text=text,
        blocks=blocks,
        media_type=str(header["media_type"])[:200],
        parser=str(header["parser"])[:200],
        title=None if header["title"] is None else str(header["title"])[:_LONGEST_MESSAGE],
        pages=None if header["pages"] is None else int(header["pages"]),
        layout=layout,
        warnings=tuple(str(warning)[:_LONGEST_MESSAGE] for warning in header["warnings"][:100]),
        omissions=tuple(_omission(len(text), *fields) for fields in header["omissions"]),
    )


def _omission(length: int, rule: OmissionRule, start: int) -> Omission:
    if rule not in get_args(OmissionRule) or not 0 <= start <= length:
        raise ValueError(rule)
    return Omission(rule, int(start))


def _block(kind: BlockKind, start: int, end: int, level: int, page: int | None) -> Block:
    if kind not in _KINDS:
        raise ValueError(kind)
    return Block(kind, int(start), int(end), int(level), None if page is None else int(page))


def _check(spans: tuple[Block, ...] | tuple[WordBox, ...], length: int) -> None:
    before = 0
    for span in spans:
        if not before <= span.start <= span.end <= length:
            raise ValueError(span)
        before = span.end


def _unsound() -> BrokenDocumentError:
    return BrokenDocumentError(
        f"Reading this file ended without a usable result. {SAVE_A_NEW_COPY}"
    )
