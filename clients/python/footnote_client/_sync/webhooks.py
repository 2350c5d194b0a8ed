"""Webhooks: URLs that are told of documents, reviews and evaluations."""

from collections.abc import Iterable, Sequence

from footnote_client._sync.sender import Sender
from footnote_client.models import (
    DeliveryList,
    DeliveryView,
    NewWebhook,
    WebhookList,
    WebhookView,
)
from footnote_client.requests import change, get, listed, without_none


class Webhooks:
    """Your webhooks."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def create(self, url: str, events: str | Iterable[str]) -> NewWebhook:
        """Make a webhook; ``secret``, the key of its signatures, is shown in this answer alone."""
        body = {"url": url, "events": listed(events)}
        response = self._sender.send(change("POST", "/v1/webhooks", body))
        return NewWebhook.model_validate(response.json())

    def list(self) -> Sequence[WebhookView]:
        """Return your webhooks, oldest first."""
        response = self._sender.send(get("/v1/webhooks"))
        return WebhookList.model_validate(response.json()).items

    def get(self, webhook_id: str) -> WebhookView:
        """Return one webhook."""
        response = self._sender.send(get(f"/v1/webhooks/{webhook_id}"))
        return WebhookView.model_validate(response.json())

    def update(
        self,
        webhook_id: str,
        *,
        url: str | None = None,
        events: str | Iterable[str] | None = None,
        enabled: bool | None = None,
    ) -> WebhookView:
        """Change a webhook; ``enabled=True`` tries one again that was disabled."""
        body = without_none({"url": url, "events": listed(events), "enabled": enabled})
        response = self._sender.send(change("PATCH", f"/v1/webhooks/{webhook_id}", body))
        return WebhookView.model_validate(response.json())

    def rotate(self, webhook_id: str, *, grace_hours: int | None = None) -> NewWebhook:
        """Give a webhook a new secret, which is shown in this answer alone.

        The secret before signs too for ``grace_hours``, 24 by default; 0 ends it at once.
        """
        path, params = f"/v1/webhooks/{webhook_id}/rotate", {"grace_hours": grace_hours}
        response = self._sender.send(change("POST", path, params=params))
        return NewWebhook.model_validate(response.json())

    def ping(self, webhook_id: str) -> None:
        """Have ``webhook.ping`` sent, to see that it arrives."""
        self._sender.send(change("POST", f"/v1/webhooks/{webhook_id}/ping"))

    def deliveries(self, webhook_id: str, *, limit: int = 100) -> Sequence[DeliveryView]:
        """Return what was sent to a webhook, newest first, and how it was answered."""
        path = f"/v1/webhooks/{webhook_id}/deliveries"
        response = self._sender.send(get(path, limit=limit))
        return DeliveryList.model_validate(response.json()).items

    def delete(self, webhook_id: str) -> None:
        """Delete a webhook with all that waits for it."""
        self._sender.send(change("DELETE", f"/v1/webhooks/{webhook_id}"))
