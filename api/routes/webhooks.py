"""Webhooks: URLs that are told when a document is ready, a review decided, an evaluation over."""

from datetime import timedelta
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query

from api.auth.dependencies import CurrentActor
from api.dependencies import CurrentDatabase, CurrentWebhookRules
from api.openapi.problems import problem_responses
from api.routes.entity_tags import (
    NOT_MODIFIED,
    ChangedTagged,
    CurrentPrecondition,
    CurrentTagged,
)
from api.routes.guarded_route import GuardedRoute
from api.webhooks.registry import (
    GRACE,
    change_webhook,
    create_webhook,
    delete_webhook,
    get_webhook,
    list_deliveries,
    list_webhooks,
    ping_webhook,
    rotate_secret,
    webhook_state,
)
from api.webhooks.schemas import (
    DeliveryList,
    NewWebhook,
    WebhookList,
    WebhookPatch,
    WebhookRequest,
    WebhookView,
)
from index.errors import PreconditionFailedError, QueueFullError, UrlRefusedError

router = APIRouter(prefix="/v1/webhooks", tags=["webhooks"], route_class=GuardedRoute)

WebhookId = Annotated[str, Path(max_length=40, examples=["wh_0123456789abcdef01234567"])]


@router.post("", status_code=201, responses=problem_responses(UrlRefusedError, QueueFullError))
def make_webhook(
    actor: CurrentActor, database: CurrentDatabase, rules: CurrentWebhookRules, body: WebhookRequest
) -> NewWebhook:
    """Make a webhook of yours; its secret is in this answer and never again.

    It is told of documents that you may read, of reviews that you see and of your evaluations.
    """
    rules.fetcher.check_address(body.url)
    webhook, secret = create_webhook(database, actor, body.url, body.events, caps=rules.caps)
    return NewWebhook(webhook=webhook, secret=secret)


@router.get("")
def show_webhooks(actor: CurrentActor, database: CurrentDatabase) -> WebhookList:
    """List your webhooks; administrators see all of their tenant."""
    return WebhookList(items=list_webhooks(database, actor))


@router.get("/{webhook_id}", response_model=WebhookView, responses=NOT_MODIFIED)
def show_webhook(
    actor: CurrentActor, database: CurrentDatabase, tagged: CurrentTagged, webhook_id: WebhookId
) -> Any:
    """Return one webhook without its secret."""
    view = get_webhook(database, actor, webhook_id)
    return tagged.answer(view, webhook_state(view))


@router.patch(
    "/{webhook_id}",
    response_model=WebhookView,
    responses=problem_responses(UrlRefusedError, PreconditionFailedError),
)
def edit_webhook(
    *,
    actor: CurrentActor,
    database: CurrentDatabase,
    rules: CurrentWebhookRules,
    precondition: CurrentPrecondition,
    tagged: ChangedTagged,
    webhook_id: WebhookId,
    body: WebhookPatch,
) -> Any:
    """Change a webhook of yours; administrators can stop others' (`enabled` false)."""
    get_webhook(database, actor, webhook_id)  # what is not there answers before its URL is judged
    if body.url is not None:
        rules.fetcher.check_address(body.url)
    view = change_webhook(
        database, actor, webhook_id, url=body.url, events=body.events, is_enabled=body.enabled,
        precondition=precondition,
    )  # fmt: skip
    return tagged.answer(view, webhook_state(view))


@router.post("/{webhook_id}/rotate")
def renew_secret(
    actor: CurrentActor,
    database: CurrentDatabase,
    webhook_id: WebhookId,
    grace_hours: Annotated[int, Query(ge=0, le=168)] = int(GRACE.total_seconds() // 3600),
) -> NewWebhook:
    """Give a webhook of yours a new secret; it is in this answer and never again.

    The secret before signs too for `grace_hours`; 0 ends it at once.
    """
    grace = timedelta(hours=grace_hours)
    webhook, secret = rotate_secret(database, actor, webhook_id, grace)
    return NewWebhook(webhook=webhook, secret=secret)


@router.post("/{webhook_id}/ping", status_code=204)
def send_ping(actor: CurrentActor, database: CurrentDatabase, webhook_id: WebhookId) -> None:
    """Send `webhook.ping` to a webhook of yours, to see that it arrives."""
    ping_webhook(database, actor, webhook_id)


@router.delete(
    "/{webhook_id}", status_code=204, responses=problem_responses(PreconditionFailedError)
)
def remove_webhook(
    actor: CurrentActor,
    database: CurrentDatabase,
    precondition: CurrentPrecondition,
    webhook_id: WebhookId,
) -> None:
    """Delete a webhook with all that waits for it."""
    delete_webhook(database, actor, webhook_id, precondition=precondition)


@router.get("/{webhook_id}/deliveries")
def show_deliveries(
    actor: CurrentActor,
    database: CurrentDatabase,
    webhook_id: WebhookId,
    limit: Annotated[int, Query(ge=1, le=500)] = 100,
) -> DeliveryList:
    """List what was sent to a webhook of yours, newest first, and how it was answered."""
    return DeliveryList(items=list_deliveries(database, actor, webhook_id, limit))
