"""Bodies and answers of the routes for documents, sources and the queue."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field

from api.schemas import Body, Text, in_utc
from ingest.lifecycle.look_alikes import LookAlike
from ingest.screening.policy import Action


class DocumentPatch(Body):
    """Changes to a document; a field that is left out stays as it is."""

    allow: list[str] | None = Field(None, max_length=1000, examples=[["group:hr/all"]])
    deny: list[str] | None = Field(None, max_length=1000)
    title: Text | None = Field(None, max_length=1000)
    attributes: dict[str, Any] | None = None
    licence: Text | None = Field(None, max_length=1000, description="Empty: no note.")
    expires_at: Annotated[AwareDatetime, in_utc] | None = Field(
        None, description="When it is deleted; null: never."
    )
    hold: Text | None = Field(
        None, max_length=1000, description="Why it must not be deleted; empty: the hold ends."
    )
    authoritative: bool | None = Field(
        None, description="Whether it ranks first among evidence that is nearly as good; curators."
    )


class SourceRequest(Body):
    """A source beyond upload."""

    kind: Literal["folder", "url", "bucket", "git", "sitemap", "drive", "mailbox"]
    location: Text = Field(min_length=1, max_length=2000, examples=["https://example.com/rules"])
    allow: list[str] = Field([], max_length=1000, examples=[["group:hr/all"]])
    deny: list[str] = Field([], max_length=1000)
    licence: Text | None = Field(None, max_length=1000)
    retention_days: int | None = Field(None, ge=1, le=36_500)


class PauseRequest(Body):
    """Why the queue is paused."""

    reason: Text = Field("", max_length=1000, examples=["The model server is being moved."])


class RequeueRequest(Body):
    """Which failed jobs to queue again; both left out means all of them."""

    job_ids: list[str] | None = Field(None, max_length=500)
    code: str | None = Field(None, max_length=40, examples=["internal-error"])


class ReingestRequest(Body):
    """Which documents to read again."""

    everything: bool = Field(False, description="Also what today would be read the same way.")


class ScreeningRequest(Body):
    """The actions on findings, by kind; null goes back to the installation's action."""

    hidden: Action | None = None
    injection: Action | None = None
    personal: Action | None = Field(None, examples=["mask"])
    secret: Action | None = Field(None, examples=["quarantine"])


class RejectRequest(Body):
    """Why a document does not leave the quarantine; its uploader is told."""

    reason: Text = Field("", max_length=1000, examples=["Ask for a copy without the salaries."])


class UploadResponse(BaseModel):
    """An upload that is durable and waits to be read."""

    document_id: str
    version: int
    job_id: str
    warnings: list[str] = Field(
        [],
        description="Documents of other publishers that you may read whose names look like it; "
        "left out where there are none.",
    )


class LookAlikeList(BaseModel):
    """Documents of other publishers whose names look like a document's, oldest first."""

    items: list[LookAlike]
    warnings: list[str] = []
