"""Quotes to locations: what a citation needs to be found again, read under the asker's rights."""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from generate.types import PageBox, Quote
from index.errors import StaleViewError
from index.library import Library
from index.reader import Reader
from index.text.table_headers import CELL_GAP, caption_start, joined_header
from index.types import Scope, StoredChunk

_REACH = 4
"""How far a passage may be widened around its chunk, in chunks."""
_TABLE = 500_000
"""How far above a row its header is looked for, in characters."""


@dataclass(frozen=True, slots=True)
class SourceLocation:
    """Where a quote stands, as the store has it at this moment."""

    quote: Quote
    chunk: StoredChunk
    """The chunk that holds the quote's first character."""
    page: int | None
    boxes: tuple[PageBox, ...]


class Citer:
    """Looks quotes up in the store for one asker; nothing is remembered between look-ups."""

    def __init__(self, library: Library, scope: Scope) -> None:
        self._library = library
        self._scope = scope

    def locate(self, quotes: Sequence[Quote]) -> list[SourceLocation]:
        """Return the locations of those quotes that the asker may still read, word for word.

        A quote whose document was deleted, replaced or withdrawn since it was found is left out.
        """
        locations = []
        with self._library.read(self._scope) as reader:
            for quote in quotes:
                try:
                    location = _locate(quote, reader)
                except StaleViewError:
                    continue
                if location is not None:
                    locations.append(location)
        return locations

    def table_header(self, row: Quote) -> Quote | None:
        """Return caption and header of the table that a quoted row stands in, however far above."""
        first = max(0, row.start - _TABLE)
        with suppress(StaleViewError), self._library.read(self._scope) as reader:
            text = reader.document_text(row.passage.chunk.document_key, first, row.start)
            start = _table_start(text)
            end = start + _header_length(text[start:])
            start = caption_start(text, start)
            header = text[start:end].rstrip()
            start += first
            passage = replace(row.passage, text=header, start=start, end=start + len(header))
            return Quote(passage, start, passage.end) if header else None
        return None


def _header_length(table: str) -> int:
    """Return how long the header is: one row, or two where the first groups columns."""
    first, _, rest = table.partition("\n")
    second = rest.partition("\n")[0]
    return len(first) + (1 + len(second) if joined_header(first, second) else 0)


def _table_start(text: str) -> int:
    """Return where the run of rows begins that a text ends with."""
    start = len(text)
    while start > 0:
        line = text.rfind("\n", 0, start - 1) + 1
        if CELL_GAP not in f" {text[line:start]}":
            break
        start = line
    return start


def _locate(quote: Quote, reader: Reader) -> SourceLocation | None:
    key = quote.passage.chunk.document_key
    chunk = _holder(quote, reader)
    if reader.document_text(key, quote.start, quote.end) != quote.text:
        return None
    boxes = tuple(
        PageBox(box.page, box.x0, box.y0, box.x1, box.y1)
        for box in reader.boxes(key, quote.start, quote.end)
    )
    return SourceLocation(quote, chunk, boxes[0].page if boxes else chunk.page, boxes)


def _holder(quote: Quote, reader: Reader) -> StoredChunk:
    """Return the chunk with the quote's first character, checking access again."""
    (holder,) = reader.chunks([quote.passage.chunk.key])
    if holder.start <= quote.start < holder.end:
        return holder
    around = reader.neighbours(holder, _REACH)
    return next((chunk for chunk in around if chunk.start <= quote.start < chunk.end), holder)
