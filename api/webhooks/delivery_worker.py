"""Sends what is due to webhooks, through the one way out."""

import logging
import threading
from dataclasses import dataclass, field

import httpx

from api.webhooks.delivery_queue import Outcome, WebhookMessage, claim_message, record_outcome
from api.webhooks.signatures import signed_headers
from index.db.database import Database
from index.db.tables.base import utc_now
from index.egress.fetcher import Fetcher
from index.errors import FetchError, FetchLimitError, UrlRefusedError

logger = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
"""Between two looks for what is due."""


@dataclass(frozen=True, slots=True)
class DeliveryDependencies:
    """The collaborators of the sending."""

    database: Database
    fetcher: Fetcher
    most_failures: int
    """Attempts in a row after which a webhook is disabled."""
    senders: int = 1
    """Messages that are sent at the same time: one slow receiver does not stop all."""
    lookout: threading.Lock = field(default_factory=threading.Lock)
    """Whoever holds it looks for what is due; the other senders wait for it, and ask nothing."""


def work_deliveries(needs: DeliveryDependencies, stop: threading.Event) -> None:
    """Send what is due until told to stop; what a stop interrupts is sent again later.

    However many senders there are, one of them looks at the database. The one that has found a
    message goes to send it, and the next one looks, at once.
    """
    while not stop.is_set():
        with needs.lookout:
            message = _wait_for_message(needs, stop)
        if message is not None:
            _attempt(needs, message)


def send_next(needs: DeliveryDependencies) -> bool:
    """Send the message that is due; false where there is none."""
    message = claim_message(needs.database)
    if message is None:
        return False
    outcome = send(needs.fetcher, message)
    record_outcome(needs.database, message, outcome, most_failures=needs.most_failures)
    return True


def _wait_for_message(needs: DeliveryDependencies, stop: threading.Event) -> WebhookMessage | None:
    """Look every second until a message is due, and claim it; none when told to stop."""
    signals = needs.database.signals
    while not stop.is_set():
        count = signals.count("messages")
        try:
            if (message := claim_message(needs.database)) is not None:
                return message
        except Exception:  # one message that fails must not end the others; the log has the place
            logger.exception("a webhook's message could not be claimed")
        signals.wait("messages", count, stop, seconds=LOOK_SECONDS)
    return None


def _attempt(needs: DeliveryDependencies, message: WebhookMessage) -> None:
    try:
        outcome = send(needs.fetcher, message)
        record_outcome(needs.database, message, outcome, most_failures=needs.most_failures)
    except Exception:  # the message is claimed for a while, and tried again after that
        logger.exception("a webhook's message could not be sent")


def send(fetcher: Fetcher, message: WebhookMessage) -> Outcome:
    """Make one attempt; a redirect is not followed, and nothing of the answer is kept."""
    headers = signed_headers(message.secrets, message.message_id, utc_now(), message.body)
    try:
        status = fetcher.post(
            message.url, message.body, {"Content-Type": "application/json", **headers}
        )
    except (UrlRefusedError, FetchError, FetchLimitError) as error:
        return Outcome(None, str(error))
    is_success = httpx.codes.is_success(status)
    return Outcome(status, None if is_success else f"The receiver answers with {status}.")
