"""Bodies of the routes for keys and groups."""

from pydantic import Field

from api.auth.key_scopes import KeyScope
from api.schemas import Body, Moment
from index.types import Role


class KeyRequest(Body):
    """A new API key."""

    user: str = Field(max_length=200, examples=["ann"])
    groups: list[str] = Field([], max_length=200, examples=[["hr/all"]])
    role: Role = "reader"
    scopes: list[KeyScope] = Field([], max_length=5, description="None: those of your own key.")
    expires_at: Moment | None = Field(None, description="Default: never.")


class RotationRequest(Body):
    """How long the old key stays valid."""

    grace_hours: float = Field(24, ge=0, le=24 * 90)


class MemberRequest(Body):
    """A member and the group it joins or leaves."""

    member: str = Field(max_length=1200, examples=["user:ann"])
    group: str = Field(max_length=1200, examples=["group:hr/all"])


class ContributorRequest(Body):
    """Somebody who may publish to an audience without being in it."""

    member: str = Field(max_length=200, examples=["user:ann"])
    audience: str = Field(max_length=1200, examples=["group:hr/all"])
