"""Bodies and answers of the routes for search, ask, conversations and reviews."""

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from api.schemas import Body, Metadata, Text
from generate.types import (
    AnswerBlock,
    Citation,
    Conflict,
    GuardNote,
    Nearest,
    ReviewNote,
    Sentence,
    Status,
    Usage,
)
from index.collections import Narrowing

DOCUMENTS = Field(
    None,
    min_length=1,
    max_length=100,
    description="Ids of documents: only these are searched, as far as the asker may read them.",
)

COLLECTIONS = Field(
    None,
    min_length=1,
    max_length=100,
    description="Ids of collections: only documents in them, in collections below them, and in "
    "`documents` are searched, as far as the asker may read them.",
)


class SearchRequest(Body):
    """A search."""

    query: Text = Field(min_length=1, max_length=4000, examples=["annual leave"])
    top_k: int = Field(10, ge=1, le=100)
    filters: dict[str, Any] | None = Field(None, examples=[{"media_type": "application/pdf"}])
    documents: list[str] | None = DOCUMENTS
    collections: list[str] | None = COLLECTIONS

    @property
    def narrowing(self) -> Narrowing:
        """The filters, and the documents and collections that were chosen."""
        return Narrowing(self.filters, self.documents, self.collections)


class AskRequest(Body):
    """A question."""

    question: Text = Field(
        min_length=1, max_length=4000, examples=["How many days of annual leave do we have?"]
    )
    stream: bool = Field(False, description="Answer as server-sent events.")
    format: Literal["json", "markdown", "html"] = Field(
        "json", description="Other than `json`: the answer also has `rendered`, in that format."
    )
    conversation_id: str | None = Field(None, max_length=40)
    filters: dict[str, Any] | None = None
    documents: list[str] | None = DOCUMENTS
    collections: list[str] | None = COLLECTIONS

    @property
    def narrowing(self) -> Narrowing:
        """The filters, and the documents and collections that were chosen."""
        return Narrowing(self.filters, self.documents, self.collections)


class ConversationRequest(Body):
    """A new conversation."""

    title: Text = Field("", max_length=200)
    metadata: Metadata | None = Field(None, description="Pairs of your own.")


class ConversationLabels(Body):
    """Pairs of the owner's own, in the place of those before."""

    metadata: Metadata | None


class FeedbackRequest(Body):
    """A person's opinion of an answer."""

    answer_id: str = Field(max_length=40, examples=["ans_0123456789abcdef01234567"])
    rating: Literal[1, -1]
    comment: Text | None = Field(None, max_length=4000)


class ReviewRequest(Body):
    """A reviewer's decision."""

    decision: Literal["approve", "deny"]
    note: Text = Field("", max_length=2000, description="For the other reviewers.")


class PassageView(BaseModel):
    """A piece of evidence; offsets are Unicode code points in the document's text."""

    document_id: str
    title: str
    filename: str
    chunk_id: str
    text: str
    score: float
    page: int | None
    start: int
    end: int
    publisher: str
    published_at: str | None
    authoritative: bool


class SearchResponse(BaseModel):
    """The passages that a search found, best first."""

    passages: list[PassageView]
    snapshot: str


ANSWER_EXAMPLE: dict[str, Any] = {
    "status": "answered",
    "text": "Everybody has 28 days of annual leave. [1]",
    "sentences": [
        {
            "text": "Everybody has 28 days of annual leave. [1]",
            "start": 0,
            "end": 42,
            "markers": [1],
            "verdict": "supported",
            "highlights": [{"start": 14, "end": 21}],
            "context": None,
        }
    ],
    "citations": [
        {
            "marker": 1,
            "document_id": "doc_0123456789abcdef01234567",
            "document_version": 1,
            "chunk_id": "chk_0123456789abcdef01234567",
            "title": "Staff handbook",
            "filename": "handbook.pdf",
            "quote": "Everybody has 28 days of annual leave.",
            "start": 1200,
            "end": 1238,
            "page": 3,
            "boxes": [{"page": 3, "x0": 0.1, "y0": 0.2, "x1": 0.8, "y1": 0.22}],
            "answer_start": 0,
            "answer_end": 42,
            "verdict": "supported",
            "score": 1.0,
            "publisher": "user:ann",
            "published_at": "2026-03-02T09:30:00+00:00",
            "authoritative": False,
        }
    ],
    "usage": {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0},
    "snapshot": "5f0c1d2e3b4a59687786a5b4",
    "model": "quote",
    "timings": {"search": 0.021},
    "notice": None,
    "searched": [],
    "nearest": [],
    "missing": [],
    "confidence": 0.91,
    "policy": "1+0123456789ab",
    "guard": [],
    "review": None,
    "blocks": [
        {
            "kind": "paragraph",
            "units": [{"sentences": [0], "cells": []}],
            "introduction": "",
            "header": [],
            "marks": [],
        }
    ],
    "conflicts": [],
    "answer_id": "ans_0123456789abcdef01234567",
}


STREAM_EXAMPLE = (
    'event: sentence\ndata: {"text": "Everybody has 28 days of annual leave. [1]", ...}\n\n'
    'event: done\ndata: {"status": "answered", ...}\n\n'
)
"""``sentence`` has a sentence and its citations, ``done`` the whole answer, ``error`` a problem."""


class StoredAnswer(BaseModel):
    """An answer as it is stored; one of an earlier release lacks what was added since."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    status: Status
    text: str
    """With the markers of its citations: `[1]`."""
    sentences: list[Sentence]
    """Every sentence was checked; offsets are code points of `text`."""
    citations: list[Citation]
    """Offsets of a quote are code points of the document's text."""
    usage: Usage
    snapshot: str
    """The state of the index that was searched; opaque."""
    model: str
    """Which model wrote it; `quote` for sentences that are quoted word for word."""
    timings: dict[str, float] = {}
    """Seconds by stage."""
    notice: str | None = None
    """Why the answer is not what was asked for."""
    searched: list[str] = []
    """For `no_evidence`: titles of the nearest passages."""
    nearest: list[Nearest] = []
    """For `no_evidence`: the nearest passages themselves, best first."""
    missing: list[str] = []
    """For `partial`: the words of the question that nothing covers."""
    confidence: float = 0.0
    """The estimate that the evidence answers the question, in [0, 1]."""
    policy: str = ""
    """The version of the guardrails' policy that held."""
    guard: list[GuardNote] = []
    """The rules that acted, in the order in which they did."""
    review: ReviewNote | None = None
    """For `blocked`: what the reply waits for, where a person decides."""
    blocks: list[AnswerBlock] = []
    """Paragraphs, lists, tables and listings that the sentences stand in, by their numbers from 0.
    None: all in one paragraph."""
    conflicts: list[Conflict] = []
    """Where documents disagree on what was asked: each value, and the citation that holds it."""


class TurnView(BaseModel):
    """One question and its answer."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    answer_id: str
    question: str
    answer: StoredAnswer | None
    """None where it is withheld."""
    withheld: bool
    """Whether you may not read one of the answer's documents any more."""
    created_at: datetime


class ConversationDetail(BaseModel):
    """A conversation and its turns, oldest first."""

    conversation_id: str
    title: str
    turns: list[TurnView]
    created_at: datetime
    metadata: dict[str, str]
    id: str
    object: Literal["conversation"]


class AnswerView(StoredAnswer):
    """An answer as it leaves the service."""

    model_config = ConfigDict(json_schema_extra={"examples": [ANSWER_EXAMPLE]})

    rendered: str = ""
    """The answer in the `format` that was asked for; absent for `json`."""
    answer_id: str
    """For feedback; a conversation names it, too."""
