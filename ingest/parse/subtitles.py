"""Subtitles (WebVTT, SubRip) as paragraphs that begin with their time: [1:05] Ann: ..."""

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import File
from ingest.parse.common.plain_text import decode
from ingest.types import ParsedDocument

MEDIA_TYPE = "text/vtt"
PARSER = "footnote subtitles 1"

_TIME = r"(?:(\d{1,3}):)?(\d{2}):(\d{2})[.,]\d{1,3}"
_TIMING = re.compile(rf"\s*{_TIME}\s+-->\s+{_TIME}")
_BLOCKS = re.compile(r"\n[^\S\n]*\n")
_SPEAKER = re.compile(r"<v(?:\.[^\s>]+)*\s+([^>]+)>")
_TAG = re.compile(r"</?[a-z][^>]*>|<[\d:.]+>|\{\\[^}]*\}", re.IGNORECASE)
_HEAD = 20
"""Lines in which the first time stands."""
_LONG = 200
"""Characters after which a paragraph ends with its sentence."""
_LONGEST = 600
_PAUSE = 10
"""Seconds without words that end a paragraph."""
_ENDS = (".", "?", "!", "\u3002", "\uff1f", "\uff01", "\u2026", '"', "\u201d")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words on the screen, from one second to another."""

    start: int
    end: int
    speaker: str
    words: str


def is_subtitles(text: str, ending: str) -> bool:
    """Tell whether a text is WebVTT, or SubRip by its name and its first times."""
    if text.lstrip("\ufeff").startswith("WEBVTT"):
        return True
    return ending == ".srt" and any(map(_TIMING.match, text.split("\n")[:_HEAD]))


def parse_subtitles(file: File) -> ParsedDocument:
    """Read what is said; lines that roll on from one cue to the next stand once.

    Raises:
        EmptyDocumentError: nothing is said.

    """
    text, warnings = decode(file.data)
    pieces = (TextPiece("paragraph", paragraph) for paragraph in _paragraphs(_cues(text)))
    return assemble(pieces, SourceText(MEDIA_TYPE, PARSER, warnings=warnings))


def _cues(text: str) -> Iterator[Cue]:
    last = ""
    for block in _BLOCKS.split(text.replace("\r\n", "\n").replace("\r", "\n")):
        lines = block.split("\n")
        at = next((i for i, line in enumerate(lines) if _TIMING.match(line)), None)
        if at is None:
            continue
        timing = _TIMING.match(lines[at])
        assert timing is not None
        start, end = _seconds(*timing.group(1, 2, 3)), _seconds(*timing.group(4, 5, 6))
        spoken = "\n".join(lines[at + 1 :])
        voice = _SPEAKER.search(spoken)
        words = []
        for line in html.unescape(_TAG.sub("", spoken)).split("\n"):
            plain = " ".join(line.split())
            if plain and plain != last:
                words.append(plain)
                last = plain
        if words:
            yield Cue(start, end, " ".join(voice[1].split()) if voice else "", " ".join(words))


def _seconds(hours: str | None, minutes: str, seconds: str) -> int:
    return 3600 * int(hours or 0) + 60 * int(minutes) + int(seconds)


def _paragraphs(cues: Iterator[Cue]) -> Iterator[str]:
    """Join cues until the speaker changes, nobody speaks, or a long paragraph ends its sentence."""
    words: list[str] = []
    opening = last = Cue(0, 0, "", "")
    for cue in cues:
        length = sum(map(len, words))
        is_over = length > _LONGEST or (length > _LONG and last.words.endswith(_ENDS))
        if words and (is_over or cue.speaker != last.speaker or cue.start - last.end > _PAUSE):
            yield _paragraph(opening, words)
            words = []
        if not words:
            opening = cue
        words.append(cue.words)
        last = cue
    if words:
        yield _paragraph(opening, words)


def _paragraph(opening: Cue, words: list[str]) -> str:
    minutes, seconds = divmod(opening.start, 60)
    hours, minutes = divmod(minutes, 60)
    time = f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
    speaker = f"{opening.speaker}: " if opening.speaker else ""
    return f"[{time}] {speaker}{' '.join(words)}"
