"""Why somebody can or cannot read a document: for administrators, who see no content."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.access import access_list_of, groups_of
from index.errors import NotFoundError
from index.tables import Document
from index.types import EVERYONE, parse_principal


@dataclass(frozen=True, slots=True)
class Explanation:
    """A decision and what it rests on."""

    document_id: str
    principal: str
    readable: bool
    reason: str
    held: list[str]
    """Every principal that counted: the one asked about, its groups, and everyone."""
    allowed_by: list[str]
    """Held principals in the allow set."""
    denied_by: list[str]
    """Held principals in the deny set; one is enough to refuse."""


def explain_access(session: Session, tenant: str, document_id: str, principal: str) -> Explanation:
    """Decide as a search would, and say why.

    Raises:
        NotFoundError: the tenant has no such document.
        InvalidPrincipalError: the principal is malformed.

    """
    who = parse_principal(principal)
    document = session.scalar(
        select(Document).where(Document.tenant == tenant, Document.id == document_id)
    )
    if document is None:
        raise NotFoundError
    access = access_list_of(session, document.class_key)
    held = {who, EVERYONE, *groups_of(session, tenant, who)}
    allowed, denied = sorted(access.allow & held), sorted(access.deny & held)
    return Explanation(
        document_id=document_id,
        principal=who,
        readable=bool(allowed) and not denied,
        reason=_reason(who, allowed, denied),
        held=sorted(held),
        allowed_by=allowed,
        denied_by=denied,
    )


def _reason(who: str, allowed: list[str], denied: list[str]) -> str:
    if denied:
        return f"{who} is refused: {', '.join(denied)} is in the deny set, which always wins."
    if allowed:
        return f"{who} may read: {', '.join(allowed)} is in the allow set."
    return f"{who} is refused: nothing it holds is in the allow set."
