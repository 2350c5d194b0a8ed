"""``footnote webhook``: URLs that are told of documents, reviews and evaluations."""

from dataclasses import asdict
from typing import Annotated, Any

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, local_settings
from api.cli.option_sets import CuratorActOptions, CuratorOptions, takes_options
from index.types import Actor

app = command_group()
webhook = command_group("Tell URLs when documents are ready, reviews decided, evaluations over.")
app.add_typer(webhook, name="webhook")

WebhookId = Annotated[str, typer.Argument(metavar="WEBHOOK_ID", help="the webhook")]


@webhook.command("create")
@takes_options
def create_command(
    url: Annotated[str, typer.Argument(metavar="URL", help="the receiver")],
    *,
    events: Annotated[
        list[str],
        typer.Option("--event", metavar="EVENT", help="an event it is told of; repeatable"),
    ],
    options: CuratorActOptions,
) -> int:
    """Make a webhook, and print its secret, which is shown once."""
    if remote := options.connect():
        created = remote.call("POST", "/v1/webhooks", json={"url": url, "events": events})
    else:
        created = _create_locally(url, events, options)
    view = created["webhook"]
    return options.print(created, view["webhook_id"], f"secret: {created['secret']}")


@webhook.command("list")
@takes_options
def list_command(*, options: CuratorOptions) -> int:
    """List your webhooks."""
    if remote := options.connect():
        items = remote.call("GET", "/v1/webhooks")["items"]
    else:
        from api.webhooks.registry import list_webhooks

        with options.open_store() as store:
            views = list_webhooks(store.database, local_actor(store.database, options.principals))
        items = [asdict(view) for view in views]
    lines = [f"{item['webhook_id']}  {_state(item)}  {item['url']}" for item in items]
    return options.print({"items": items}, *(lines or ["There is no webhook."]))


@webhook.command("deliveries")
@takes_options
def deliveries_command(webhook_id: WebhookId, *, options: CuratorOptions) -> int:
    """List what was sent to a webhook of yours, newest first, and how it was answered."""
    if remote := options.connect():
        items = remote.call("GET", f"/v1/webhooks/{webhook_id}/deliveries")["items"]
    else:
        from api.webhooks.registry import list_deliveries

        with options.open_store() as store:
            actor = local_actor(store.database, options.principals)
            views = list_deliveries(store.database, actor, webhook_id)
        items = [asdict(view) for view in views]
    lines = [
        f"{item['delivery_id']}  {item['event']:20} {item['state']:9} "
        f"{item['status'] or item['error'] or ''}"
        for item in items
    ]
    return options.print({"items": items}, *(lines or ["Nothing was sent yet."]))


@webhook.command("enable")
@takes_options
def enable_command(webhook_id: WebhookId, *, options: CuratorActOptions) -> int:
    """Try a webhook of yours again that was disabled; what waits for it is sent."""
    return _change(webhook_id, options, is_enabled=True)


@webhook.command("disable")
@takes_options
def disable_command(webhook_id: WebhookId, *, options: CuratorActOptions) -> int:
    """Send nothing more to a webhook until it is enabled again."""
    return _change(webhook_id, options, is_enabled=False)


@webhook.command("delete")
@takes_options
def delete_command(webhook_id: WebhookId, *, options: CuratorActOptions) -> int:
    """Delete a webhook with all that waits for it."""
    if remote := options.connect():
        remote.call("DELETE", f"/v1/webhooks/{webhook_id}")
    else:
        from api.webhooks.registry import delete_webhook

        with options.open_store() as store:
            delete_webhook(store.database, _actor(store, options), webhook_id)
    return options.print({"webhook_id": webhook_id}, f"{webhook_id} is deleted.")


def _change(webhook_id: str, options: CuratorActOptions, *, is_enabled: bool) -> int:
    if remote := options.connect():
        view = remote.call("PATCH", f"/v1/webhooks/{webhook_id}", json={"enabled": is_enabled})
    else:
        from api.webhooks.registry import change_webhook

        with options.open_store() as store:
            actor = _actor(store, options)
            view = asdict(change_webhook(store.database, actor, webhook_id, is_enabled=is_enabled))
    return options.print(view, f"{webhook_id} is {_state(view)}.")


def _create_locally(url: str, events: list[str], options: CuratorActOptions) -> dict[str, Any]:
    """Make a webhook in a data folder.

    Raises:
        InvalidRequestError: there is no such event.
        UrlRefusedError: the URL leads to no public address.

    """
    from api.composition.ingestion import build_fetcher
    from api.errors import InvalidRequestError
    from api.webhooks.registry import create_webhook
    from index.webhooks.outbox import EVENTS

    known_events = [name for name in EVENTS if name in events]
    if unknown := sorted(set(events) - set(EVENTS)):
        raise InvalidRequestError(f"{unknown[0]!r} is no event. Events are {', '.join(EVENTS)}.")
    build_fetcher(local_settings(options.data)).check_address(url)
    with options.open_store() as store:
        view, secret = create_webhook(store.database, _actor(store, options), url, known_events)
    return {"webhook": asdict(view), "secret": secret}


def _actor(store: Any, options: CuratorActOptions) -> Actor:
    """Return who acts, with the reason that was given."""
    from dataclasses import replace

    actor = local_actor(store.database, options.principals)
    return replace(actor, reason=options.reason)


def _state(item: dict[str, Any]) -> str:
    return "enabled" if item["enabled"] else f"disabled ({item['disabled_reason']})"
