"""Our citations as the annotations of OpenAI's API, with what is ours besides."""

from collections.abc import Mapping
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from generate.types import Verdict


class CitedQuote(BaseModel):
    """A quote that a sentence rests on, in the document that it names."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    file_id: str
    """The document's id."""
    filename: str
    index: int
    """Where in the reply's text the cited sentence ends, in code points."""
    start_index: int
    """Where in the reply's text the cited sentence begins."""
    end_index: int
    quote: str
    """Equals the document's text at ``start:end``."""
    start: int
    """Location of the quote in the document's text, in code points."""
    end: int
    page: int | None
    title: str
    marker: int
    """The number that stands in the text: ``[1]``."""
    document_version: int
    chunk_id: str
    verdict: Verdict
    """Whether the quote supports the sentence."""
    score: float


class FileCitation(CitedQuote):
    """A citation as an annotation of a response."""

    type: Literal["file_citation"] = "file_citation"


def cited_quote(citation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a citation of an answer's JSON in the words of OpenAI's API."""
    return {
        "file_id": citation["document_id"],
        "filename": citation["filename"],
        "index": citation["answer_end"],
        "start_index": citation["answer_start"],
        "end_index": citation["answer_end"],
        "quote": citation["quote"],
        "start": citation["start"],
        "end": citation["end"],
        "page": citation["page"],
        "title": citation["title"],
        "marker": citation["marker"],
        "document_version": citation["document_version"],
        "chunk_id": citation["chunk_id"],
        "verdict": citation["verdict"],
        "score": citation["score"],
    }


def file_citation(citation: Mapping[str, Any]) -> dict[str, Any]:
    """Return a citation of an answer's JSON as an annotation of a response."""
    return {"type": "file_citation", **cited_quote(citation)}
