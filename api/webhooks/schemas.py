"""Bodies and answers of the routes for webhooks."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from api.schemas import Body, Text
from index.webhooks.outbox import EventName

DeliveryState = Literal["pending", "delivered", "failed"]


class WebhookRequest(Body):
    """A new webhook."""

    url: Text = Field(
        min_length=1, max_length=2000, examples=["https://hooks.example.com/footnote"]
    )
    events: list[EventName] = Field(min_length=1, max_length=10, examples=[["document.ready"]])


class WebhookPatch(Body):
    """Changes to a webhook; a field that is left out stays as it is."""

    url: Text | None = Field(None, min_length=1, max_length=2000)
    events: list[EventName] | None = Field(None, min_length=1, max_length=10)
    enabled: bool | None = Field(None, description="true: it is tried again.")


@dataclass(frozen=True, slots=True)
class WebhookView:
    """A webhook without its secret."""

    webhook_id: str
    owner: str
    url: str
    events: list[str]
    enabled: bool
    disabled_reason: str
    """Why it is not tried any more."""
    failures: int
    """Attempts in a row that failed."""
    created_at: datetime
    former_secret_until: datetime | None
    """Until when the secret before signs too; none where it does not."""


@dataclass(frozen=True, slots=True)
class DeliveryView:
    """One event as it was sent to a webhook; it is listed from the first attempt on."""

    delivery_id: str
    """The `webhook-id` header: the same for every attempt."""
    event: str
    data: dict[str, Any]
    state: DeliveryState
    attempts: int
    status: int | None
    """The HTTP status of the last attempt; none where there was no answer."""
    error: str | None
    occurred_at: datetime
    attempted_at: datetime | None
    next_at: datetime | None
    """When it is tried again."""


class NewWebhook(BaseModel):
    """A webhook with its secret, which is shown once."""

    webhook: WebhookView
    secret: str = Field(description="The key of the signatures, as Standard Webhooks writes it.")


class WebhookList(BaseModel):
    """Your webhooks, oldest first; to administrators, the tenant's."""

    items: list[WebhookView]


class DeliveryList(BaseModel):
    """The events that were sent to a webhook, newest first."""

    items: list[DeliveryView]
