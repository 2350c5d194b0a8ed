"""Our citations as the annotations of OpenAI's API, with what is ours besides."""

from collections.abc import Mapping
from typing import Any, Literal
from urllib.parse import urlencode

from pydantic import BaseModel, ConfigDict

from generate.types import Verdict

LONGEST_QUOTE = 300
"""Characters of a quote in the title of a source."""


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


class CitedAddress(BaseModel):
    """A quote as chat programs show a source: a title and an address."""

    model_config = ConfigDict(use_attribute_docstrings=True)

    url: str
    """The quote on the service's own page, which shows it to whoever may read the document."""
    title: str
    """The document's title, the page and the quote."""
    start_index: int
    """Where in the reply's text the cited sentence begins, in code points."""
    end_index: int


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


def chat_annotation(citation: Mapping[str, Any], base_url: str) -> dict[str, Any]:
    """Return a citation as the annotation of a chat completion.

    OpenAI's chat completions have annotations of the type ``url_citation`` alone. Chat programs
    number their sources by distinct addresses and titles, so both belong to one quote.
    """
    address = {
        "url": _page_address(citation, base_url),
        "title": _source_title(citation),
        "start_index": citation["answer_start"],
        "end_index": citation["answer_end"],
    }
    return {
        "type": "url_citation", "url_citation": address, "file_citation": cited_quote(citation),
    }  # fmt: skip


def _page_address(citation: Mapping[str, Any], base_url: str) -> str:
    """Return where the page shows a quote; no server is sent what stands behind the ``#``."""
    place = {
        "source": citation["document_id"],
        "version": citation["document_version"],
        "start": citation["start"],
        "end": citation["end"],
    }
    return f"{base_url}/#{urlencode(place)}"


def _source_title(citation: Mapping[str, Any]) -> str:
    words = " ".join(citation["quote"].split())
    quote = words if len(words) <= LONGEST_QUOTE else f"{words[:LONGEST_QUOTE]}…"
    page = "" if citation["page"] is None else f", page {citation['page']}"
    return f"{citation['title']}{page}: {quote}"
