"""The nouns of a data set, which are also the schema of its files: one object a line.

Unknown keys are ignored, so that a file may carry notes of its own; ``null`` is as left out, and
one text stands for a list of one.
"""

import json
from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AliasChoices,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from index.types import parse_principal


def _as_tuple(value: Any) -> Any:
    return (value,) if isinstance(value, str) else value


def _group(value: Any) -> Any:
    """Take sentences without groups as those of one reference answer."""
    items = _as_tuple(value)
    flat = isinstance(items, list | tuple) and any(isinstance(each, str) for each in items)
    return (tuple(items),) if flat else items


def _write_tags(value: Any) -> Any:
    """Write a tag's value as text."""
    if not isinstance(value, Mapping):
        return value
    return {
        key: item if isinstance(item, str) else json.dumps(item, ensure_ascii=False)
        for key, item in value.items()
        if item is not None
    }


Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=500)]
Principal = Annotated[str, AfterValidator(parse_principal)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_as_tuple)]
Ids = Annotated[tuple[Id, ...], BeforeValidator(_as_tuple)]
Principals = Annotated[tuple[Principal, ...], BeforeValidator(_as_tuple)]
Label = Literal["supported", "partially_supported", "not_supported"]


class JsonLine(BaseModel):
    """One line of a data set's file."""

    model_config = ConfigDict(
        frozen=True,
        extra="ignore",
        coerce_numbers_to_str=True,
        populate_by_name=True,
        allow_inf_nan=False,
    )

    @model_validator(mode="before")
    @classmethod
    def _without_null(cls, line: Any) -> Any:
        """Take what is ``null`` as left out."""
        if not isinstance(line, Mapping):
            return line
        return {key: value for key, value in line.items() if value is not None}


class CorpusDocument(JsonLine):
    """A line of ``corpus.jsonl``: what a question may be answered from."""

    id: Id = Field(alias="_id")
    title: str = ""
    text: str = ""
    allow: Principals = ("tenant:all",)
    """Who may read it; everybody, unless the file says otherwise."""
    deny: Principals = ()


class Query(JsonLine):
    """A line of BEIR's ``queries.jsonl``."""

    id: Id = Field(alias="_id")
    text: Text


class SampleTurn(JsonLine):
    """Something said before the question; ``role`` and ``content`` are read too."""

    speaker: Text = Field(validation_alias=AliasChoices("speaker", "role"))
    text: str = Field(validation_alias=AliasChoices("text", "content"))


class Sample(JsonLine):
    """A question and what is known about its right answer; a line of ``questions.jsonl``."""

    id: Id
    question: Text
    answerable: bool = True
    """Whether the corpus answers it; if not, the right answer is to say so."""
    answers: Texts = ()
    """Reference answers, any of which will do."""
    gold: Ids = ()
    """Ids of the documents that hold the answer."""
    drawn_from: Ids = ()
    """Ids of every document whose words are in the question, its answers or its turns."""
    evidence: Annotated[tuple[tuple[str, ...], ...], BeforeValidator(_group)] = ()
    """For each reference answer, the sentences of the gold documents that it rests on."""
    turns: tuple[SampleTurn, ...] = ()
    """The earlier turns of the conversation, oldest first."""
    principals: Principals = ()
    """Who asks; everybody's principal is implied."""
    judgements: dict[str, int] = Field(default_factory=dict)
    """Document id to relevance: 0 is not relevant, more is better."""
    excluded: Ids = ()
    """Documents that are no result of a search for it, such as the text that it is itself."""
    tags: Annotated[dict[str, str], BeforeValidator(_write_tags)] = Field(default_factory=dict)
    """Labels that a report is sliced by, such as ``format``, ``language`` or ``kind``."""


class ClaimSample(JsonLine):
    """A claim, the evidence it is held against, and whether it is supported."""

    claim: Text
    evidence: Texts
    label: Label


class GuardSample(JsonLine):
    """A text that a guardrails' policy is to stop or to let through."""

    text: Text
    label: Literal["attack", "benign"]
    stage: Literal["before", "evidence", "after"] = "before"
    set: str = ""
    """The name of a group that gets figures of its own, beside the figures of all texts."""
