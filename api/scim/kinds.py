"""The kinds of resources: what they are called and where they are."""

from dataclasses import dataclass

MEDIA_TYPE = "application/scim+json"
BASE_PATH = "/scim/v2"


@dataclass(frozen=True, slots=True)
class ResourceKind:
    """A kind of resource."""

    name: str
    endpoint: str


USERS = ResourceKind("User", "Users")
GROUPS = ResourceKind("Group", "Groups")
KINDS = (USERS, GROUPS)
