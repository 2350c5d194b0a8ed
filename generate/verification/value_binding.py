"""Find a value that the source has for something else: the commonest error of small models.

A claim's number, date or name belongs to the words beside it. Where another sentence of the same
passage has more of those words, and another value of that kind in the claim's place, the claim has
taken the value of something else: "A senior keeper earns 4,260 crowns" from "A station head earns
4,260 crowns" beside "A senior keeper earns 3,720 crowns". docs/quality.md has how often it fires.
"""

from collections.abc import Iterator, Sequence

from generate.facts.fact_tokens import Token, read_facts
from generate.facts.quantities import in_plain_numbers
from index.text.analyzer import analyse
from index.text.content_terms import content_terms
from index.text.sentence_splitter import split_sentences

_KINDS = frozenset({"number", "ordinal", "month", "name"})
_CELL = " | "
"""A row is understood with its header alone, so that its words cannot be counted here."""
_LEAST_TERMS = 2
"""Terms beside the value, below which nothing tells sentences apart."""
_RIVAL_SHARE = 0.66
"""The share of the terms beside the value that the other sentence has at least."""


def bound_elsewhere(claim: str, evidence: Sequence[str], passages: Sequence[str]) -> str | None:
    """Return what the passage says in the place of a value of the claim, in words, or none.

    ``passages`` are those that the evidence stands in.
    """
    if any(_CELL in text for text in evidence):
        return None
    claim = in_plain_numbers(claim)
    tokens, claim_terms = read_facts(claim), frozenset(content_terms(claim))
    sources = [(frozenset(analyse(text)), read_facts(text)) for text in _sentences(evidence)]
    sentences = list(_sentences(passages))
    for value in (token for token in tokens if token.kind in _KINDS):
        terms = claim_terms - value.terms - frozenset(analyse(value.text))
        own = [len(terms & source) for source, facts in sources if _has(value, facts)]
        least = max(_RIVAL_SHARE * len(terms), max(own, default=0) + 1)
        if own and len(terms) >= _LEAST_TERMS:
            for text in sentences:
                if len(terms.intersection(analyse(text))) < least:
                    continue
                if rival := _rival(value, read_facts(text), tokens):
                    return f"The source says {rival.text!r} there, not {value.text!r}."
    return None


def _sentences(texts: Sequence[str]) -> Iterator[str]:
    """Yield the sentences, with numbers in one notation: what two of them say is not one thing."""
    for text in texts:
        yield from (in_plain_numbers(text[start:end]) for start, end in split_sentences(text))


def _has(value: Token, facts: Sequence[Token]) -> bool:
    return any(fact.kind == value.kind and fact.terms & value.terms for fact in facts)


def _rival(value: Token, facts: Sequence[Token], claim_tokens: Sequence[Token]) -> Token | None:
    """Return a fact of the value's kind that the claim does not have, if the value is not there."""
    if _has(value, facts):
        return None
    others = (fact for fact in facts if fact.kind == value.kind)
    return next(
        (fact for fact in others if not any(fact.terms & t.terms for t in claim_tokens)), None
    )
