"""Find what the source contradicts: other numbers, names, units, dates, the opposite word.

Rules, no model. They look only at sentences that say nearly the same as the claim: docs/quality.md
has how often they are right.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from functools import cached_property
from itertools import combinations

from generate.facts.fact_tokens import Token, read_facts
from generate.verification.antonyms import denial_differs, opposite_said, says_of_more, shuts_out
from generate.verification.negation_multilingual import denial_differs_elsewhere
from generate.verification.wording import (
    added_clause,
    excluding_modal,
    excluding_word,
)
from index.text.analyzer import analyse
from index.text.content_terms import content_terms

_SAME_MATTER = 0.6
"""The share of a claim's words from which a sentence is about the same thing."""
_SAME_SENTENCE = 0.7
"""The share from which a number that the source lacks makes the claim another one."""
_SAME_ORDER = 0.8
"""The share of a claim's words that stand in the source in this order, for exchanged names."""
_COMPARED = 3
"""Sentences of the source that a claim is laid over: those with most of its words."""
_VAGUE = frozenset({"one", "first"})
"""Words that count nothing as often as they count: "one of them", "first, light the lamp"."""
_CENTURY = 100
_LISTING = frozenset({"and", "or", "&", "with"})
"""Words around which names may change places."""
_DIGITS = re.compile(r"\d+")

_NEAR = 4
"""Tokens around a fact that must agree before two facts are held against each other."""
_SHIFT = 2
"""How far apart those tokens may have moved."""
_AGREE = 2
"""Content words among them, at least."""


def contradiction(claim: str, evidence: Sequence[str]) -> str | None:
    """Return what the evidence contradicts, in words for people, or none."""
    if not evidence:
        return None
    claim_terms = set(content_terms(claim))
    shares = [len(claim_terms.intersection(analyse(text))) / len(claim_terms) for text in evidence]
    order = sorted(range(len(evidence)), key=lambda i: -shares[i])
    nearest, alike = evidence[order[0]], shares[order[0]]
    tokens, sources = read_facts(claim), [read_facts(text) for text in evidence]
    alignments = [Alignment(tokens, sources[i]) for i in order[:_COMPARED]]
    if max(alignment.agreement for alignment in alignments) >= _SAME_MATTER and (
        differing := mismatches(alignments)
    ):
        return f"The source says {differing[0].theirs.text!r}, not {differing[0].ours.text!r}."
    if alike >= _SAME_SENTENCE and (missing := missing_figures(tokens, sources)):
        return f"The source does not have {missing[0].text!r}."
    if clause := added_clause(claim, evidence):
        return f"The source does not say {clause!r}."
    return _otherwise(claim, nearest) if alike >= _SAME_MATTER else None


def _otherwise(claim: str, nearest: str) -> str | None:
    """Say where a claim and the sentence that is most like it deny, reverse or widen each other."""
    if denial_differs(claim, nearest) and not opposite_said(claim, nearest):
        return "One side denies the other."  # "not higher" and "lower" agree
    if denial_differs_elsewhere(claim, nearest):
        return "One side denies the other."
    if shuts_out(claim, nearest):
        return "The source does not say it of that alone."
    if says_of_more(claim, nearest):
        return "The source says it of some alone."
    return _other_wording(claim, nearest)


def _other_wording(claim: str, nearest: str) -> str | None:
    """Say which word of the source the claim has in another form that excludes it."""
    if words := excluding_modal(claim, nearest) or excluding_word(claim, nearest):
        return f"The source says {words[0]!r}, not {words[1]!r}."
    alignment = Alignment(read_facts(claim), read_facts(nearest))
    if alignment.agreement >= _SAME_ORDER and names_exchanged(alignment):
        return "The source has the names the other way round."
    opposite = opposite_said(claim, nearest) and not denial_differs(claim, nearest)
    if opposite and alignment.differing <= 1:
        return "The source says the opposite."
    return None


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A fact of the claim that stands in the source's sentence as something else."""

    ours: Token
    theirs: Token


@dataclass(frozen=True)
class Alignment:
    """A claim laid over one sentence of the source: which tokens stand in the same place."""

    claim: Sequence[Token]
    source: Sequence[Token]

    @cached_property
    def pairs(self) -> dict[int, int]:
        """Return places of the claim and the places of the source that match them, in order."""
        claim_symbols, source_symbols = (
            [t.symbol for t in self.claim],
            [t.symbol for t in self.source],
        )
        blocks = SequenceMatcher(
            None, claim_symbols, source_symbols, autojunk=False
        ).get_matching_blocks()
        return {b.a + k: b.b + k for b in blocks for k in range(b.size)}

    @cached_property
    def agreement(self) -> float:
        """Return the share of the claim's content words that stand in the source in this order."""
        content = [i for i, token in enumerate(self.claim) if _is_content(token)]
        return sum(i in self.pairs for i in content) / max(len(content), 1)

    @property
    def differing(self) -> int:
        """Return how many content words of the claim do not stand in the source in this order."""
        return sum(_is_content(token) and i not in self.pairs for i, token in enumerate(self.claim))

    def facts(self) -> list[tuple[int, int]]:
        """Return the places of facts of one kind that stand among the same words."""
        enough = 1 if self.agreement == 1.0 else _AGREE
        return [
            (i, j)
            for i, j in self.pairs.items()
            if self.claim[i].kind != "word" and self._agreeing(i, j) >= enough
        ]

    def _agreeing(self, position: int, other: int) -> int:
        around = range(max(0, position - _NEAR), min(len(self.claim), position + _NEAR + 1))
        return sum(
            _is_content(self.claim[i])
            and i in self.pairs
            and abs((self.pairs[i] - other) - (i - position)) <= _SHIFT
            for i in around
        )


def mismatches(alignments: Sequence[Alignment]) -> list[Mismatch]:
    """Report the claim's facts that are others in the source where the words around agree.

    A fact that a sentence has, be it in another place, is not held against the claim: "born on 14
    April 1949" says nothing against "born on April 14".
    """
    confirmed: set[int] = set()
    differing: dict[int, Mismatch] = {}
    for alignment in alignments:
        for i, j in alignment.facts():
            if _same(alignment.claim[i], alignment.source, j):
                confirmed.add(i)
            else:
                differing.setdefault(i, Mismatch(alignment.claim[i], alignment.source[j]))
    tokens = [token for alignment in alignments for token in alignment.source]
    return [
        mismatch
        for i, mismatch in differing.items()
        if i not in confirmed and not _stands_elsewhere(mismatch.ours, tokens)
    ]


def names_exchanged(alignment: Alignment) -> bool:
    """Tell whether two names of the source have changed places: A beat B, B beat A.

    Names that are listed side by side may change places (A and B), and so do those of a passive
    (B was beaten by A).
    """
    if _has_agent(alignment.claim) != _has_agent(alignment.source):
        return False
    names = [
        (alignment.claim[i], alignment.source[j], i)
        for i, j in sorted(alignment.pairs.items())
        if alignment.claim[i].kind == alignment.source[j].kind == "name"
    ]
    moved = [(ours, theirs, i) for ours, theirs, i in names if not _alike(ours, theirs)]
    return any(
        _alike(ours, other_theirs)
        and _alike(other_ours, theirs)
        and not _LISTING.issuperset(token.text for token in alignment.claim[i + 1 : k])
        for (ours, theirs, i), (other_ours, other_theirs, k) in combinations(moved, 2)
    )


def _has_agent(tokens: Sequence[Token]) -> bool:
    return any(token.text.casefold() == "by" for token in tokens)


def _stands_elsewhere(token: Token, tokens: Sequence[Token]) -> bool:
    if token.kind not in {"name", "number"}:
        return False
    return any(token.kind == other.kind and _alike(token, other) for other in tokens)


def missing_figures(claim: Sequence[Token], sources: Sequence[Sequence[Token]]) -> list[Token]:
    """Return the claim's numbers and dates that no sentence of the source has."""
    tokens = [token for source in sources for token in source]
    digits = {f"{int(run)}" for token in tokens for run in _DIGITS.findall(token.text)}
    return [
        token
        for token in claim
        if token.kind in {"number", "ordinal", "month", "day"}
        and token.text.lower() not in _VAGUE
        and not token.terms <= digits
        and not any(token.kind == other.kind and _alike(token, other) for other in tokens)
    ]


def _is_content(token: Token) -> bool:
    return token.kind == "word" and bool(analyse(token.text))


def _same(claim_token: Token, source: Sequence[Token], position: int) -> bool:
    """Tell whether a fact is the source's, or one of those it is listed with."""
    return any(_alike(claim_token, source[j]) for j in _listed(source, position))


def _listed(source: Sequence[Token], position: int) -> list[int]:
    kind, positions = source[position].kind, [position]
    for step in (-1, 1):
        j = position + step
        while 0 <= j < len(source) and (source[j].kind == kind or source[j].text in {"and", "or"}):
            if source[j].kind == kind:
                positions.append(j)
            j += step
    return positions


def _alike(claim_token: Token, source_token: Token) -> bool:
    if claim_token.kind == source_token.kind == "name" and _another_surname(
        claim_token.text, source_token.text
    ):
        return False
    if claim_token.terms & source_token.terms:
        return True
    if claim_token.kind == "number":
        return _short_year(claim_token, source_token) or _short_year(source_token, claim_token)
    if claim_token.kind != "name":
        return False
    same_start = any(
        a[:4] == b[:4] or a.startswith(b) or b.startswith(a)
        for a in map(_without_accents, claim_token.terms)
        for b in map(_without_accents, source_token.terms)
    )
    return (
        same_start or _initials(claim_token, source_token) or _initials(source_token, claim_token)
    )


def _without_accents(term: str) -> str:
    """Return a name's term as people write it on a keyboard that lacks its letters."""
    decomposed = unicodedata.normalize("NFKD", term)
    return "".join(sign for sign in decomposed if not unicodedata.combining(sign))


def _another_surname(claim_name: str, source_name: str) -> bool:
    """Tell names of two words apart that share the first one: Anna Berg, Anna Lund."""
    (ours_first, _, ours_last), (first, _, last) = (
        claim_name.partition(" "),
        source_name.partition(" "),
    )
    both = ours_first == first and ours_last and last and " " not in ours_last + last
    our_start, start = (_without_accents(name)[:4].casefold() for name in (ours_last, last))
    return bool(both) and our_start != start


def _short_year(short: Token, long: Token) -> bool:
    """Tell whether a number is the end of a year, as in ``2018-19``."""
    small, large = (float(next(iter(token.terms))) for token in (short, long))
    return small < _CENTURY and large >= 10 * _CENTURY and large % _CENTURY == small


def _initials(short: Token, long: Token) -> bool:
    letters = "".join(word[0] for word in long.text.split() if word[0].isupper())
    return len(letters) > 1 and short.text.replace(".", "") == letters
