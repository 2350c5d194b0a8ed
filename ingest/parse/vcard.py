"""Contacts of vCard (RFC 6350) as lines below the person's name."""

import quopri
import re
from collections.abc import Iterator

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/vcard"
PARSER = "footnote vcard 1"

_FOLD = re.compile(r"\r?\n[ \t]")
_SOFT_BREAK = re.compile(r"=\r?\n")
_PROPERTY = re.compile(
    r"(?:[\w-]+\.)?(?P<name>[A-Za-z-]+)(?P<parameters>(?:;(?:[^:;\"]|\"[^\"]*\")*)*):(?P<value>.*)"
)
_LABELS = {
    "NICKNAME": "Nickname", "ORG": "Organisation", "TITLE": "Title", "ROLE": "Role",
    "TEL": "Telephone", "EMAIL": "Email", "ADR": "Address", "URL": "URL", "BDAY": "Birthday",
    "ANNIVERSARY": "Anniversary", "NOTE": "Note", "CATEGORIES": "Categories", "TZ": "Time zone",
    "LANG": "Language", "IMPP": "Messenger", "RELATED": "Related",
}  # fmt: skip
_KINDS = ("home", "work", "cell", "fax", "pager", "main")
_SPLIT = re.compile(r"(?<!\\);")
_ESCAPE = re.compile(r"\\([\\;,:nN])")
_MOST_LINES = 500_000


def is_vcard(text: str) -> bool:
    """Tell whether a text begins a contact."""
    return text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCARD")


def parse_vcard(file: File) -> ParsedDocument:
    """Read each contact: the name as a heading, a line for everything else; pictures are left out.

    Raises:
        EmptyDocumentError: no contact says anything.

    """
    text, warnings = decode(file.data)
    return assemble(_pieces(text), SourceText(MEDIA_TYPE, PARSER, warnings=warnings))


def _pieces(text: str) -> Iterator[TextPiece]:
    name, lines = "", list[str]()
    for line in _FOLD.sub("", _SOFT_BREAK.sub("", text)).splitlines()[:_MOST_LINES]:
        entry = _PROPERTY.fullmatch(line.strip())
        if entry is None:
            continue
        label, raw = entry["name"].upper(), _decoded(entry["value"], entry["parameters"])
        value = _value(raw)
        if label == "END":
            yield from _contact(name, lines)
            name, lines = "", []
        elif label == "FN" or (label == "N" and not name):
            name = value if label == "FN" else _in_speech(raw)
        elif label in _LABELS and value:
            lines.append(f"{_LABELS[label]}{_kind(entry['parameters'])}: {value}")
    yield from _contact(name, lines)


def _contact(name: str, lines: list[str]) -> Iterator[TextPiece]:
    if name:
        yield TextPiece("heading", name, 1)
    if lines:
        yield TextPiece("paragraph", "\n".join(lines))


def _decoded(value: str, parameters: str) -> str:
    if "QUOTED-PRINTABLE" not in parameters.upper():
        return value
    return quopri.decodestring(value.encode("utf-8")).decode("utf-8", "replace")


def _value(value: str) -> str:
    """Return a value as people write it: parts with commas, escapes as what they stand for."""
    value = re.sub(r"^(?:mailto|tel):", "", value, flags=re.IGNORECASE)
    components = [_unescaped(part).strip() for part in _SPLIT.split(value)]
    return ", ".join(part for part in components if part)


def _in_speech(value: str) -> str:
    """Return a structured name, family first, in the order of speech."""
    components = [_unescaped(part).strip() for part in _SPLIT.split(value)] + [""] * 5
    family, forename, more, before, after = components[:5]
    return " ".join(part for part in (before, forename, more, family, after) if part)


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], text)


def _kind(parameters: str) -> str:
    words = set(re.findall(r"[a-z]+", parameters.lower()))
    kinds = [kind for kind in _KINDS if kind in words]
    return f" ({', '.join(kinds)})" if kinds else ""
