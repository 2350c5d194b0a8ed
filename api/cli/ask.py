"""``footnote search`` and ``footnote ask``."""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from api.cli.command_group import command_group
from api.cli.local_store import (
    local_actor,
    local_settings,
    open_local_answering,
    open_local_retrieval,
)
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
from api.errors import UsageError

if TYPE_CHECKING:
    from generate.dependencies import AnswerDependencies
    from index.collections import Narrowing
    from retrieve.retrieve import RetrievalDependencies

PREVIEW_CHARACTERS = 300
"""Characters of a passage that are shown on a terminal."""

WIDTH = 88

app = command_group()

Documents = Annotated[
    list[str],
    typer.Option(
        "--document",
        metavar="ID",
        default_factory=list,
        show_default=False,
        help="search only this document; may be given several times",
    ),
]

Collections = Annotated[
    list[str],
    typer.Option(
        "--collection",
        metavar="ID",
        default_factory=list,
        show_default=False,
        help="search only the documents in this collection; may be given several times",
    ),
]


@dataclass(frozen=True, slots=True)
class SearchedPart:
    """The documents and collections that a command is limited to; none means all."""

    documents: Sequence[str] = ()
    collections: Sequence[str] = ()

    @property
    def narrowing(self) -> "Narrowing":
        """The same for a search in the data folder."""
        from index.collections import Narrowing

        return Narrowing(None, self.documents or None, self.collections or None)

    @property
    def fields(self) -> dict[str, Any]:
        """The same for the body of a request."""
        selected_ids = {"documents": self.documents, "collections": self.collections}
        return {name: list(ids) for name, ids in selected_ids.items() if ids}


@app.command("search")
def search_command(  # noqa: PLR0913 - one for each option
    query: Annotated[str, typer.Argument(metavar="QUERY", help="words or a question")],
    *,
    top_k: Annotated[int, typer.Option(metavar="N", help="number of passages")] = 10,
    documents: Documents,
    collections: Collections,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Find passages in the documents that you may read."""
    if not 1 <= top_k <= 100:  # noqa: PLR2004 - the range of the HTTP route
        raise UsageError("--top-k is between 1 and 100.")
    if not query.strip():
        raise UsageError("The query is empty.")
    remote, searched_part = connect(server, key, principals), SearchedPart(documents, collections)
    result = (
        remote.search(query, top_k, searched_part.fields)
        if remote
        else search_locally(query, top_k, searched_part, data, principals)
    )
    if as_json:
        print_json(result)
        return 0
    for number, passage in enumerate(result["passages"], 1):
        _print_passage(number, passage)
    if not result["passages"]:
        print_line("Nothing was found in the documents you may read.")
    return 0


def search_locally(
    query: str,
    top_k: int,
    searched_part: SearchedPart,
    data: Path | None,
    principals: Sequence[str],
) -> dict[str, Any]:
    """Return the JSON that ``POST /v1/search`` would answer, from the data folder."""
    with open_local_retrieval(data) as retrieval:
        return search_in(retrieval, query, top_k, searched_part, principals)


def search_in(
    retrieval: "RetrievalDependencies",
    query: str,
    top_k: int,
    searched_part: SearchedPart,
    principals: Sequence[str],
) -> dict[str, Any]:
    """Return the same from a data folder that is open."""
    from api.questions.search_json import search_json
    from retrieve.retrieve import retrieve

    database = retrieval.library.database
    actor = local_actor(database, principals)
    filters = searched_part.narrowing.resolve(database, actor.scope)
    return search_json(retrieve(query, actor.scope, retrieval, top_k=top_k, filters=filters))


@app.command("ask")
def ask_command(  # noqa: PLR0913 - one for each option
    question: Annotated[str, typer.Argument(metavar="QUESTION", help="a question")],
    *,
    form: Annotated[
        Literal["text", "json", "markdown", "html"],
        typer.Option("--format", help="how the answer is printed; --json is --format json"),
    ] = "text",
    documents: Documents,
    collections: Collections,
    data: DataFolder = None,
    principals: Principals,
    server: ServerUrl = None,
    key: ApiKey = None,
    as_json: AsJson = False,
) -> int:
    """Answer a question, with citations."""
    if not question.strip():
        raise UsageError("The question is empty.")
    remote, searched_part = connect(server, key, principals), SearchedPart(documents, collections)
    rendering = "json" if as_json or form == "text" else form
    answer = (
        remote.ask(question, rendering, searched_part.fields)
        if remote
        else ask_locally(question, rendering, searched_part, data, principals)
    )
    if as_json or form == "json":
        print_json(answer)
    elif rendering != "json":
        print_line(answer["rendered"].rstrip("\n"))
    else:
        _print_answer(answer)
    return 0


def ask_locally(
    question: str,
    rendering: str,
    searched_part: SearchedPart,
    data: Path | None,
    principals: Sequence[str],
) -> dict[str, Any]:
    """Return the JSON of an answer from the data folder, as ``POST /v1/ask`` would answer."""
    with open_local_answering(data) as answering:
        return answer_in(answering, question, rendering, searched_part, data, principals)


def answer_in(
    answering: "AnswerDependencies",
    question: str,
    rendering: str,
    searched_part: SearchedPart,
    data: Path | None,
    principals: Sequence[str],
) -> dict[str, Any]:
    """Return the same from a data folder that is open."""
    from api.questions.reviews import review_terms
    from generate.answer import answer
    from generate.guardrails.review_queue import ReviewQueue
    from generate.rendering.render import answer_json, rendered

    database = answering.retrieval.library.database
    actor = local_actor(database, principals)
    filters = searched_part.narrowing.resolve(database, actor.scope)
    review_queue = ReviewQueue(database, actor, review_terms(local_settings(data)))
    reply = answer(
        question, actor.scope, replace(answering, review_queue=review_queue), filters=filters
    )
    if rendering in {"markdown", "html"}:
        return answer_json(reply) | {"rendered": rendered(reply, rendering)}
    return answer_json(reply)


def _print_passage(number: int, passage: dict[str, Any]) -> None:
    page = f", page {passage['page']}" if passage["page"] else ""
    print_line(
        f"{number}. {passage['title']}{page}  ({passage['filename']}, {passage['score']:.3f})"
    )
    if publication := _publication(passage):
        print_line(f"   {publication}")
    text = " ".join(passage["text"].split())
    print_line(_wrapped(textwrap.shorten(text, PREVIEW_CHARACTERS, placeholder=" ..."), "   "))
    print_line()


def _print_answer(answer: dict[str, Any]) -> None:
    for line in answer["text"].split("\n"):
        print_line(_wrapped(line, ""))
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
    _print_citations(answer)


def _print_citations(answer: dict[str, Any]) -> None:
    """Print each passage once, and below it the distinct quotes and what they lean on."""
    contexts = {s["start"]: s["context"] for s in answer["sentences"] if s.get("context")}
    notes: dict[int, list[dict[str, Any]]] = {}
    for citation in answer["citations"]:
        notes.setdefault(citation["marker"], []).append(citation)
    for marker, citations in sorted(notes.items()):
        first = citations[0]
        page = f", page {first['page']}" if first["page"] else ""
        print_line()
        print_line(f"[{marker}] {first['title']}{page} ({first['filename']})")
        if publication := _publication(first):
            print_line(f"    {publication}")
        texts: dict[str, None] = {}
        for citation in citations:
            if context := contexts.get(citation["answer_start"]):
                texts[f"({' '.join(context['text'].split())})"] = None
            texts[f"\u201c{' '.join(citation['quote'].split())}\u201d"] = None
        for text in texts:
            print_line(_wrapped(text, "    "))


def _publication(source: dict[str, Any]) -> str:
    """Return who published a document and when; nothing from a service of an earlier release."""
    from generate.rendering.answer_tree import publication

    is_authoritative = source.get("authoritative", False)
    publisher, day = source.get("publisher", ""), source.get("published_at")
    return publication(publisher, day, authoritative=is_authoritative)


def _wrapped(text: str, indent: str) -> str:
    return textwrap.fill(text, WIDTH, initial_indent=indent, subsequent_indent=indent)
