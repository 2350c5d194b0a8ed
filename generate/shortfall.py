"""What to say where an answer falls short: the nearest passages, the words that nothing covers."""

from collections.abc import Sequence

from generate.draft import Draft
from generate.guard import check_evidence
from generate.types import Nearest
from generate.words import WORD, content_terms
from index.analyser import analyse
from retrieve.types import Passage

_SHOWN = 3
"""Passages shown for want of an answer."""
_CHARACTERS = 300
"""Characters of each at most."""


def nearest(passages: Sequence[Passage]) -> tuple[Nearest, ...]:
    """Return the openings of the nearest passages, as the documents have them, best first.

    They were found for the asker, so the asker may read them; what the guard keeps from the model
    is not shown either.
    """
    return tuple(map(_opening, check_evidence(passages)[:_SHOWN]))


def missing(question: str, draft: Draft) -> tuple[str, ...]:
    """Return the question's words that neither the answer nor what it cites has, in order."""
    told = {term for sentence in draft.sentences for term in analyse(sentence.text)}
    for citation in draft.citations:
        told.update(analyse(citation.quote), analyse(citation.title))
    lacking = set(content_terms(question)) - told
    words = (word for word in WORD.findall(question) if lacking.intersection(analyse(word)))
    return tuple(dict.fromkeys(words))


def _opening(passage: Passage) -> Nearest:
    chunk, text = passage.chunk, passage.text
    end = len(text)
    if end > _CHARACTERS:
        end = max(text.rfind(" ", 0, _CHARACTERS), 1)
    return Nearest(
        document_id=chunk.document_id,
        title=chunk.title,
        filename=chunk.filename,
        text=text[:end],
        start=passage.start,
        end=passage.start + end,
        page=passage.page,
    )
