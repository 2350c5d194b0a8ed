"""A parsed document to chunks: along its structure, measured in the embedder's own tokens.

Whole blocks are packed into chunks; a block that does not fit is cut into units (a sentence, a
row, a line of code, a list item), a unit that does not fit into words, a word into pieces. Each
chunk is measured once more as a whole, for some tokenizers count more for it than for its units. A
chunk that begins within a table has the table's caption and its header in its context.
"""

from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from index.embedding.embedder import Embedder
from index.types import Chunk
from ingest.chunking.units import ChunkUnit, Ruler
from ingest.types import Block, ParsedDocument

_SPECIAL_TOKENS = 2
_CONTEXT_SHARE = 4
"""The context takes at most one part in this many of a chunk's tokens."""

_DEEPEST_HEADING = 20
"""Levels of headings that are told apart: each chunk carries the whole path."""
_LONGEST_HEADING = 1000
"""Characters of a heading that its chunks carry: a file may make all of its text one heading."""

_SHOWN = 2000
"""Headings are looked for in this many characters at the start of a chunk."""


@dataclass(frozen=True, slots=True)
class ChunkingConfig:
    """How large chunks are."""

    max_tokens: int | None = None
    """Tokens of context and text together; None means what the embedder sees."""
    tiny: float = 0.25
    """A block smaller than this share of a chunk is joined with the next block."""


def chunk_limit(embedder: Embedder, config: ChunkingConfig) -> int:
    """Return the tokens of context and text that a chunk has at most."""
    most = embedder.max_tokens - _SPECIAL_TOKENS
    return max(1, min(config.max_tokens or most, most))


def chunk(
    document: ParsedDocument,
    title: str,
    embedder: Embedder,
    config: ChunkingConfig,
    *,
    check_time: Callable[[], None] = lambda: None,
) -> list[Chunk]:
    """Cut a document into chunks that the embedder sees whole.

    Every chunk's text is ``document.text[start:end]``; together the chunks hold every character
    that is not white space, in order, without overlap. The same input gives the same chunks.
    ``check_time`` is called before each measurement and may raise to end the work.
    """
    limit = chunk_limit(embedder, config)
    ruler = Ruler(document.text, embedder.count_tokens, limit, check_time)
    contexts = _Contexts(title, ruler, limit // _CONTEXT_SHARE)
    packer = _Packer(ruler, contexts, limit, int(config.tiny * limit))
    for headings, block in _with_headings(document):
        packer.add(headings, block)
    return _Finisher(document, ruler, contexts, limit).chunks(packer.runs())


Headings = tuple[str, ...]


def _with_headings(document: ParsedDocument) -> Iterator[tuple[Headings, Block]]:
    """Yield each block with the path of headings above it, its own text included for a heading."""
    path: list[tuple[int, str]] = []
    for block in document.blocks or (Block("paragraph", 0, len(document.text)),):
        if block.kind == "heading":
            block_level = min(max(1, block.level), _DEEPEST_HEADING)
            path = [(level, name) for level, name in path if level < block_level]
            name = " ".join(document.text[block.start : block.end].split())
            path.append((block_level, name[:_LONGEST_HEADING]))
        yield tuple(name for _, name in path), block


class _Contexts:
    """The context embedded with a chunk besides its text: the title and the headings above."""

    def __init__(self, title: str, ruler: Ruler, most: int) -> None:
        self._title = " ".join(title.split())
        self._ruler = ruler
        self._most = most
        self._cache: dict[tuple[str, ...], tuple[str, int]] = {}

    def of(self, headings: Headings, text: str = "") -> tuple[str, int]:
        """Return the context and its tokens, without the headings that ``text`` itself shows."""
        lines = [" ".join(line.split()) for line in text[:_SHOWN].split("\n")]
        names = [name for name in headings if name.casefold() != self._title.casefold()]
        names = list(dict.fromkeys(names))
        while names and names[-1] in lines:
            names.pop()
        if self._title and self._title not in lines:
            names.insert(0, self._title)
        key = tuple(names)
        if key not in self._cache:
            self._cache[key] = self._shorten(key)
        return self._cache[key]

    def _shorten(self, names: tuple[str, ...]) -> tuple[str, int]:
        """Leave out the outer headings first, then the last words."""
        for headings in (names, (*names[:1], *names[1:][-2:]), (*names[:1], *names[1:][-1:])):
            context = " > ".join(headings)
            if (tokens := self._ruler.count(context)) <= self._most:
                return context, tokens
        words = context.split()
        fits = bisect_left(
            range(1, len(words) + 1),
            x=True,
            key=lambda count: self._ruler.count(" ".join(words[:count])) > self._most,
        )
        context = " ".join(words[:fits])
        return context, self._ruler.count(context) if context else 0


@dataclass(frozen=True, slots=True)
class _Item:
    """A unit, and the headings that it stands below."""

    unit: ChunkUnit
    headings: Headings
    table_head: tuple[str, ...] = ()
    """Of the table that the unit is a row of: its caption and the names of its columns."""


Run = list[_Item]


class _Packer:
    """Fills one chunk after the other."""

    def __init__(self, ruler: Ruler, contexts: _Contexts, limit: int, tiny: int) -> None:
        self._ruler = ruler
        self._contexts = contexts
        self._limit = limit
        self._tiny = tiny
        self._full: list[Run] = []
        self._open: Run = []
        self._tokens = 0
        self._room = limit

    def runs(self) -> list[Run]:
        """Return the chunks' units, in order."""
        return [run for run in [*self._full, self._open] if run]

    def add(self, headings: Headings, block: Block) -> None:
        """Put a block into the open chunk, or into a new one, or cut it over several."""
        whole = self._ruler.unit(block)
        if whole is None:
            return
        if block.kind == "heading" and self._tokens >= self._tiny:
            self._close()
        table_head = self._ruler.table_head(block)
        room = self._limit - self._contexts.of((*headings, *table_head))[1]
        self._room = min(self._room, room)
        if self._tokens + whole.tokens > self._room and self._is_worth_closing(whole, room):
            self._close()
            self._room = room
        if self._tokens + whole.tokens <= self._room:
            self._append(whole, headings, table_head)
        else:
            self._spread(block, headings)

    def _is_worth_closing(self, whole: ChunkUnit, room: int) -> bool:
        return self._tokens >= self._tiny or whole.tokens <= room < self._tokens + whole.tokens

    def _spread(self, block: Block, headings: Headings) -> None:
        """Cut a block that fits nowhere into chunks of about the same size."""
        units = self._ruler.units(block, self._room)
        table_head = self._ruler.table_head(block)
        context = (*headings, *table_head)
        rest = self._tokens + sum(unit.tokens for unit in units)
        for unit in units:
            chunks = -(-rest // self._room)
            if self._tokens and (
                self._tokens + unit.tokens > self._room
                or self._tokens + unit.tokens // 2 > -(-rest // chunks)
            ):
                rest -= self._tokens
                self._close()
                self._room = self._limit - self._contexts.of(context)[1]
            self._append(unit, headings, table_head)

    def _append(
        self, unit: ChunkUnit, headings: Headings, table_head: tuple[str, ...] = ()
    ) -> None:
        self._open.append(_Item(unit, headings, table_head))
        self._tokens += unit.tokens

    def _close(self) -> None:
        """End the open chunk; headings at its end go to the next one."""
        end = len(self._open)
        while end and self._open[end - 1].unit.is_heading:
            end -= 1
        end = end or len(self._open)
        carried = self._open[end:]
        self._full.append(self._open[:end])
        self._open = carried
        self._tokens = sum(item.unit.tokens for item in carried)
        self._room = self._limit


class _Finisher:
    """Turns runs of units into chunks and holds them to the limit."""

    def __init__(
        self, document: ParsedDocument, ruler: Ruler, contexts: _Contexts, limit: int
    ) -> None:
        self._document = document
        self._ruler = ruler
        self._contexts = contexts
        self._limit = limit

    def chunks(self, runs: Sequence[Run]) -> list[Chunk]:
        """Return the chunks, numbered in order."""
        chunks: list[Chunk] = []
        for run in runs:
            self._finish(run, chunks)
        return chunks

    def _finish(self, run: Run, chunks: list[Chunk]) -> None:
        start, end = run[0].unit.start, run[-1].unit.end
        whole = self._chunk(len(chunks), start, end, run)
        if whole.tokens <= self._limit or end - start == 1:
            chunks.append(whole)
            return
        for half in _halves(run):
            self._finish(half, chunks)

    def _chunk(self, ordinal: int, start: int, end: int, run: Run) -> Chunk:
        text = self._document.text[start:end]
        headings = _path(run)
        context, _ = self._contexts.of((*headings, *run[0].table_head), text)
        indexed_text = f"{context}\n{text}" if context else text
        return Chunk(
            ordinal=ordinal,
            text=text,
            start=start,
            end=end,
            tokens=self._ruler.count(indexed_text),
            page=self._document.page_at(start),
            headings=headings,
            context=context,
        )


def _path(run: Run) -> Headings:
    """Return the headings that all of a run stands below; leading headings lead to what follows."""
    path = run[0].headings
    leading = run[0].unit.is_heading
    for item in run[1:]:
        leads = leading and item.headings[: len(path)] == path
        path = item.headings if leads else _common(path, item.headings)
        leading = leading and item.unit.is_heading
    return path


def _common(first: Headings, second: Headings) -> Headings:
    same = 0
    while same < min(len(first), len(second)) and first[same] == second[same]:
        same += 1
    return first[:same]


def _halves(run: Run) -> list[Run]:
    if len(run) > 1:
        return [run[: len(run) // 2], run[len(run) // 2 :]]
    item = run[0]
    return [[_Item(unit, item.headings, item.table_head)] for unit in item.unit.halves()]
