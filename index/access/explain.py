"""Why somebody can or cannot read a document: for administrators, who see no content."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from index.access.classes import access_list_of, groups_of
from index.db.tables.access import ApiKey
from index.db.tables.documents import Document
from index.errors import NotFoundError
from index.types import EVERYONE, parse_principal


@dataclass(frozen=True, slots=True)
class Explanation:
    """Whether a principal may read a document, and the sets that decide it."""

    document_id: str
    principal: str
    readable: bool
    reason: str
    held: list[str]
    """Every principal that counted: the one in question, its groups, and everyone.

    A key may name groups too. Each of a user's valid keys is looked at by itself, as a request
    with it would be; where one of them opens the document, these are what it holds.
    """
    allowed_by: list[str]
    """Held principals in the allow set."""
    denied_by: list[str]
    """Held principals in the deny set; one is enough to refuse."""


def explain_access(session: Session, tenant: str, document_id: str, principal: str) -> Explanation:
    """Decide as a search does, and say why.

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
    ways = [
        (principals, sorted(access.allow & principals), sorted(access.deny & principals))
        for principals in _holdings(session, tenant, who)
    ]
    opens = [way for way in ways if way[1] and not way[2]]
    principals, allowing, denying = (
        opens[0] if opens else max(ways, key=lambda way: len(way[1] + way[2]))
    )
    return Explanation(
        document_id=document_id,
        principal=who,
        readable=bool(opens),
        reason=_reason(who, allowing, denying),
        held=sorted(principals),
        allowed_by=allowing,
        denied_by=denying,
    )


def _holdings(session: Session, tenant: str, who: str) -> list[set[str]]:
    """Return the principals held without a key, and with each of a user's valid keys."""
    keys = select(ApiKey.groups).where(
        ApiKey.tenant == tenant, ApiKey.user == who, ApiKey.revoked_at.is_(None)
    )
    holdings = []
    for groups in [[], *session.scalars(keys.order_by(ApiKey.created_at, ApiKey.id))]:
        direct_principals = {who, EVERYONE, *groups}
        holdings.append(
            direct_principals.union(
                *(groups_of(session, tenant, one) for one in sorted(direct_principals))
            )
        )
    return holdings


def _reason(who: str, allowing: list[str], denying: list[str]) -> str:
    if denying:
        return f"{who} is refused: {', '.join(denying)} is in the deny set, which always wins."
    if allowing:
        return f"{who} may read: {', '.join(allowing)} is in the allow set."
    return f"{who} is refused: nothing it holds is in the allow set."
