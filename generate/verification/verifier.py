"""Does the evidence support the claim? The port, and the default that aligns words and meaning."""

import re
from collections.abc import Iterable, Sequence
from math import exp
from typing import Protocol

from generate.facts.fact_tokens import read_facts
from generate.facts.quantities import in_plain_numbers
from generate.types import Judgement, Verdict
from generate.verification.antonyms import denial_differs
from generate.verification.contradiction import contradiction
from generate.verification.value_binding import bound_elsewhere
from index.embedding.embedder import Embedder
from index.text.analyzer import analyse
from index.text.content_terms import content_terms, names, numbers, stated_numbers

_SUPPORTED = 0.5
_PARTIAL = 0.2
"""Scores from which a claim is supported, or partly so; see docs/quality.md for their rates."""
_CONTRADICTED = 0.2
"""The factor for a score whose source says otherwise; the product is below ``_PARTIAL``."""


class Verifier(Protocol):
    """Judges one claim by its evidence."""

    name: str

    def verify(self, claim: str, evidence: Sequence[str]) -> Judgement:
        """Judge whether the evidence, given as sentences or short spans, supports the claim."""
        ...


def judge(
    verifier: Verifier, claim: str, evidence: Sequence[str], passages: Sequence[str] = ()
) -> Judgement:
    """Ask the verifier, unless the evidence holds the claim word for word.

    ``passages`` are those that the evidence stands in: they support nothing, but one of their
    sentences may have the claim's words with another value.
    """
    if not analyse(claim):
        return Judgement("unsupported", 0.0, "The sentence says nothing that could be checked.")
    if address := _foreign_address(claim, evidence):
        return Judgement("unsupported", 0.0, f"The source does not have the address {address!r}.")
    if any(_holds(text, claim) and not denial_differs(claim, text) for text in evidence):
        return Judgement("supported", 1.0, "The source says it word for word.")
    if passages and (reason := bound_elsewhere(claim, evidence, passages)):
        return Judgement("unsupported", 0.0, reason)
    return verifier.verify(claim, evidence)


_ADDRESS = re.compile(
    r"(?:https?://|www\.|mailto:)[^\s<>\"')\]]+|[\w.+-]+@[\w-]+\.[\w.-]+", re.IGNORECASE
)


def _foreign_address(claim: str, evidence: Sequence[str]) -> str | None:
    """Return an address of the claim that no source has: no word's likeness stands in for it."""
    source_text = " ".join(evidence).casefold()
    addresses = (address.rstrip(".,;:!?") for address in _ADDRESS.findall(claim))
    return next((address for address in addresses if address.casefold() not in source_text), None)


def verdict_of(score: float) -> Verdict:
    """Turn a score in [0, 1] into a verdict."""
    if score >= _SUPPORTED:
        return "supported"
    return "partial" if score >= _PARTIAL else "unsupported"


class AlignmentVerifier:
    """Four features in a logistic model, and rules for contradictions; no other weights.

    The share of the claim's terms that at most three sentences cover, the highest cosine of a
    sentence, names and numbers of the claim that no sentence has. Weights fitted on WiCE dev
    (Kamoi et al. 2023), AUROC .83 cross-fitted by claim: docs/quality.md.
    """

    name = "alignment"

    def __init__(self, embedder: Embedder, *, embedded: int = 16) -> None:
        self._embedder = embedder
        self._embedded = embedded

    def verify(self, claim: str, evidence: Sequence[str]) -> Judgement:
        """Align the claim with the sentences; what the source says otherwise is never support."""
        original_texts = [claim, *evidence]
        claim, *evidence = map(in_plain_numbers, original_texts)
        terms = [frozenset(analyse(text)) for text in evidence]
        claimed = dict.fromkeys(content_terms(claim))
        if not claimed or not evidence:
            return Judgement("unsupported", 0.0, "There is nothing to compare.")
        order = sorted(range(len(terms)), key=lambda i: -len(terms[i] & claimed.keys()))
        likely = order[: self._embedded]
        vectors = self._embedder.embed(
            [original_texts[0], *(original_texts[i + 1] for i in likely)]
        )
        similarities = vectors[1:] @ vectors[0]
        missing_names = names(claim).difference(*terms)
        missing_numbers = _missing_numbers(claim, evidence)
        score = _logistic(
            _BIAS
            + _COVERAGE * _covered(claimed, terms)
            + _COSINE * float(similarities.max())
            + _NAME * min(len(missing_names), 3)
            + _NUMBER * min(len(missing_numbers), 3)
        )
        if (contrary := contradiction(claim, evidence)) is not None:
            return Judgement("unsupported", _CONTRADICTED * score, contrary)
        return Judgement(verdict_of(score), score, _reason(missing_numbers, missing_names, score))


def _missing_numbers(claim: str, evidence: Sequence[str]) -> frozenset[str]:
    """Return the claim's numbers that the source has neither in digits nor in words."""
    missing = numbers(claim) - stated_numbers(" ".join(evidence))
    if not missing:
        return missing
    source_numbers = [
        token for text in evidence for token in read_facts(text) if token.kind == "number"
    ]
    values = frozenset[str]().union(*(token.terms for token in source_numbers))
    spelled = frozenset[str]().union(*(t.terms for t in source_numbers if _has_letters(t.text)))
    confirmed = (
        numbers(token.text)
        for token in read_facts(claim)
        if token.kind == "number" and _has_letters(token.text) and token.terms <= values
    )
    return (missing - spelled).difference(*confirmed)


def _has_letters(text: str) -> bool:
    return any(character.isalpha() for character in text)


_BIAS, _COVERAGE, _COSINE, _NAME, _NUMBER = -3.63, 3.45, 2.50, -0.69, -1.74


def _covered(claimed: Iterable[str], terms: Sequence[frozenset[str]]) -> float:
    uncovered = set(claimed)
    total = len(uncovered)
    for _ in range(3):
        uncovered -= max((uncovered & sentence for sentence in terms), key=len)
    return 1 - len(uncovered) / total


def _logistic(value: float) -> float:
    return 1 / (1 + exp(-value))


def _reason(numbers_missing: frozenset[str], names_missing: frozenset[str], score: float) -> str:
    if numbers_missing:
        return f"The source does not have the number {min(numbers_missing)}."
    if names_missing:
        return f"The source does not name {min(names_missing)!r}."
    if score >= _SUPPORTED:
        return "The source has the sentence's words and meaning."
    return "The source has too little of what the sentence says."


def _holds(text: str, claim: str) -> bool:
    pattern = re.escape(" ".join(claim.split()))
    return bool(re.search(rf"(?<!\w){pattern}(?!\w)", " ".join(text.split())))
