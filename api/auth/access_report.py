"""Access, explained to administrators: the decision, its reasons, its history; no content."""

from dataclasses import dataclass

from index.access.audit_log import AccessChange, access_changes
from index.access.explain import Explanation, explain_access
from index.db.database import Database


@dataclass(frozen=True, slots=True)
class AccessView:
    """Why somebody can or cannot read a document, and who changed its access when."""

    explanation: Explanation
    history: list[AccessChange]


def show_access(database: Database, tenant: str, document_id: str, principal: str) -> AccessView:
    """Explain one decision.

    Raises:
        NotFoundError: the tenant has no such document.
        InvalidPrincipalError: the principal is malformed.

    """
    with database.read() as session:
        return AccessView(
            explain_access(session, tenant, document_id, principal),
            access_changes(session, tenant, document_id),
        )
