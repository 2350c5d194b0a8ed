"""``footnote review``: replies that the policy holds until a person decides."""

import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import local_actor, open_local_store
from api.cli.options import (
    ApiKey,
    AsJson,
    DataFolder,
    Principals,
    ServerUrl,
    connect,
    print_json,
    print_line,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_WIDTH = 88

State = Literal["pending", "approved", "denied", "expired"]
ReviewId = Annotated[str, typer.Argument(metavar="REVIEW_ID", help="the held reply")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="for the other reviewers")]

app = command_group()
review = command_group("Decide on replies that the policy holds.")
app.add_typer(review, name="review")


@review.command("list")
def list_command(
    *,
    state: Annotated[State | None, typer.Option(help="only those (default: all)")] = None,
    limit: Annotated[int, typer.Option(metavar="N", help="at most N replies")] = 100,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """List held replies, those that wait first."""
    if remote := connect(server, key, principals):
        query = {"limit": limit, **({"state": state} if state else {})}
        items = remote.call("GET", "/v1/reviews", params=query)["items"]
    else:
        from api.questions.reviews import list_reviews

        with open_local_store(data) as store:
            actor = local_actor(store.database, principals)
            views = list_reviews(store.database, actor, state=state, limit=limit)
        items = [asdict(view) for view in views]
    if as_json:
        print_json({"items": items})
        return 0
    for item in items:
        _print_item(item)
    if not items:
        print_line("Nothing is held.")
    return 0


@review.command("approve")
def approve_command(
    review_id: ReviewId,
    *,
    note: Note = "",
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Let a held reply through."""
    if remote := connect(server, key, principals):
        body = {"decision": "approve", "note": note}
        item = remote.call("POST", f"/v1/reviews/{review_id}/decide", json=body)
    else:
        item = _decide_locally("approve", review_id, note, data, principals)
    return _print_decision(item, as_json=as_json)


@review.command("deny")
def deny_command(
    review_id: ReviewId,
    *,
    note: Note = "",
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Do not let a held reply through."""
    if remote := connect(server, key, principals):
        body = {"decision": "deny", "note": note}
        item = remote.call("POST", f"/v1/reviews/{review_id}/decide", json=body)
    else:
        item = _decide_locally("deny", review_id, note, data, principals)
    return _print_decision(item, as_json=as_json)


def _decide_locally(
    decision: Literal["approve", "deny"],
    review_id: str,
    note: str,
    data: Path | None,
    principals: "Sequence[str]",
) -> dict[str, Any]:
    """Decide one item. Whoever holds the data folder may decide their own too."""
    from api.questions.reviews import decide_review

    with open_local_store(data) as store:
        actor = local_actor(store.database, principals)
        decided = decide_review(store.database, actor, review_id, decision, note=note, own=True)
    return asdict(decided)


def _print_decision(item: dict[str, Any], *, as_json: bool) -> int:
    if as_json:
        print_json(item)
    else:
        print_line(f"{item['review_id']} is {item['state']}.")
    return 0


def _print_item(item: dict[str, Any]) -> None:
    until = f", until {item['expires_at']}" if item["state"] == "pending" else ""
    kind = "a question" if item["stage"] == "before" else "an answer"
    print_line(f"{item['review_id']}  {item['state']}{until}: {kind} ({', '.join(item['rules'])})")
    if item["text"] is None:
        print_line("    It draws on documents that you may not read.")
        return
    print_line(f"    {item['asker']}: {item['reason']}")
    if item["stage"] != "before":
        print_line(_wrapped(f"Question: {item['question']}"))
    print_line(_wrapped(item["text"]))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
