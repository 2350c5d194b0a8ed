"""The attributes of people and groups that are kept, and what the service says of itself.

Sources: RFC 7643 (schemas), RFC 7644 (protocol).
"""

from functools import cache
from typing import Annotated, Any

from pydantic import Field
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    Email,
    ETag,
    Filter,
    Group,
    GroupMembership,
    Mutability,
    Name,
    Patch,
    Reference,
    Required,
    Resource,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
    User,
)

from api.scim.kinds import GROUPS, USERS, ResourceKind

MOST_RESULTS = 200
"""Resources of one page."""

POLICY = ScimPolicy(
    unknown=ScimPolicy.Unknown.ignore,
    remove_value_as_filter=ScimPolicy.RemoveValue.apply,
    unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
)
"""Attributes that are not kept are dropped; the other two are how Entra ID patches."""


class ProvisionedUser(Resource[Any]):
    """A person: who they are and whether they are active. Addresses and the like are not kept."""

    __schema__ = URN(str(User.__schema__))

    user_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    """The name by which the provider knows the person."""
    name: Name | None = None
    """The parts of the person's name."""
    display_name: str | None = None
    """The name that is shown."""
    active: bool | None = None
    """Whether anything opens for the person."""
    emails: list[Email] | None = None
    """Addresses, for people to read: they never say who somebody is."""
    groups: Annotated[list[GroupMembership] | None, Mutability.read_only] = None
    """The groups that the person is in."""


class ProvisionedMember(ComplexAttribute):
    """A member of a group: which resource it is, and nothing that is said of it elsewhere."""

    value: Annotated[str | None, Mutability.immutable, CaseExact.true] = None
    """The id of the person or group."""
    ref: Annotated[Reference[User[Any] | Group] | None, Mutability.immutable] = Field(
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    """Where it is."""
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User", "Group"])
    """Which of them it is."""


class ProvisionedGroup(Resource[Any]):
    """A group of people and of groups."""

    __schema__ = URN(str(Group.__schema__))

    display_name: Annotated[str | None, Required.true] = None
    """The name of the group."""
    members: list[ProvisionedMember] | None = None
    """The provisioned people and groups that are in it."""


MODELS: dict[ResourceKind, type[Resource[Any]]] = {USERS: ProvisionedUser, GROUPS: ProvisionedGroup}


@cache
def provider() -> ScimProvider:
    """Return the description of this service; it is made once."""
    models: list[Any] = list(MODELS.values())
    return ScimProvider(models=models, config=_config(), policy=POLICY)


def _config() -> ServiceProviderConfig:
    return ServiceProviderConfig(
        patch=Patch(supported=True),
        bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
        filter=Filter(supported=True, max_results=MOST_RESULTS),
        change_password=ChangePassword(supported=False),
        sort=Sort(supported=False),
        etag=ETag(supported=True),
        authentication_schemes=[
            AuthenticationScheme(
                type=AuthenticationScheme.Type.oauthbearertoken,
                name="Key",
                description="A key with the scope scim, as a bearer token.",
                primary=True,
            )
        ],
    )
