"""Access, explained to administrators: the decision, its reasons, its history; no content."""

from dataclasses import dataclass

from index.audit import AccessChange, access_changes
from index.database import Database
from index.explain import Explanation, explain_access


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
