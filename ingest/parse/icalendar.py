"""Events of iCalendar (RFC 5545) as lines: what, when, where, who."""

import re
from collections.abc import Iterator

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/calendar"
PARSER = "footnote icalendar 1"

_FOLD = re.compile(r"\r?\n[ \t]")
_PROPERTY = re.compile(
    r"(?P<name>[A-Za-z-]+)(?P<parameters>(?:;[^:\"]*(?:\"[^\"]*\")?)*):(?P<value>.*)"
)
_COMPONENTS = frozenset({"VEVENT", "VTODO", "VJOURNAL"})
_LABELS = {
    "SUMMARY": "Summary", "DTSTART": "Start", "DTEND": "End", "DUE": "Due", "DURATION": "Duration",
    "LOCATION": "Location", "ORGANIZER": "Organizer", "ATTENDEE": "Attendee", "STATUS": "Status",
    "RRULE": "Repeats", "DESCRIPTION": "Description", "COMMENT": "Comment", "URL": "URL",
    "CATEGORIES": "Categories", "CONTACT": "Contact",
}  # fmt: skip
_TIME = re.compile(r"(\d{4})(\d\d)(\d\d)(?:T(\d\d)(\d\d)(\d\d)?(Z?))?")
_ZONE = re.compile(r";TZID=\"?([^;:\"]+)", re.IGNORECASE)
_COMMON_NAME = re.compile(r";CN=(?:\"([^\"]*)\"|([^;:]*))", re.IGNORECASE)
_ESCAPE = re.compile(r"\\([\\;,nN])")
_MOST_LINES = 20_000


def is_calendar(text: str) -> bool:
    """Tell whether a text begins a calendar."""
    return text.lstrip("\ufeff \r\n").upper().startswith("BEGIN:VCALENDAR")


def parse_calendar(file: File) -> ParsedDocument:
    """Read each event, task and journal entry as a paragraph.

    Raises:
        EmptyDocumentError: no entry says anything.

    """
    text, warnings = decode(file.data)
    pieces = (TextPiece("paragraph", "\n".join(entry)) for entry in lines_of_calendar(text))
    return assemble(pieces, SourceText(MEDIA_TYPE, PARSER, warnings=warnings))


def lines_of_calendar(text: str) -> Iterator[list[str]]:
    """Yield the lines of each event, task and journal entry that says something."""
    lines: list[str] = []
    inside = 0
    alarm = 0
    for line in _FOLD.sub("", text).splitlines()[:_MOST_LINES]:
        mark, _, component = line.strip().upper().partition(":")
        if mark == "BEGIN":
            inside += component in _COMPONENTS
            alarm += component == "VALARM"
        elif mark == "END":
            alarm -= component == "VALARM"
            if component in _COMPONENTS and lines:
                yield lines
                lines = []
            inside -= component in _COMPONENTS
        elif inside > 0 and alarm <= 0 and (entry_line := _shown(line)):
            lines.append(entry_line)
    if lines:
        yield lines


def _shown(line: str) -> str:
    entry = _PROPERTY.fullmatch(line.strip())
    label = _LABELS.get(entry["name"].upper()) if entry else None
    if entry is None or label is None:
        return ""
    value = _ESCAPE.sub(lambda sign: "\n" if sign[1] in "nN" else sign[1], entry["value"]).strip()
    if label in {"Start", "End", "Due"}:
        value = _time(value, entry["parameters"])
    if label in {"Organizer", "Attendee"}:
        value = _person(value, entry["parameters"])
    return f"{label}: {value}" if value else ""


def _time(value: str, parameters: str) -> str:
    fields = _TIME.fullmatch(value)
    if fields is None:
        return value
    year, month, day, hour, minute, _, universal = fields.groups()
    zone = _ZONE.search(parameters)
    clock = f" {hour}:{minute}" if hour else ""
    place = " UTC" if universal else f" {zone[1]}" if zone and hour else ""
    return f"{year}-{month}-{day}{clock}{place}"


def _person(value: str, parameters: str) -> str:
    address = re.sub(r"^mailto:", "", value, flags=re.IGNORECASE)
    match = _COMMON_NAME.search(parameters)
    name = (match[1] or match[2] or "").strip() if match else ""
    return f"{name} <{address}>" if name and name != address else address
