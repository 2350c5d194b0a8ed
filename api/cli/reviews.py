"""``footnote review``: replies that the policy holds until a person decides."""

import argparse
import textwrap
from dataclasses import asdict
from typing import Any

from api.cli.options import (
    asker_options,
    data_options,
    json_option,
    local_actor,
    parts_of,
    print_json,
    print_line,
    remote_of,
    server_options,
)

STATES = ("pending", "approved", "denied", "expired")
_DECISIONS = {"approve": "let a held reply through", "deny": "do not let a held reply through"}
_WIDTH = 88


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    review = commands.add_parser("review", help="decide on replies that the policy holds")
    verbs = review.add_subparsers(metavar="VERB", required=True)
    listed = verbs.add_parser("list", parents=parents, help="list held replies")
    listed.add_argument("--state", choices=STATES, help="only those (default: all)")
    listed.add_argument("--limit", type=int, default=100, metavar="N", help="default: 100")
    listed.set_defaults(run=run_list)
    for verb, text in _DECISIONS.items():
        parser = verbs.add_parser(verb, parents=parents, help=text)
        parser.add_argument("review_id", metavar="REVIEW_ID")
        parser.add_argument("--note", default="", metavar="TEXT", help="for the other reviewers")
        parser.set_defaults(run=run_decide, verb=verb)


def run_list(options: argparse.Namespace) -> int:
    """Print the queue, what waits first."""
    if remote := remote_of(options):
        asked = {"state": options.state, "limit": options.limit}
        given = {name: value for name, value in asked.items() if value is not None}
        items = remote.call("GET", "/v1/reviews", params=given)["items"]
    else:
        from api.questions.reviews import list_reviews

        parts = parts_of(options)
        actor = local_actor(options, parts)
        views = list_reviews(parts.database, actor, state=options.state, limit=options.limit)
        items = [asdict(view) for view in views]
    if options.json:
        print_json({"items": items})
        return 0
    for item in items:
        _print_item(item)
    if not items:
        print_line("Nothing is held.")
    return 0


def run_decide(options: argparse.Namespace) -> int:
    """Decide one item. Whoever holds the data folder may decide their own too."""
    if remote := remote_of(options):
        body = {"decision": options.verb, "note": options.note}
        item = remote.call("POST", f"/v1/reviews/{options.review_id}/decide", json=body)
    else:
        from api.questions.reviews import decide_review

        parts = parts_of(options)
        actor = local_actor(options, parts)
        item = asdict(
            decide_review(
                parts.database, actor, options.review_id, options.verb, note=options.note, own=True
            )
        )
    if options.json:
        print_json(item)
    else:
        print_line(f"{item['review_id']} is {item['state']}.")
    return 0


def _print_item(item: dict[str, Any]) -> None:
    until = f", until {item['expires_at']}" if item["state"] == "pending" else ""
    what = "a question" if item["stage"] == "before" else "an answer"
    print_line(f"{item['review_id']}  {item['state']}{until}: {what} ({', '.join(item['rules'])})")
    if item["text"] is None:
        print_line("    It draws on documents that you may not read.")
        return
    print_line(f"    {item['asker']}: {item['reason']}")
    if item["stage"] != "before":
        print_line(_wrapped(f"Question: {item['question']}"))
    print_line(_wrapped(item["text"]))


def _wrapped(text: str) -> str:
    return textwrap.fill(text, _WIDTH, initial_indent="    ", subsequent_indent="    ")
