"""The JSON that goes over the wire, with an example each."""

from datetime import UTC, datetime
from typing import Annotated, Any

from fastapi import Header
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from index.errors import UnsoundInputError
from index.text.untrusted_input import require_json


def _printable(text: str) -> str:
    if "\x00" in text:
        raise ValueError("must not contain the NUL character")
    return text


Text = Annotated[str, AfterValidator(_printable)]


def _in_utc(moment: datetime) -> datetime:
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    try:
        return aware.astimezone(UTC)
    except OverflowError as error:  # 9999-12-31T23:59:59-14:00 is in no year that there is
        raise ValueError("must be a time that exists in UTC") from error


in_utc = AfterValidator(_in_utc)
"""Turns a time that was sent into UTC."""
Moment = Annotated[datetime, in_utc]
"""A time in UTC; one without a zone is taken for UTC."""

Metadata = Annotated[
    dict[
        Annotated[Text, Field(max_length=64)],
        Annotated[Text, Field(max_length=512)],
    ],
    Field(max_length=16),
]
"""Pairs of the caller's own, which come back unchanged."""


IdempotencyKey = Annotated[str | None, Header(alias="Idempotency-Key", max_length=200)]
"""A repeat of the same request with the same key answers as the first one did."""


class Body(BaseModel):
    """Base of every request body: unknown fields are errors, so that a typo is not ignored."""

    model_config = ConfigDict(extra="forbid")

    @model_validator(mode="before")
    @classmethod
    def _sound(cls, value: Any) -> Any:
        """Refuse what cannot be stored or shown, in every field at every depth."""
        try:
            return require_json(value, "The body")
        except UnsoundInputError as error:
            raise ValueError(str(error)) from error


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["urn:footnote:problem:not-found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not-found"])
