"""Small words that change who does what, what is allowed, and what is added to a sentence.

Rules over a claim and the sentence of the source that is most like it. docs/quality.md has how
often each finds an alteration, and how often it fires on a true sentence.
"""

import re
from collections.abc import Sequence
from difflib import SequenceMatcher

from index.text.analyzer import analyse
from index.text.content_terms import content_terms

_WORD = re.compile(r"[^\W_]+(?:['\u2019-][^\W_]+)*")

_EXCLUDING_WORDS = (
    {"by", "to"}, {"from", "to"}, {"with", "without"}, {"before", "after"}, {"above", "below"},
    {"over", "under"}, {"inside", "outside"}, {"into", "from"}, {"for", "against"},
    {"less", "more"}, {"least", "most"}, {"first", "last"},
)  # fmt: skip
"""Pairs of which only one can be true in the same place."""

_MODAL = re.compile(
    r"\b(?:(?P<forbidden>(?:must|may|can|shall|should)\s?not|cannot|can't|mustn't|(?:is|are)\s(?:not\s"
    r"(?:allowed|permitted)|forbidden|prohibited)\sto)"
    r"|(?P<exempt>need\snot|needn't|(?:do|does)\snot\s(?:have|need)\sto)"
    r"|(?P<required>must|shall|(?:has|have)\sto|(?:is|are)\srequired\sto)"
    r"|(?P<allowed>may|can|(?:is|are)\s(?:allowed|permitted)\sto))\s+(?P<verb>[^\W\d_]+)",
    re.IGNORECASE,
)
_EXCLUDING_MODALS = (
    {"forbidden", "allowed"}, {"forbidden", "required"}, {"required", "exempt"},
    {"required", "allowed"},
)  # fmt: skip

_ADDITION = re.compile(
    r",\s(?P<clause>(?:who|whose|whom|which)\s[^,.;]+|(?:an?|the)\s[^\W\d_]+(?:\s[^\W\d_]+){0,3})"
    r"(?=,|[.!?]?$)",
    re.IGNORECASE,
)
"""A relative clause, or an apposition of a few words."""
_LONGEST_ADDITION = 6
"""Content terms; more of them are a statement of their own, which the words' share judges."""
_REST_COVERED = 0.8
"""The share of the claim's other terms that the source has where a clause was added."""


def excluding_word(claim: str, source: str) -> tuple[str, str] | None:
    """Return the source's small word and the claim's that excludes it in the same place."""
    claim_words, source_words = (_WORD.findall(text.casefold()) for text in (claim, source))
    matcher = SequenceMatcher(None, source_words, claim_words, autojunk=False)
    for operation, i, i_end, j, j_end in matcher.get_opcodes():
        if operation == "replace" and i_end - i == j_end - j == 1:
            words = {source_words[i], claim_words[j]}
            if words in _EXCLUDING_WORDS and _stands_alike(claim_words, j, source_words, i):
                return source_words[i], claim_words[j]
    return None


def _stands_alike(claim: Sequence[str], j: int, source: Sequence[str], i: int) -> bool:
    """Tell whether the words before and behind two places are the same."""
    before = i > 0 and j > 0 and source[i - 1] == claim[j - 1]
    behind = i + 1 < len(source) and j + 1 < len(claim) and source[i + 1] == claim[j + 1]
    return before and behind


def excluding_modal(claim: str, source: str) -> tuple[str, str] | None:
    """Return what the source demands or allows where the claim says the contrary of one verb."""
    demands = {verb: (kind, modal) for kind, verb, modal in _modals(source)}
    for kind, verb, modal in _modals(claim):
        if verb in demands and {kind, demands[verb][0]} in _EXCLUDING_MODALS:
            return demands[verb][1], modal
    return None


def _modals(text: str) -> list[tuple[str, str, str]]:
    modals = []
    for match in _MODAL.finditer(text):
        kind = next(name for name, value in match.groupdict().items() if value and name != "verb")
        terms = analyse(match["verb"])
        if terms:
            modals.append((kind, terms[0], match[0]))
    return modals


def added_clause(claim: str, evidence: Sequence[str]) -> str | None:
    """Return a clause of the claim of which the source has no word, where it has all the rest."""
    evidence_terms = {term for text in evidence for term in analyse(text)}
    for match in _ADDITION.finditer(claim):
        own = set(content_terms(match["clause"]))
        rest = set(content_terms(claim[: match.start()] + claim[match.end() :]))
        is_short = 0 < len(own) <= _LONGEST_ADDITION
        if (
            is_short
            and not own & evidence_terms
            and len(rest & evidence_terms) >= _REST_COVERED * len(rest)
        ):
            return match["clause"]
    return None
