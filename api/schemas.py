"""The JSON that goes over the wire, with an example each."""

from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator, BaseModel, ConfigDict, Field


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


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=["urn:footnote:problem:not-found"])
    title: str
    status: int
    detail: str
    code: str = Field(examples=["not-found"])
