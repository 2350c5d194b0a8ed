"""A model's reply to claims: what each unit asserts, and the passages that it cites."""

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from itertools import pairwise

from generate.prompting.citation_markers import WrittenSentence
from generate.prompting.reply_blocks import ReplyReader, WrittenUnit
from generate.types import Assertion, Claim, Mark, Placement, Quote, Span
from index.text.analyzer import analyse
from index.text.content_terms import content_terms, has_negation
from index.text.sentence_splitter import split_sentences
from retrieve.types import Passage

_COLONS = " :\uff1a"
_COLON_SIGNS = (":", "\uff1a")
_SENTENCE_ENDS = (".", "!", "?", "\u3002", "\uff01", "\uff1f")
_ITEM_SIGN = re.compile(r"\s*(?:[-*+\u2022\u25aa\u25cf]|\(?\d{1,3}[.)])\s")
_INTRODUCED = 0.6
"""The share of an introduction's words that the source of an item must have."""
_HALF = 0.5
_GAIN = 0.15
"""A second sentence joins a quote if it covers this much more of the claim."""
_SAYS_NOTHING = frozenset(
    analyse(
        "here follow follows following below above list lists listed item items step steps point "
        "points rule rules requirement requirements reason reasons way ways thing things option "
        "options example examples instruction instructions procedure result results difference "
        "differences similarity similarities between key main detail details detailed fact facts "
        "answer answers summary overview information note notes document documents passage "
        "passages source sources text according provided given state states stated mention "
        "mentioned say says include includes including table comparison compare compared aspect "
        "aspects feature features category criterion criteria attribute property value description "
        "topic and or in as the these this that all are is can be it there"
    )
)
"""Terms of an introduction, or of a column's name, that claim nothing."""


def read_claims(pieces: Iterable[str], passages: Sequence[Passage]) -> Iterator[Claim]:
    """Map each unit of a reply to the best spans of every passage it cites.

    Markers that name no passage of this request are dropped; what cites nothing is tried on all
    passages, and verification decides.
    """
    for unit in ReplyReader().read(pieces):
        if unit.block.kind == "code":
            yield _listing_claim(unit, passages)
        elif unit.cells:
            claim = _row_claim(unit, passages)
            if claim.assertions:
                yield claim
        else:
            yield _sentence_claim(unit, passages)


def best_span(text: str, passage: Passage) -> Quote | None:
    """Return the sentence of the passage that covers most of the text, or two that adjoin."""
    spans = split_sentences(passage.text)
    if not spans:
        return None
    shares = [_coverage(text, passage.text[start:end]) for start, end in spans]
    best = max(range(len(spans)), key=shares.__getitem__)
    start, end = spans[best]
    wider = [(spans[i][0], spans[i + 1][1]) for i in (best - 1, best) if 0 <= i < len(spans) - 1]
    for first, last in wider:
        if _coverage(text, passage.text[first:last]) >= shares[best] + _GAIN:
            start, end = first, last
            break
    return Quote(passage, passage.start + start, passage.start + end)


def _sentence_claim(unit: WrittenUnit, passages: Sequence[Passage]) -> Claim:
    """Return the claim of a sentence; one under an introduction is checked together with it."""
    sentence, introduction = unit.sentence, unit.block.introduction
    placement = Placement(unit.block, unit.unit, marks=sentence.marks)
    cited_passages = _cited(sentence.text, sentence.numbers or unit.introduction_numbers, passages)
    quotes = _present(best_span(sentence.text, passage) for passage in cited_passages)
    if not introduction or _claims_nothing(introduction):
        return Claim(sentence.text, quotes, placement=placement)
    assertions = _with_introduction(introduction, sentence.text, cited_passages)
    if not has_negation(introduction):
        assertions = (Assertion(sentence.text, quotes), *assertions)
    return Claim(sentence.text, quotes, placement=placement, assertions=assertions)


def _with_introduction(
    introduction: str, item: str, cited_passages: Sequence[Passage]
) -> tuple[Assertion, ...]:
    """Return what an item says under its introduction.

    It has no quote where its source does not have the introduction: neither in the sentence itself
    nor in the line that introduces it there.
    """
    is_denied = has_negation(introduction)
    words = introduction.rstrip(_COLONS)
    terms = _claiming_terms(words)
    joint = f"{words} {_uncapitalised(item)}" if is_denied else f"{words}: {item}"
    quotes: list[Quote] = []
    for passage in cited_passages:
        span = _span_about(item, joint, passage)
        line_above = _line_above(span) if span else None
        source_quotes = [quote for quote in (span, line_above) if quote]
        if span and _share(terms, span.text) >= _INTRODUCED:
            source_quotes = [span]
        source = " ".join(quote.text for quote in source_quotes)
        if _share(terms, source) >= _INTRODUCED and (not is_denied or has_negation(source)):
            quotes += source_quotes
    return (Assertion(joint, _present(quotes)),)


def _row_claim(unit: WrittenUnit, passages: Sequence[Passage]) -> Claim:
    """Return the claim of a row; each of its cells is asserted with its name and its column."""
    text, cells = _join_cells([cell.text for cell in unit.cells])
    marks = tuple(
        Mark(mark.kind, span.start + mark.start, span.start + mark.end)
        for cell, span in zip(unit.cells, cells, strict=True)
        for mark in cell.marks
    )
    assertions = tuple(
        _cell_assertion(name, cell, unit.sentence.numbers, passages)
        for name, cell in _named_cells(unit)
    )
    quotes = tuple(quote for assertion in assertions for quote in assertion.quotes)
    placement = Placement(unit.block, unit.unit, cells, marks)
    return Claim(text, quotes, placement=placement, assertions=assertions)


def _named_cells(unit: WrittenUnit) -> list[tuple[str, WrittenSentence]]:
    """Return the cells that say something, each with the words that name its row and its column."""
    header = unit.block.header or ("",) * len(unit.cells)
    names = ["" if _claims_nothing(name) else _uncapitalised(name) for name in header]
    if len(unit.cells) == 1:
        return [(names[0], unit.cells[0])] if unit.cells[0].text else []
    key = unit.cells[0].text
    row_name = f"{names[0]} {key}".strip() if key else ""
    return [
        (f"{row_name} {name}".strip(), cell)
        for name, cell in zip(names[1:], unit.cells[1:], strict=True)
        if cell.text
    ]


def _cell_assertion(
    name: str, cell: WrittenSentence, row_numbers: Sequence[int], passages: Sequence[Passage]
) -> Assertion:
    """Return what a cell says, with the sentences that tell of its row and its column.

    A sentence that has less than half of the cell's words is no quote of it.
    """
    statement = f"{name}: {cell.text}" if name else cell.text
    cited_passages = _cited(statement, cell.numbers or row_numbers, passages)
    quotes = _present(_span_about(name, statement, passage) for passage in cited_passages)
    return Assertion(statement, tuple(q for q in quotes if _coverage(cell.text, q.text) >= _HALF))


def _span_about(name: str, statement: str, passage: Passage) -> Quote | None:
    """Return the sentence with most of a name's words, then with most of what is said of it.

    Two that adjoin are taken only where they have more of the name than any one: otherwise the
    value of one row would stand for another one's.
    """
    spans = split_sentences(passage.text)
    pairs = [(first[0], second[1]) for first, second in pairwise(spans)]

    def rank(span: tuple[int, int]) -> tuple[float, bool, float]:
        text = passage.text[span[0] : span[1]]
        return _coverage(name, text), span in spans, _coverage(statement, text)

    if not spans:
        return None
    start, end = max([*spans, *pairs], key=rank)
    return Quote(passage, passage.start + start, passage.start + end)


def _listing_claim(unit: WrittenUnit, passages: Sequence[Passage]) -> Claim:
    """Return the claim of a listing: its lines stand in a passage word for word, or it has none."""
    text = "\n".join(line.rstrip() for line in unit.sentence.text.split("\n")).strip("\n")
    words = [re.escape(word) for word in text.split()]
    pattern = re.compile(r"\s+".join(words))
    matches = ((passage, pattern.search(passage.text)) for passage in passages)
    quotes = [
        Quote(passage, passage.start + match.start(), passage.start + match.end())
        for passage, match in matches
        if match
    ]
    return Claim(text, tuple(quotes[:1]), placement=Placement(unit.block, unit.unit))


def _cited(text: str, numbers: Sequence[int], passages: Sequence[Passage]) -> list[Passage]:
    """Return the passages that markers name, or the one with most of the text's words."""
    cited_passages = [passages[n - 1] for n in numbers if 1 <= n <= len(passages)]
    return cited_passages or [max(passages, key=lambda p: _coverage(text, p.text))]


def _present(quotes: Iterable[Quote | None]) -> tuple[Quote, ...]:
    """Return the quotes that there are, each place once."""
    distinct = {(q.passage.chunk.key, q.start, q.end): q for q in quotes if q is not None}
    return tuple(distinct.values())


def _line_above(quote: Quote) -> Quote | None:
    """Return the nearest line above a quote that introduces what stands below: no whole sentence.

    Items of the list that the quote stands in are passed over.
    """
    passage = quote.passage
    end = quote.start - passage.start
    for start, stop in reversed(split_sentences(passage.text[:end])):
        text = passage.text[start:stop]
        if text.endswith(_COLON_SIGNS) or not (
            text.endswith(_SENTENCE_ENDS) or _ITEM_SIGN.match(text)
        ):
            return Quote(passage, passage.start + start, passage.start + stop)
    return None


def _join_cells(cells: Sequence[str]) -> tuple[str, tuple[Span, ...]]:
    """Return a row as one line, with a bar between cells, and where each cell stands in it."""
    text, spans = "", []
    for index, cell in enumerate(cells):
        if index:
            text += " |" if text else "|"
        if text and cell:
            text += " "
        spans.append(Span(len(text), len(text) + len(cell)))
        text += cell
    return text, tuple(spans)


def _claims_nothing(words: str) -> bool:
    return not _claiming_terms(words) and not has_negation(words)


def _claiming_terms(words: str) -> set[str]:
    return set(content_terms(words)) - _SAYS_NOTHING


def _uncapitalised(name: str) -> str:
    """Write a column's name as a word in a sentence; an abbreviation stays as it is."""
    return name if name[1:2].isupper() else f"{name[:1].lower()}{name[1:]}"


def _coverage(claim: str, text: str) -> float:
    return _share(set(content_terms(claim)), text)


def _share(terms: Collection[str], text: str) -> float:
    """Return the share of the terms that a text has."""
    return len(set(terms).intersection(analyse(text))) / max(len(terms), 1)
