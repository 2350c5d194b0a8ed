"""Compare the things that the question names with the candidates: which are about them or others.

A sentence about invoice 4471 goes where another one tells of invoice 4472, which was asked for; a
row goes where another row has the asked key. What nothing holds is told, so that no answer is
given about another thing.
"""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from generate.quoting.candidates import Candidate
from generate.quoting.contrasting_words import contrasts
from generate.quoting.named_things import NamedText, NamedThing, named_things
from generate.quoting.statement_terms import other_names
from generate.quoting.table_rows import CellMatch, match_row
from index.text.analyzer import analyse
from index.text.content_terms import content_terms


@dataclass(frozen=True, slots=True)
class Focus:
    """The candidates that may answer, and how each meets what the question names."""

    things: tuple[NamedThing, ...]
    pool: tuple[Candidate, ...]
    cells: dict[str, CellMatch]
    """Of the rows in the pool, by their text."""
    passages: frozenset[str] = frozenset()
    """The texts that the candidates come from."""

    def lacking(self, candidate: Candidate) -> tuple[NamedThing, ...]:
        """Return the things that stand neither in the sentence nor in what is around it."""
        return tuple(thing for thing in self.things if not _stands_at(thing, candidate))

    def is_absent(self, thing: NamedThing) -> bool:
        """Tell whether nothing in the evidence is about the thing: it is not there at all."""
        return thing.is_strict or not any(
            thing.stands_in(NamedText(passage_text)) for passage_text in self.passages
        )

    def cell(self, candidate: Candidate) -> CellMatch:
        """Return how the question finds a row; nothing for what is no row."""
        return self.cells.get(candidate.text, CellMatch()) if candidate.row else CellMatch()


def focus(question: str, pool: Sequence[Candidate]) -> Focus:
    """Narrow the candidates to those that are about the things and the row asked for."""
    things = (*named_things(question), *contrasts(question))
    passages = frozenset(candidate.quote.passage.text for candidate in pool)
    for thing in things:
        pool = _about(thing, pool)
    cells = _cells(question, pool)
    highest = max((match.key for match in cells.values()), default=0.0)
    if highest > 0:
        pool = [c for c in pool if c.row is None or cells[c.text].key >= highest]
    return Focus(things, tuple(pool), cells, passages)


def _about(thing: NamedThing, pool: Sequence[Candidate]) -> Sequence[Candidate]:
    """Leave out what is about another of its kind, where something is about the thing."""
    if not any(_stands_near(thing, candidate) for candidate in pool):
        return pool
    return [candidate for candidate in pool if not _is_about_another(thing, candidate)]


def _is_about_another(thing: NamedThing, candidate: Candidate) -> bool:
    own = NamedText(candidate.text)
    if thing.stands_in(own):
        return False
    return thing.is_rivalled_in(own) or thing.is_rivalled_in(NamedText(candidate.heading))


def _stands_near(thing: NamedThing, candidate: Candidate) -> bool:
    """Tell whether the thing stands in the sentence or in what it stands under."""
    return thing.stands_in(NamedText(candidate.text)) or thing.stands_in(NamedText(candidate.above))


def _stands_at(thing: NamedThing, candidate: Candidate) -> bool:
    """Tell whether the thing stands there, or so near that the sentence may be about it."""
    if _stands_near(thing, candidate):
        return True
    if thing.is_rivalled_in(NamedText(candidate.text)):
        return False
    if thing.kind == "contrast":
        return True
    if thing.kind == "name":
        return thing.stands_in(NamedText(candidate.before + candidate.neighbours))
    return thing.stands_in(NamedText(candidate.neighbours))


def _cells(question: str, pool: Sequence[Candidate]) -> dict[str, CellMatch]:
    """Match every row with the question; rarity is counted over the rows alone."""
    rows = [candidate for candidate in pool if candidate.row]
    terms = [frozenset(analyse(candidate.text)) for candidate in rows]
    question_terms = _terms_for_rows(question, frozenset().union(*terms))
    counts = Counter(term for row in terms for term in row)
    counts.update(dict.fromkeys(question_terms, 0))
    total = len(rows)
    rarity = {term: log(1 + (total - n + 0.5) / (n + 0.5)) for term, n in counts.items()}
    return {c.text: match_row(c.row, question_terms.keys(), rarity) for c in rows if c.row}


def _terms_for_rows(question: str, row_terms: frozenset[str]) -> dict[str, None]:
    """Return the question's content terms; lines of statements by their other names, too."""
    question_terms = dict.fromkeys(content_terms(question))
    for name in other_names(question):
        if row_terms.issuperset(analyse(name)):
            question_terms.update(dict.fromkeys(analyse(name)))
    return question_terms
