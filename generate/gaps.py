"""Explain where an answer falls short: the nearest passages, the words that nothing covers."""

from collections.abc import Sequence
from itertools import islice

from generate.draft import AnswerDraft
from generate.guardrails.session import GuardrailSession
from generate.types import Nearest, Quote
from index.text.analyzer import analyse
from index.text.content_terms import WORD, content_terms
from retrieve.types import Passage

_SHOWN = 3
"""Passages shown for want of an answer."""
_CHARACTERS = 300
"""Characters of each at most."""


def nearest(passages: Sequence[Passage], guardrails: GuardrailSession) -> tuple[Nearest, ...]:
    """Return the openings of the nearest passages, as the documents have them, best first.

    They were found for the asker, so the asker may read them; what the policy keeps from the model
    or from an answer is not shown either.
    """
    openings = (guardrails.quote(Quote(p, p.start, _opening_end(p))) for p in passages)
    return tuple(islice((_nearest(quote) for quote in openings if quote), _SHOWN))


def missing(question: str, draft: AnswerDraft) -> tuple[str, ...]:
    """Return the question's words that neither the answer nor what it cites has, in order."""
    covered = {term for sentence in draft.sentences for term in analyse(sentence.text)}
    for citation in draft.citations:
        covered.update(analyse(citation.quote), analyse(citation.title))
    lacking = set(content_terms(question)) - covered
    words = (word for word in WORD.findall(question) if lacking.intersection(analyse(word)))
    return tuple(dict.fromkeys(words))


def _opening_end(passage: Passage) -> int:
    """Return where the opening of a passage ends, in the document's text."""
    length = len(passage.text)
    if length > _CHARACTERS:
        length = max(passage.text.rfind(" ", 0, _CHARACTERS), 1)
    return passage.start + length


def _nearest(quote: Quote) -> Nearest:
    chunk = quote.passage.chunk
    return Nearest(
        document_id=chunk.document_id,
        title=chunk.title,
        filename=chunk.filename,
        text=quote.text,
        start=quote.start,
        end=quote.end,
        page=quote.passage.page,
    )
