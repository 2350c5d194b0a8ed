"""Webhooks as their owners and administrators see and change them.

A webhook is its owner's. Administrators see all of their tenant and can stop or delete them; what
is sent to a webhook is its owner's alone, since it tells of what the owner may read.
"""

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from api.webhooks.schemas import DeliveryView, WebhookView
from api.webhooks.signatures import new_secret
from index.access.classes import lock_tenant
from index.access.tenants import check_state
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.base import utc_now
from index.db.tables.webhooks import Webhook, WebhookDelivery
from index.entity_tags import UNCONDITIONAL, Precondition, entity_tag
from index.errors import NotFoundError
from index.queue_caps import UNCAPPED, QueueCaps
from index.types import Actor
from index.webhooks.outbox import PING, EventName, queue_delivery

GRACE = timedelta(hours=24)
"""How long the secret before signs too, where nobody says otherwise."""

STOPPED = "It was stopped."


def create_webhook(
    database: Database,
    actor: Actor,
    url: str,
    events: Sequence[EventName],
    *,
    caps: QueueCaps = UNCAPPED,
) -> tuple[WebhookView, str]:
    """Make a webhook of the actor's; return it with its secret, which is never shown again.

    Raises:
        QueueFullError: the actor, or the tenant, has as many webhooks as are permitted.
        TenantSuspendedError: the tenant is suspended.

    """
    secret = new_secret()
    with database.write(actor.author) as session:
        check_state(lock_tenant(session, actor.scope.tenant).state)
        caps.check(
            session, actor, Webhook, Webhook.owner, remedy="Delete webhooks that are not needed."
        )
        row = Webhook(
            id=f"wh_{secrets.token_hex(12)}", tenant=actor.scope.tenant, owner=actor.owner,
            credential=actor.credential, url=url, events=sorted(set(events)), secret=secret,
        )  # fmt: skip
        session.add(row)
        session.flush()
        record_act(session, row.tenant, "webhook-create", row.id, events=row.events)
        return _view(row), secret


def list_webhooks(database: Database, actor: Actor) -> list[WebhookView]:
    """Return the actor's webhooks, oldest first; to an administrator all of the tenant."""
    with database.read() as session:
        rows = session.scalars(_shown(actor).order_by(Webhook.created_at, Webhook.id))
        return [_view(row) for row in rows]


def get_webhook(database: Database, actor: Actor, webhook_id: str) -> WebhookView:
    """Return a webhook.

    Raises:
        NotFoundError: there is none, or it is somebody else's and the actor no administrator.

    """
    with database.read() as session:
        return _view(_find(session, _shown(actor), webhook_id))


def change_webhook(
    database: Database,
    actor: Actor,
    webhook_id: str,
    *,
    url: str | None = None,
    events: Sequence[EventName] | None = None,
    is_enabled: bool | None = None,
    precondition: Precondition = UNCONDITIONAL,
) -> WebhookView:
    """Change a webhook of the actor's own; an administrator can only stop others'.

    Who says where it leads, or starts it again, lends it the rights of this credential: the rights
    of another one would be sent to whoever holds the weaker.

    Raises:
        NotFoundError: there is none that the actor may change so.
        PreconditionFailedError: it is in another state than the change is meant for.

    """
    is_stop = url is None and events is None and is_enabled is False
    with database.write(actor.author) as session:
        rows = _shown(actor) if is_stop else _own(actor)
        row = _find(session, rows.with_for_update(), webhook_id)
        precondition.check(lambda: entity_tag(webhook_state(_view(row))))
        row.url = row.url if url is None else url
        row.events = row.events if events is None else sorted(set(events))
        if is_enabled is True:
            row.disabled_at, row.disabled_reason, row.failures = None, "", 0
        elif is_enabled is False and row.disabled_at is None:
            row.disabled_at, row.disabled_reason = utc_now(), STOPPED
        if url is not None or is_enabled is True:
            row.credential = actor.credential
        record_act(
            session, row.tenant, "webhook-change", row.id,
            events=row.events, enabled=row.disabled_at is None,
        )  # fmt: skip
        return _view(row)


def rotate_secret(
    database: Database, actor: Actor, webhook_id: str, grace: timedelta = GRACE
) -> tuple[WebhookView, str]:
    """Give a webhook of the actor's own a new secret; the next attempt is signed with it.

    For so long as ``grace`` the secret before signs too, so that the receiver can take over the new
    one in between. A secret older than that signs no more.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.write(actor.author) as session:
        row = _find(session, _own(actor).with_for_update(), webhook_id)
        until = utc_now() + grace if grace else None
        row.former_secret, row.former_secret_until = (row.secret if until else None), until
        row.secret = new_secret()
        record_act(
            session, row.tenant, "webhook-rotate", row.id, grace_s=int(grace.total_seconds())
        )
        return _view(row), row.secret


def delete_webhook(
    database: Database,
    actor: Actor,
    webhook_id: str,
    *,
    precondition: Precondition = UNCONDITIONAL,
) -> None:
    """Delete a webhook with all that waits for it.

    Raises:
        NotFoundError: there is none, or it is somebody else's and the actor no administrator.
        PreconditionFailedError: it is in another state than the deletion is meant for.

    """
    with database.write(actor.author) as session:
        row = _find(session, _shown(actor).with_for_update(), webhook_id)
        precondition.check(lambda: entity_tag(webhook_state(_view(row))))
        session.execute(delete(WebhookDelivery).where(WebhookDelivery.webhook_id == row.id))
        session.delete(row)
        record_act(session, row.tenant, "webhook-delete", row.id)


def ping_webhook(database: Database, actor: Actor, webhook_id: str) -> None:
    """Queue an event that tells of nothing, to see that it arrives; one at a time waits.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.write(actor.author) as session:
        row = _find(session, _own(actor).with_for_update(), webhook_id)
        of_webhook = (WebhookDelivery.webhook_id == row.id, WebhookDelivery.event == PING)
        waits = select(WebhookDelivery.id).where(*of_webhook, WebhookDelivery.state == "pending")
        if session.scalar(waits.limit(1)) is None:
            queue_delivery(session, row.tenant, row.id, PING, row.id, {"webhook_id": row.id})
        record_act(session, row.tenant, "webhook-ping", row.id)


def list_deliveries(
    database: Database, actor: Actor, webhook_id: str, limit: int = 100
) -> list[DeliveryView]:
    """Return what was sent to a webhook of the actor's own, newest first.

    Nothing that was not tried yet is among it: only an attempt proves that the owner may know.

    Raises:
        NotFoundError: there is none, or it is somebody else's.

    """
    with database.read() as session:
        row = _find(session, _own(actor), webhook_id)
        statement = (
            select(WebhookDelivery)
            .where(WebhookDelivery.webhook_id == row.id, WebhookDelivery.attempts > 0)
            .order_by(WebhookDelivery.occurred_at.desc(), WebhookDelivery.id)
            .limit(limit)
        )
        return [_delivery_view(each) for each in session.scalars(statement)]


def _own(actor: Actor) -> Select[Webhook]:
    return select(Webhook).where(Webhook.tenant == actor.scope.tenant, Webhook.owner == actor.owner)


def _shown(actor: Actor) -> Select[Webhook]:
    if actor.role == "admin":
        return select(Webhook).where(Webhook.tenant == actor.scope.tenant)
    return _own(actor)


def _find(session: Session, rows: Select[Webhook], webhook_id: str) -> Webhook:
    row = session.scalar(rows.where(Webhook.id == webhook_id))
    if row is None:
        raise NotFoundError
    return row


def _view(row: Webhook) -> WebhookView:
    return WebhookView(
        row.id, row.owner, row.url, list(row.events), row.disabled_at is None,
        row.disabled_reason, row.failures, row.created_at, _grace_end(row),
    )  # fmt: skip


def webhook_state(view: WebhookView) -> list[Any]:
    """Return what a change of a webhook changes; how its deliveries fare is none of it."""
    return [view.webhook_id, view.url, view.events, view.enabled, view.disabled_reason]


def _grace_end(row: Webhook) -> datetime | None:
    until = row.former_secret_until
    return until if until is not None and until > utc_now() else None


def _delivery_view(row: WebhookDelivery) -> DeliveryView:
    return DeliveryView(
        row.id, row.event, dict(row.data), row.state,  # type: ignore[arg-type]
        row.attempts, row.status, row.error, row.occurred_at, row.attempted_at,
        row.due_at if row.state == "pending" else None,
    )  # fmt: skip
