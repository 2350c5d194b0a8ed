"""The nouns of a data set, which are also the schema of its files: one object a line.

Unknown keys are ignored, so that a file may carry notes of its own.
"""

from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from index.types import parse_principal

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Principal = Annotated[str, AfterValidator(parse_principal)]
Label = Literal["supported", "partially_supported", "not_supported"]


class Line(BaseModel):
    """One line of a data set's file."""

    model_config = ConfigDict(
        frozen=True, extra="ignore", coerce_numbers_to_str=True, populate_by_name=True
    )


class CorpusDocument(Line):
    """A line of ``corpus.jsonl``: what a question may be answered from."""

    id: Id = Field(alias="_id")
    title: str = ""
    text: str = ""
    allow: tuple[Principal, ...] = ("tenant:all",)
    """Who may read it; everybody, unless the file says otherwise."""
    deny: tuple[Principal, ...] = ()


class Query(Line):
    """A line of BEIR's ``queries.jsonl``."""

    id: Id = Field(alias="_id")
    text: Text


class Turn(Line):
    """Something said before the question."""

    speaker: Text
    text: str


class Sample(Line):
    """A question and what is known about its right answer; a line of ``questions.jsonl``."""

    id: Id
    question: Text
    answerable: bool = True
    """Whether the corpus answers it; if not, the right answer is to say so."""
    answers: tuple[str, ...] = ()
    """Reference answers, any of which will do."""
    gold: tuple[Id, ...] = ()
    """Ids of the documents that hold the answer."""
    drawn_from: tuple[Id, ...] = ()
    """Ids of every document whose words are in the question, its answers or its turns."""
    evidence: tuple[tuple[str, ...], ...] = ()
    """For each reference answer, the sentences of the gold documents that it rests on."""
    turns: tuple[Turn, ...] = ()
    """What was said before, oldest first."""
    principals: tuple[Principal, ...] = ()
    """Who asks; everybody's principal is implied."""
    judgements: dict[str, int] = Field(default_factory=dict)
    """Document id to relevance: 0 is not relevant, more is better."""
    tags: dict[str, str] = Field(default_factory=dict)
    """What reports are sliced by, such as ``format``, ``language`` or ``kind``."""


class ClaimSample(Line):
    """A claim, the evidence it is held against, and whether it is supported."""

    claim: Text
    evidence: tuple[str, ...]
    label: Label


class GuardSample(Line):
    """A text that a guardrails' policy is to stop or to let through."""

    text: Text
    label: Literal["attack", "benign"]
    stage: Literal["before", "evidence", "after"] = "before"
    set: str = ""
    """What it is reported by, besides the whole."""
