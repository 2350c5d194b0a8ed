"""Queue events for webhooks: an event is durable exactly when what it tells of is.

Nothing is decided here of who may learn of it: that is done when it is sent, by the rights that
the webhook's owner has then.
"""

import secrets
from typing import Any, Literal, get_args

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from index.db.tables.base import utc_now
from index.db.tables.webhooks import Webhook, WebhookDelivery
from index.db.work_signals import signal_work

EventName = Literal["document.ready", "document.failed", "review.decided", "evaluation.finished"]
EVENTS: tuple[EventName, ...] = get_args(EventName)

PING = "webhook.ping"
"""An event that an owner asks for, to see that it arrives."""


def announce(session: Session, tenant: str, event: EventName, subject: str, **data: Any) -> None:
    """Queue an event for every webhook of the tenant that wants it, with this transaction.

    ``data`` has ids and states alone: never a title, a question or a document's text.
    """
    for webhook_id, wanted_events in session.execute(_ACTIVE, {"tenant": tenant}).all():
        if event in wanted_events:
            queue_delivery(session, tenant, webhook_id, event, subject, data)


def queue_delivery(
    session: Session, tenant: str, webhook_id: str, event: str, subject: str, data: dict[str, Any]
) -> WebhookDelivery:
    """Queue one event for one webhook."""
    now = utc_now()
    delivery = WebhookDelivery(
        id=f"msg_{secrets.token_hex(12)}", tenant=tenant, webhook_id=webhook_id, event=event,
        subject=subject, data=data, due_at=now, occurred_at=now,
    )  # fmt: skip
    session.add(delivery)
    signal_work(session, "messages")
    return delivery


_ACTIVE = select(Webhook.id, Webhook.events).where(
    Webhook.tenant == bindparam("tenant"), Webhook.disabled_at.is_(None)
)
