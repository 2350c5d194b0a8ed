"""The scopes of a key: which of its role's rights it has. A key that names none has them all."""

import re
from collections.abc import Iterable
from typing import Literal, get_args

from api.errors import InvalidRequestError, ScopeError

KeyScope = Literal["read", "write", "admin", "impersonate", "scim"]

SCOPES: tuple[KeyScope, ...] = get_args(KeyScope)

ALL = frozenset(SCOPES)

OF_PEOPLE = ALL - {"scim"}
"""The scopes of somebody who signs in; only a key provisions people."""

_ASKING = (
    "/v1/search", "/v1/ask", "/v1/conversations", "/v1/feedback", "/v1/chat/completions",
    "/v1/responses", "/v1/embeddings", "/v1/moderations", "/v1/rerank", "/mcp",
    "/v1/integrations/dify",
)  # fmt: skip
"""Paths that a key which only reads may post to: a person's own questions and what they say of the
answers."""

_STORE_SEARCH = re.compile(r"/v1/vector_stores/[^/]+/search")


def spell_scopes(scopes: Iterable[str]) -> str:
    """Return scopes as they are stored; nothing for all.

    Raises:
        InvalidRequestError: there is no such scope.

    """
    names = frozenset(scopes)
    if unknown := sorted(names - ALL):
        raise InvalidRequestError(f"{unknown[0]!r} is no scope. Scopes are {', '.join(SCOPES)}.")
    return "" if names == ALL else " ".join(name for name in SCOPES if name in names)


def parse_scopes(stored_scopes: str) -> frozenset[str]:
    """Return the scopes that ``spell_scopes`` has written."""
    return frozenset(stored_scopes.split()) or ALL


def scopes_of(stored_scopes: str, role: str) -> frozenset[str]:
    """Return the scopes of a key with this role; none but an administrator's provisions people."""
    scopes = parse_scopes(stored_scopes)
    return scopes if role == "admin" else scopes & OF_PEOPLE


def shown_scopes(stored_scopes: str, role: str) -> list[str]:
    """Return a key's scopes for people, without those that its role gives no right to."""
    of_role = ALL if role in {"admin", "operator"} else {"read", "write"}
    return [name for name in SCOPES if name in scopes_of(stored_scopes, role) & of_role]


def required_scope(method: str, path: str) -> KeyScope:
    """Return the scope that a request needs; what is not known to be reading is writing."""
    if path.startswith("/v1/admin/") or path == "/metrics":
        return "admin"
    if path.startswith("/scim/"):
        return "scim"
    is_asking = any(path == each or path.startswith(f"{each}/") for each in _ASKING)
    is_asking = is_asking or _STORE_SEARCH.fullmatch(path) is not None
    return "read" if method in {"GET", "HEAD", "OPTIONS"} or is_asking else "write"


def require_scope(scopes: frozenset[str], needed_scope: KeyScope) -> None:
    """Refuse what a key's scopes do not allow.

    Raises:
        ScopeError: the scope is not among them.

    """
    if needed_scope not in scopes:
        raise ScopeError(f"The key lacks the scope {needed_scope}. Use a key that has it.")


def granted_scopes(requested: Iterable[str], granting: frozenset[str]) -> frozenset[str]:
    """Return the scopes of a new key, which has never more than the key that makes it.

    Raises:
        ScopeError: the request names a scope that the maker's key lacks.
        InvalidRequestError: there is no such scope.

    """
    names = parse_scopes(spell_scopes(requested)) if (requested := list(requested)) else granting
    if lacking := sorted(names - granting):
        raise ScopeError(f"The key lacks the scope {lacking[0]}, so it cannot grant it.")
    return names
