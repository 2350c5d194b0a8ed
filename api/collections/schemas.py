"""Bodies of the routes for collections."""

from typing import Annotated, Any

from pydantic import Field

from api.schemas import Body, Text

Label = Annotated[Text, Field(min_length=1, max_length=60)]

MOST_ADDED = 500
"""Documents that one request puts in at most."""


class CollectionRequest(Body):
    """A new collection."""

    name: Text = Field(min_length=1, max_length=200, examples=["Harbour rules"])
    description: Text = Field("", max_length=4000)
    labels: list[Label] = Field([], max_length=50, examples=[["rules", "2026"]])
    parent_id: str | None = Field(None, max_length=40, description="It stands in this one.")
    allow: list[str] = Field(
        [], max_length=1000, description="Who sees the collection; none: only you."
    )
    deny: list[str] = Field([], max_length=1000)
    attributes: dict[str, Any] = Field({}, description="Yours to choose.")
    document_quota: int | None = Field(None, ge=1, description="Documents at most.")
    byte_quota: int | None = Field(None, ge=1, description="Bytes of these documents at most.")


class CollectionPatch(Body):
    """Changes to a collection; a field that is left out stays as it is."""

    name: Text | None = Field(None, min_length=1, max_length=200)
    description: Text | None = Field(None, max_length=4000)
    labels: list[Label] | None = Field(None, max_length=50)
    parent_id: str | None = Field(None, max_length=40, description="null: it stands in none.")
    allow: list[str] | None = Field(None, max_length=1000, examples=[["group:hr/all"]])
    deny: list[str] | None = Field(None, max_length=1000)
    attributes: dict[str, Any] | None = None
    document_quota: int | None = Field(None, ge=1, description="null: no quota.")
    byte_quota: int | None = Field(None, ge=1, description="null: no quota.")


class CollectedRequest(Body):
    """Documents to put into a collection."""

    documents: list[str] = Field(
        min_length=1, max_length=MOST_ADDED, examples=[["doc_0123456789abcdef01234567"]]
    )
    inherit: bool = Field(
        False, description="They get the collection's access list, and each later one."
    )
    attributes: dict[str, Any] | None = Field(
        None, description="Of these documents in this collection, beside their own."
    )
