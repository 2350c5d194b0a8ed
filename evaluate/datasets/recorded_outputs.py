"""Answers of a system, in a form that any system can write down: one JSON object a line.

Ours is made from ``answer()``; another one's is read from a file. Both are judged alike.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, model_validator

from evaluate.datasets.corpus_ingestion import corpus_id
from evaluate.datasets.loading import read_lines
from evaluate.datasets.schema import Id, JsonLine
from generate.types import Answer
from retrieve.types import Passage

ABSTAINED = "no_evidence"


class RecordedCitation(JsonLine):
    """A citation of a recorded answer."""

    document: Id
    """The corpus' id of the document."""
    quote: str = ""
    """The words that are cited, as the document has them."""
    sentence: int | None = None
    """The sentence that carries the citation, counted from 0; none where it is not known."""
    verdict: str | None = None


class RetrievedText(JsonLine):
    """A passage that the answer could draw on."""

    document: Id
    text: str = ""


class Output(JsonLine):
    """The answer to one sample's question."""

    id: Id
    answer: str = ""
    """As it was shown; empty where nothing was answered."""
    abstained: bool = False
    """Whether the system said that it has no answer; an empty answer says so too."""
    confidence: float | None = None
    """How sure it was that it can answer, more is surer; none where it does not say."""
    sentences: tuple[str, ...] = ()
    """The answer's sentences without markers; left out, the answer is split by rules."""
    citations: tuple[RecordedCitation, ...] = ()
    """In the order of the answer."""
    passages: tuple[RetrievedText, ...] = ()
    """The retrieved passages, best first."""
    seconds: float | None = Field(default=None, ge=0)
    prompt_tokens: int | None = Field(default=None, ge=0)
    completion_tokens: int | None = Field(default=None, ge=0)
    cost: float | None = Field(default=None, ge=0)
    """The price in the operator's currency; none where the model has no price."""
    status: str = ""
    model: str = ""
    snapshot: str = ""
    refused: str = ""
    """Why the question was not taken; empty where it was."""
    searched: str = ""
    """The question as it was searched for, where earlier turns changed it."""
    documents: tuple[str, ...] = ()
    """Of an answer from the live store: all whose text its prompt or its quoter was given."""

    @model_validator(mode="before")
    @classmethod
    def _nothing_said(cls, line: Any) -> Any:
        """Take an empty answer as an abstention."""
        if not isinstance(line, Mapping) or str(line.get("answer") or "").strip():
            return line
        return {**line, "abstained": True}

    @property
    def distinct_citations(self) -> list[RecordedCitation]:
        """Return each cited place once, in the order of the answer."""
        return list(
            {(citation.document, citation.quote): citation for citation in self.citations}.values()
        )


def read_outputs(file: Path) -> dict[str, Output]:
    """Read recorded outputs, by the id of their sample.

    Raises:
        UnknownDatasetError: the file is missing.
        InvalidDatasetError: a line does not parse; the message names file and line.

    """
    return {output.id: output for output in read_lines(file, Output)}


def output_of(
    key: str,
    reply: Answer,
    passages: tuple[Passage, ...] = (),
    seconds: float | None = None,
    *,
    live: bool = False,
) -> Output:
    """Write down one of our own answers and the passages that it could draw on.

    Documents are called by their id in the corpus, which the file name carries; ``live`` calls
    them by their id in the store.
    """
    starts = {sentence.start: number for number, sentence in enumerate(reply.sentences)}
    citations = sorted(reply.citations, key=lambda c: (c.answer_start, c.marker))
    return Output(
        id=key,
        answer=reply.text,
        abstained=reply.status == ABSTAINED,
        confidence=reply.confidence,
        sentences=tuple(s.text for s in reply.sentences if s.markers),
        citations=tuple(
            RecordedCitation(
                document=c.document_id if live else corpus_id(c.filename),
                quote=c.quote,
                sentence=starts.get(c.answer_start),
                verdict=c.verdict,
            )
            for c in citations
        ),
        passages=tuple(
            RetrievedText(
                document=p.chunk.document_id if live else corpus_id(p.chunk.filename), text=p.text
            )
            for p in passages
        ),
        seconds=seconds,
        prompt_tokens=reply.usage.prompt_tokens,
        completion_tokens=reply.usage.completion_tokens,
        cost=_cost(reply),
        status=reply.status,
        model=reply.model,
        snapshot=reply.snapshot,
        documents=reply.documents if live else (),
    )


def _cost(reply: Answer) -> float | None:
    """Return an answer's price; a model that took tokens and cost nothing has none in the list."""
    usage = reply.usage
    is_free = not (usage.prompt_tokens or usage.completion_tokens)
    return usage.cost if is_free or usage.cost else None
