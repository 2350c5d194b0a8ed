"""The rights of a caller in words, as ``docs/security.md`` lists them by role."""

from typing import Literal

from api.auth.api_keys import Caller
from index.types import Role

Right = Literal[
    "ask", "upload", "evaluate", "measure", "publish", "curate", "administer", "operate"
]

_OF_ROLE: dict[Role, tuple[Right, ...]] = {
    "reader": ("ask", "upload", "evaluate"),
    "evaluator": ("ask", "upload", "evaluate", "measure"),
    "contributor": ("ask", "upload", "evaluate", "publish"),
    "curator": ("ask", "upload", "evaluate", "publish", "curate"),
    "admin": ("ask", "upload", "evaluate", "measure", "publish", "curate", "administer"),
}
"""``measure``: evaluations up to the tenant's cap; ``publish``: to every audience."""


def rights_of(caller: Caller) -> list[Right]:
    """Return what a caller may do here, by the role and the scopes of the credential."""
    rights = [right for right in _OF_ROLE[caller.actor.role] if _scope_of(right) in caller.scopes]
    return [*rights, "operate"] if caller.is_operator else rights


def _scope_of(right: Right) -> str:
    if right == "administer":
        return "admin"
    return "read" if right == "ask" else "write"
