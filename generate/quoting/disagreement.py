"""Two documents that answer a question with different values: both are shown, neither is chosen.

A sentence of another document disagrees with the best one where it says the same about the same
things and holds another number, date or name in the place of the answer. Rules, no model; what is
compared is evidence that the asker may read. The figures are in docs/quality.md.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from generate.facts.fact_tokens import Token, read_facts
from generate.facts.quantities import in_plain_numbers
from generate.quoting.candidates import Candidate
from generate.quoting.question_types import answer_kind
from generate.types import Claim, ValueKind
from index.text.analyzer import analyse
from index.text.content_terms import content_terms

_MOST_SIDES = 3
"""Values that are shown at most."""
_FAR_BEHIND = 12.0
"""A sentence that is so much worse than the best, in log odds, does not answer the question: one
that repeats the question before it answers is better than an honest one by up to so much."""
_COVERED = 0.5
"""The share of the question's terms that both sentences have."""
_ALIKE = 0.34
"""Jaccard similarity of what both say besides the values; where they cover less of the question."""
_WELL_COVERED = 0.75
_SLOT = 8
"""Words of a value that stands in the place of another one, at most."""
_SLOT_ALIKE = 0.6
_LEAST_YEAR = 1000
_TELLING = 1000
"""Smaller numbers in a title count pages, copies or chapters."""
_VALUE_KINDS: dict[str, ValueKind] = {"number": "number", "date": "date", "name": "name"}
_YEAR = re.compile(r"(?<!\d)\d{3,4}(?=s?(?:\s(?:AD|BC|BCE|CE))?\b)")
"""A year or a decade: 1871, 1990s, 800 CE."""
_REST_OF_WORD = re.compile(r"-\w+(?:\s[a-z]+)?")
"""twenty-eight days, of which a reader may have the first half alone."""
_WORD = re.compile(r"\w[\w.,'\u2019%$\u20ac\u00a3-]*\w|\w")


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence or row that answers, and the words in it that do."""

    claim: Claim
    candidate: Candidate
    score: float

    @property
    def value(self) -> str:
        """The words that answer, where they are known."""
        if not self.claim.highlights:
            return ""
        span, text = self.claim.highlights[0], self.claim.text
        rest = _REST_OF_WORD.match(text, span.end)
        return text[span.start : rest.end() if rest else span.end]

    @property
    def document(self) -> int:
        """The document that it stands in."""
        return self.claim.quotes[0].passage.chunk.document_key

    @property
    def is_authoritative(self) -> bool:
        """Whether a curator has marked that document."""
        return self.claim.quotes[0].passage.chunk.is_authoritative


@dataclass(frozen=True, slots=True)
class Side:
    """One of the values, and the sentence that gives it."""

    statement: Statement
    value: str


@dataclass(frozen=True, slots=True)
class Disagreement:
    """Documents that give different values for what was asked; authoritative ones first."""

    kind: ValueKind
    sides: tuple[Side, ...]


def find_disagreement(question: str, statements: Sequence[Statement]) -> Disagreement | None:
    """Return the values that other documents give, where they differ from the best sentence's.

    ``statements`` are in order, best first, and about what the question names.
    """
    if not statements:
        return None
    best, rest = statements[0], statements[1:]
    sides: list[Side] = []
    kind: ValueKind = "words"
    for other in rest:
        if other.document == best.document:
            continue
        difference = _difference(question, best, other)
        if difference is None:
            continue
        kind, own_value, other_value = difference
        sides = sides or [Side(best, own_value)]
        if all(_are_different(kind, side.value, other_value) for side in sides):
            sides.append(Side(other, other_value))
    if len(sides) < 2:  # noqa: PLR2004 - two sides disagree
        return None
    sides.sort(key=lambda side: not side.statement.is_authoritative)
    return Disagreement(kind, tuple(sides[:_MOST_SIDES]))


def _difference(
    question: str, best: Statement, other: Statement
) -> tuple[ValueKind, str, str] | None:
    """Return the kind and both values where two sentences differ in the answer alone."""
    if _have_other_titles(question, best, other):
        return None
    kind = _VALUE_KINDS.get(answer_kind(question).name)
    if kind and best.value and other.value and _are_different(kind, best.value, other.value):
        is_near = other.score >= best.score - _FAR_BEHIND
        if is_near and _say_the_same(question, best, other):
            return kind, best.value, other.value
    values = _exchanged_words(question, best, other)
    if values is None or (kind and not all(_is_of_kind(kind, value) for value in values)):
        return None
    if kind and values[0] in best.value and values[1] in other.value:
        values = best.value, other.value
    kind = kind or ("number" if all(_is_of_kind("number", value) for value in values) else "words")
    return (kind, *values) if _are_different(kind, *values) else None


def _is_of_kind(kind: ValueKind, value: str) -> bool:
    """Tell whether words can be the answer to a question that asks for a number, date or name."""
    if kind == "name":
        return any(word[0].isupper() for word in value.split())
    kinds = {token.kind for token in read_facts(in_plain_numbers(value))}
    if kind == "date":
        return bool(kinds & {"number", "month", "ordinal"} or _YEAR.search(value))
    return "number" in kinds


def _say_the_same(question: str, best: Statement, other: Statement) -> bool:
    """Tell whether both sentences are about the same things, their values aside."""
    question_terms = set(content_terms(question))
    own, others = _frame(best), _frame(other)
    follows = (best.candidate.follows, other.candidate.follows)
    covered = [len(question_terms & terms) / max(len(question_terms), 1) for terms in follows]
    if min(covered) < _COVERED or _are_about_others(question, best, other):
        return False
    return min(covered) >= _WELL_COVERED or _similarity(own, others) >= _ALIKE


def _frame(statement: Statement) -> set[str]:
    return set(analyse(statement.claim.text)) - set(analyse(statement.value))


def _similarity(one: set[str], other: set[str]) -> float:
    return len(one & other) / max(len(one | other), 1)


def _are_about_others(question: str, best: Statement, other: Statement) -> bool:
    """Tell whether each names a thing that the other one does not: another station, another year.

    What the question itself names is not compared.
    """
    asked_terms = set(analyse(question))
    for kinds in (("name",), ("number", "month", "ordinal")):
        own, others = (_things(statement, kinds) - asked_terms for statement in (best, other))
        if own - others and others - own:
            return True
    return False


def _have_other_titles(question: str, best: Statement, other: Statement) -> bool:
    """Tell whether they stand under other years or numbers: the reports of two years."""
    asked_terms = set(analyse(question))
    own, others = (
        {number for number in _numbers_of(statement.candidate.above) if float(number) >= _TELLING}
        - asked_terms
        for statement in (best, other)
    )
    return bool(own - others and others - own)


def _things(statement: Statement, kinds: Sequence[str]) -> set[str]:
    value = _folded(statement.value)
    return {
        term
        for token in read_facts(in_plain_numbers(statement.claim.text))
        if token.kind in kinds and not _folded(token.text) <= value
        for term in token.terms
    }


def _numbers_of(text: str) -> set[str]:
    tokens = read_facts(in_plain_numbers(text))
    return {term for token in tokens if token.kind == "number" for term in token.terms}


def _folded(text: str) -> set[str]:
    return {word.casefold() for word in _WORD.findall(in_plain_numbers(text))}


def _exchanged_words(question: str, best: Statement, other: Statement) -> tuple[str, str] | None:
    """Return the words in one place where two sentences that are else alike have others."""
    own, others = (_WORD.findall(statement.claim.text) for statement in (best, other))
    matcher = SequenceMatcher(None, [w.casefold() for w in own], [w.casefold() for w in others])
    shared_words = sum(block.size for block in matcher.get_matching_blocks())
    if shared_words < _SLOT_ALIKE * min(len(own), len(others)):
        return None
    slots = [
        (own[a:b], others[c:d])
        for tag, a, b, c, d in matcher.get_opcodes()
        if tag == "replace" and b - a <= _SLOT and d - c <= _SLOT
    ]
    values = list(_telling(question, slots))
    if len(values) != 1:
        return None
    return values[0]


def _telling(
    question: str, slots: Sequence[tuple[list[str], list[str]]]
) -> Iterator[tuple[str, str]]:
    """Yield the exchanged words that are no other wording: figures, names, words of substance."""
    question_terms = set(analyse(question))
    for own, others in slots:
        own_terms, other_terms = set(analyse(" ".join(own))), set(analyse(" ".join(others)))
        if own_terms - other_terms - question_terms and other_terms - own_terms - question_terms:
            yield " ".join(own), " ".join(others)


def _are_different(kind: ValueKind, one: str, other: str) -> bool:
    """Tell whether two values of a kind cannot both be meant."""
    tokens = [read_facts(in_plain_numbers(value)) for value in (one, other)]
    if kind == "date":
        return _are_other_days(_date_of(one, tokens[0]), _date_of(other, tokens[1]))
    if kind == "number":
        figures = [_terms(facts, "number") for facts in tokens]
        units = [_terms(facts, "unit") for facts in tokens]
        has_other_unit = bool(units[0] and units[1] and units[0] != units[1])
        return (
            bool(figures[0] and figures[1]) and not figures[0] & figures[1] and not has_other_unit
        )
    words = [set(analyse(value)) for value in (one, other)]
    return not words[0] <= words[1] and not words[1] <= words[0]


def _terms(tokens: Sequence[Token], kind: str) -> set[str]:
    return {term for token in tokens if token.kind == kind for term in token.terms}


def _date_of(value: str, tokens: Sequence[Token]) -> dict[str, set[str]]:
    numbers = _terms(tokens, "number")
    years = {number for number in numbers if float(number) >= _LEAST_YEAR}
    years |= set(_YEAR.findall(value))
    centuries = _terms(tokens, "ordinal")
    return {
        "year": years, "month": _terms(tokens, "month"), "day": numbers - years,
        "century": centuries,
    }  # fmt: skip


def _are_other_days(one: dict[str, set[str]], other: dict[str, set[str]]) -> bool:
    """Tell whether two dates differ in a part that both have."""
    return any(one[part] and other[part] and not one[part] & other[part] for part in one)
