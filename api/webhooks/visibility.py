"""Whether a webhook's owner may know of an event, by the rights of this moment."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from api.auth.api_keys import resolve_scope
from api.auth.delegation import check_credential, role_of_credential
from api.auth.people import is_suspended
from api.errors import UnauthorizedError
from index.access.classes import readable
from index.access.tenants import check_active
from index.db.tables.documents import Document
from index.db.tables.evaluations import EvaluationRun
from index.db.tables.reviews import ReviewItem
from index.db.tables.webhooks import Webhook, WebhookDelivery
from index.types import Actor
from index.webhooks.outbox import PING

OF_DATA_FOLDER = "os:"
"""Begins the credential of a command on the data folder; no key and no identity is called so."""


def owner_of(session: Session, webhook: Webhook) -> Actor:
    """Return a webhook's owner, as a request with the same credential would make them now.

    Raises:
        UnauthorizedError: the key was revoked, the identity is no longer the owner's, or the owner
            is suspended.
        TenantSuspendedError: the tenant is suspended.

    """
    check_active(session, webhook.tenant)
    tenant, owner, credential = webhook.tenant, webhook.owner, webhook.credential
    if credential.startswith(OF_DATA_FOLDER):
        if is_suspended(session, tenant, owner):
            raise UnauthorizedError("The owner is suspended.")
        return Actor(resolve_scope(session, tenant, [owner]), owner, "curator", credential)
    groups = check_credential(session, tenant, owner, credential)
    scope = resolve_scope(session, tenant, [owner, *groups])
    return Actor(scope, owner, role_of_credential(session, credential), credential)


def may_know(session: Session, owner: Actor, delivery: WebhookDelivery) -> bool:
    """Tell whether the owner could read now, by the routes, what the event tells."""
    if delivery.event == PING:
        return True
    match delivery.event.partition(".")[0]:
        case "document":
            statement = select(Document.key).where(
                Document.id == delivery.subject, readable(owner.scope)
            )
            return session.scalar(statement) is not None
        case "review":
            asker = session.scalar(
                select(ReviewItem.asker).where(
                    ReviewItem.id == delivery.subject, ReviewItem.tenant == owner.scope.tenant
                )
            )
            return asker is not None and (asker == owner.owner or owner.is_curator)
        case _:
            run_owner = session.scalar(
                select(EvaluationRun.owner).where(
                    EvaluationRun.id == delivery.subject,
                    EvaluationRun.tenant == owner.scope.tenant,
                )
            )
            return run_owner == owner.owner
