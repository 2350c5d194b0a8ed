"""The JSON that goes over the wire, with an example each."""

from typing import Annotated, Any, Literal

from fastapi import Header
from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field

from ingest.screening.policy import Action


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    return text


Text = Annotated[str, AfterValidator(_printable)]


IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
"""A repeat of the same request with the same key answers as the first one did."""


class Body(BaseModel):
    """Base of every request body: unknown fields are errors, so that a typo is not ignored."""

    model_config = ConfigDict(extra="forbid")


class SearchRequest(Body):
    """A search."""

    query: Text = Field(min_length=1, max_length=4000, examples=["annual leave"])
    top_k: int = Field(10, ge=1, le=100)
    filters: dict[str, Any] | None = Field(None, examples=[{"media_type": "application/pdf"}])


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


class DocumentPatch(Body):
    """What to change of a document; what is left out stays."""

    allow: list[str] | None = Field(None, max_length=1000, examples=[["group:hr/all"]])
    deny: list[str] | None = Field(None, max_length=1000)
    title: Text | None = Field(None, max_length=1000)
    attributes: dict[str, Any] | None = None
    licence: Text | None = Field(None, max_length=1000, description="Empty: no note.")
    expires_at: AwareDatetime | None = Field(None, description="When it is deleted; null: never.")
    hold: Text | None = Field(
        None, max_length=1000, description="Why it must not be deleted; empty: the hold ends."
    )


class SourceRequest(Body):
    """A source beyond upload."""

    kind: Literal["folder", "url"]
    location: Text = Field(min_length=1, max_length=2000, examples=["https://example.com/rules"])
    allow: list[str] = Field([], max_length=1000, examples=[["group:hr/all"]])
    deny: list[str] = Field([], max_length=1000)
    licence: Text | None = Field(None, max_length=1000)
    retention_days: int | None = Field(None, ge=1, le=36_500)


class ConversationRequest(Body):
    """A new conversation."""

    title: Text = Field("", max_length=200)


class FeedbackRequest(Body):
    """What one thinks of an answer."""

    answer_id: str = Field(max_length=40, examples=["ans_0123456789abcdef01234567"])
    rating: Literal[1, -1]
    comment: Text | None = Field(None, max_length=4000)


class ReviewRequest(Body):
    """What a reviewer decides."""

    decision: Literal["approve", "deny"]
    note: Text = Field("", max_length=2000, description="For the other reviewers.")


class KeyRequest(Body):
    """A new API key."""

    user: str = Field(max_length=200, examples=["ann"])
    groups: list[str] = Field([], max_length=200, examples=[["hr/all"]])
    role: Literal["reader", "curator", "admin"] = "reader"


class PauseRequest(Body):
    """Why the queue is paused."""

    reason: Text = Field("", max_length=1000, examples=["The model server is being moved."])


class RequeueRequest(Body):
    """Which failed jobs to queue again; both left out means all of them."""

    job_ids: list[str] | None = Field(None, max_length=500)
    code: str | None = Field(None, max_length=40, examples=["internal-error"])


class ReingestRequest(Body):
    """Which documents to read anew."""

    everything: bool = Field(False, description="Also what today would be read the same way.")


class ScreeningRequest(Body):
    """What to do about findings of some kinds; null goes back to what the installation does."""

    hidden: Action | None = None
    injection: Action | None = None
    personal: Action | None = Field(None, examples=["mask"])
    secret: Action | None = Field(None, examples=["quarantine"])


class RejectRequest(Body):
    """Why a document does not leave the quarantine; its uploader is told."""

    reason: Text = Field("", max_length=1000, examples=["Ask for a copy without the salaries."])


class MemberRequest(Body):
    """A member and the group it joins or leaves."""

    member: str = Field(max_length=1200, examples=["user:ann"])
    group: str = Field(max_length=1200, examples=["group:hr/all"])


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


class SearchResponse(BaseModel):
    """What a search found, best first."""

    passages: list[PassageView]
    snapshot: str


class UploadResponse(BaseModel):
    """An upload that is durable and waits to be read."""

    document_id: str
    version: int
    job_id: str


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["urn:footnote:problem:not-found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not-found"])


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
}
