"""The queue of what is to be sent: claimed, sent, tried again later, given up.

It is at-least-once: a process that dies while it sends leaves the row, and another one sends the
same message id again.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import ColumnElement, Select, delete, or_, select, update
from sqlalchemy.orm import Session

from api.webhooks.visibility import may_know, owner_of
from index.access.tenants import IS_ACTIVE
from index.db.audit_chain import record_act
from index.db.database import Database
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.webhooks import Webhook, WebhookDelivery
from index.errors import FootnoteError

CLAIM = timedelta(minutes=2)
"""How long one attempt may take at most, before another process takes the message."""

PAUSES = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 5 * 60, 30 * 60, 2 * 3600, 5 * 3600, 10 * 3600, 10 * 3600)
)
"""Before each further attempt; after the last one a message is given up."""

KEPT = timedelta(days=30)
"""How long messages are listed."""

GONE = 410
"""The status by which a receiver says that it wants no more."""

_MOST_ERROR = 300


@dataclass(frozen=True, slots=True)
class WebhookMessage:
    """One attempt: what is sent where, signed with which secret."""

    message_id: str
    webhook_id: str
    url: str
    secrets: tuple[str, ...]
    """The secret and, for a while after it was renewed, the one before."""
    body: bytes


@dataclass(frozen=True, slots=True)
class Outcome:
    """How an attempt ended; ``status`` is none where there was no answer."""

    status: int | None
    error: str | None

    @property
    def is_success(self) -> bool:
        """Tell whether the receiver has taken the message."""
        return self.status is not None and httpx.codes.is_success(self.status)


def claim_message(database: Database) -> WebhookMessage | None:
    """Take the message that is due, if its webhook's owner may know of it now.

    What the owner may not know is dropped without a trace, and one whose credential is not valid
    any more has the webhook disabled. None where nothing was due.
    """
    while True:
        now = utc_now()
        with database.read() as session:  # looking often must not take the writers' lock
            if session.scalar(_due(now)) is None:
                return None
        with database.write() as session:
            locked = _due(now).with_for_update(skip_locked=True, of=WebhookDelivery)
            delivery = session.scalar(locked)
            message = None if delivery is None else _take(session, delivery, now)
        if delivery is None or message is not None:
            return message


def _take(session: Session, delivery: WebhookDelivery, now: datetime) -> WebhookMessage | None:
    """Claim a message; none where its owner may not know of it, or cannot be asked for any more."""
    webhook = session.get_one(Webhook, delivery.webhook_id, with_for_update=True)
    try:
        owner = owner_of(session, webhook)
    except FootnoteError as error:
        disable(session, webhook, str(error) or error.title)
        return None
    if not may_know(session, owner, delivery):
        session.delete(delivery)
        return None
    delivery.due_at, delivery.attempted_at = now + CLAIM, now
    webhook.attempted_at = now
    delivery.attempts += 1
    secrets = signing_secrets(webhook, now)
    return WebhookMessage(delivery.id, webhook.id, webhook.url, secrets, _body(delivery))


def record_outcome(
    database: Database, message: WebhookMessage, outcome: Outcome, *, most_failures: int
) -> None:
    """Write down how an attempt ended, and when the next one is due."""
    with database.write() as session:
        webhook = session.get(Webhook, message.webhook_id, with_for_update=True)
        delivery = session.get(WebhookDelivery, message.message_id, with_for_update=True)
        if webhook is None or delivery is None:
            return  # deleted meanwhile
        delivery.status = outcome.status
        delivery.error = (outcome.error or "")[:_MOST_ERROR] or None
        if outcome.is_success:
            delivery.state, webhook.failures = "delivered", 0
            return
        webhook.failures += 1
        if delivery.attempts > len(PAUSES):
            delivery.state = "failed"
        else:
            delivery.due_at = utc_now() + PAUSES[delivery.attempts - 1]
        if outcome.status == GONE:
            disable(session, webhook, "The receiver said that it is gone (410).")
        elif webhook.failures >= most_failures:
            disable(session, webhook, f"{webhook.failures:,} attempts in a row failed.")


def disable(session: Session, webhook: Webhook, reason: str) -> None:
    """Send nothing more to a webhook until its owner enables it again."""
    if webhook.disabled_at is None:
        webhook.disabled_at, webhook.disabled_reason = utc_now(), reason[:200]
        record_act(session, webhook.tenant, "webhook-disable", webhook.id, cause=reason)


def forget_deliveries(database: Database) -> None:
    """Delete messages that are too old to be listed, sent or not, and secrets that sign no more."""
    now = utc_now()
    is_old = WebhookDelivery.occurred_at < now - KEPT
    if database.finds(select(WebhookDelivery.id).where(is_old)):
        with database.write() as session:
            session.execute(delete(WebhookDelivery).where(is_old))
    is_over = Webhook.former_secret_until <= now
    if database.finds(select(Webhook.id).where(is_over)):
        with database.write() as session:
            nothing = {"former_secret": None, "former_secret_until": None}
            session.execute(update(Webhook).where(is_over).values(**nothing))


def signing_secrets(webhook: Webhook, now: datetime) -> tuple[str, ...]:
    """Return the secrets that sign a message of this moment, the newest first."""
    until = webhook.former_secret_until
    if webhook.former_secret is None or until is None or until <= now:
        return (webhook.secret,)
    return (webhook.secret, webhook.former_secret)


def messages_are_due(now: datetime) -> ColumnElement[bool]:
    """Return the condition that ``claim_message`` may find a message."""
    return _due(now).exists()


def _due(now: datetime) -> Select[WebhookDelivery]:
    """Return the statement that finds what to send next.

    Healthy webhooks come first, then the one whose turn was longest ago: a receiver that is slow,
    and has a long queue, delays each other webhook by one message and no more.
    """
    is_lost_claim = WebhookDelivery.due_at > now + PAUSES[-1] + CLAIM  # the clock was set back
    return (
        select(WebhookDelivery)
        .join(Webhook, Webhook.id == WebhookDelivery.webhook_id)
        .join(Tenant, Tenant.id == WebhookDelivery.tenant)
        .where(
            WebhookDelivery.state == "pending",
            or_(WebhookDelivery.due_at <= now, is_lost_claim),
            Webhook.disabled_at.is_(None),
            IS_ACTIVE,
        )
        .order_by(
            Webhook.failures, Webhook.attempted_at.nulls_first(),
            WebhookDelivery.due_at, WebhookDelivery.id,
        )
        .limit(1)
    )  # fmt: skip


def _body(delivery: WebhookDelivery) -> bytes:
    body = {
        "type": delivery.event,
        "timestamp": delivery.occurred_at.isoformat(),
        "data": delivery.data,
    }
    return json.dumps(body, separators=(",", ":"), ensure_ascii=False).encode()
