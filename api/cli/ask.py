"""``footnote search`` and ``footnote ask``."""

import argparse
import textwrap
from dataclasses import replace
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
from api.errors import UsageError

SHOWN = 300
"""Characters of a passage that are shown on a terminal."""

WIDTH = 88


def add_commands(commands: Any) -> None:
    """Add the commands to the parser."""
    parents = [data_options(), asker_options(), server_options(), json_option()]
    search = commands.add_parser("search", parents=parents, help="find passages")
    search.add_argument("query", metavar="QUERY")
    search.add_argument("--top-k", type=int, default=10, metavar="N", help="passages (default: 10)")
    search.set_defaults(run=run_search)
    ask = commands.add_parser("ask", parents=parents, help="answer a question, with citations")
    ask.add_argument("question", metavar="QUESTION")
    ask.add_argument(
        "--format",
        choices=("text", "json", "markdown", "html"),
        default="text",
        help="how the answer is printed (default: text; --json is --format json)",
    )
    ask.set_defaults(run=run_ask)


def run_search(options: argparse.Namespace) -> int:
    """Print the passages that fit the query best."""
    if not 1 <= options.top_k <= 100:  # noqa: PLR2004 - the range of the HTTP route
        raise UsageError("--top-k is between 1 and 100.")
    if not options.query.strip():
        raise UsageError("The query is empty.")
    remote = remote_of(options)
    found = remote.search(options.query, options.top_k) if remote else search_locally(options)
    if options.json:
        print_json(found)
        return 0
    for number, passage in enumerate(found["passages"], 1):
        _print_passage(number, passage)
    if not found["passages"]:
        print_line("Nothing was found in the documents you may read.")
    return 0


def search_locally(options: argparse.Namespace) -> dict[str, Any]:
    """Return what ``POST /v1/search`` would answer, from the data folder."""
    from api.questions.search_json import search_json
    from retrieve.retrieve import retrieve

    parts = parts_of(options)
    actor = local_actor(options, parts)
    return search_json(retrieve(options.query, actor.scope, parts.retrieval, top_k=options.top_k))


def run_ask(options: argparse.Namespace) -> int:
    """Print an answer with its footnotes."""
    if not options.question.strip():
        raise UsageError("The question is empty.")
    remote = remote_of(options)
    form = "json" if options.json or options.format == "text" else options.format
    answer = remote.ask(options.question, form) if remote else ask_locally(options, form)
    if options.json or options.format == "json":
        print_json(answer)
    elif form != "json":
        print_line(answer["rendered"].rstrip("\n"))
    else:
        _print_answer(answer)
    return 0


def ask_locally(options: argparse.Namespace, form: str) -> dict[str, Any]:
    """Return the JSON of an answer from the data folder, as ``POST /v1/ask`` would answer."""
    from api.questions.reviews import review_terms
    from generate.answer import answer
    from generate.guardrails.review_queue import ReviewQueue
    from generate.rendering.render import answer_json, rendered

    parts = parts_of(options)
    actor = local_actor(options, parts)
    desk = ReviewQueue(parts.database, actor, review_terms(parts.settings))
    answering = replace(parts.answering_for(actor.scope.tenant), desk=desk)
    given = answer(options.question, actor.scope, answering)
    shown = {"rendered": rendered(given, form)} if form in {"markdown", "html"} else {}
    return answer_json(given) | shown


def _print_passage(number: int, passage: dict[str, Any]) -> None:
    page = f", page {passage['page']}" if passage["page"] else ""
    print_line(
        f"{number}. {passage['title']}{page}  ({passage['filename']}, {passage['score']:.3f})"
    )
    text = " ".join(passage["text"].split())
    print_line(_wrapped(textwrap.shorten(text, SHOWN, placeholder=" ..."), "   "))
    print_line()


def _print_answer(answer: dict[str, Any]) -> None:
    print_line(_wrapped(answer["text"], ""))
    if answer["notice"] and answer["notice"] != answer["text"]:
        print_line(_wrapped(answer["notice"], ""))
    if answer["status"] == "no_evidence" and answer["searched"]:
        print_line("Searched, nearest first: " + "; ".join(answer["searched"]))
        for passage in answer.get("nearest", []):
            print_line()
            print_line(f"{passage['title']} ({passage['filename']})")
            print_line(_wrapped(" ".join(passage["text"].split()), "    "))
    if answer.get("missing"):
        print_line(f"Nothing was found about: {', '.join(answer['missing'])}.")
    before = {s["markers"][0]: s["context"] for s in answer["sentences"] if s.get("context")}
    for citation in answer["citations"]:
        page = f", page {citation['page']}" if citation["page"] else ""
        print_line()
        print_line(f"[{citation['marker']}] {citation['title']}{page} ({citation['filename']})")
        if context := before.get(citation["marker"]):
            print_line(_wrapped(f"({' '.join(context['text'].split())})", "    "))
        print_line(_wrapped(f"\u201c{' '.join(citation['quote'].split())}\u201d", "    "))


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
