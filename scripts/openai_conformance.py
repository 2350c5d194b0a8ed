"""Write the tables of docs/openai.md: which fields of OpenAI's API are there, endpoint by endpoint.

The fields are those of the types that the official client ships; ours are those of the OpenAPI
description. ``--check`` only tells whether the tables are true.
"""

import argparse
import importlib
import re
import sys
import types
import typing
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import BaseModel

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "openai.md"
TYPES = "openai.types"


@dataclass(frozen=True)
class Endpoint:
    """A route of OpenAI's API, and the client's types of its request and its answer."""

    group: str
    route: str
    request: str = ""
    answer: str = ""


ENDPOINTS = (
    Endpoint(
        "Responses", "POST /v1/responses",
        "responses.response_create_params.ResponseCreateParamsBase", "responses.Response",
    ),
    Endpoint(
        "Responses", "GET /v1/responses/{response_id}",
        "responses.response_retrieve_params.ResponseRetrieveParamsBase", "responses.Response",
    ),
    Endpoint("Responses", "DELETE /v1/responses/{response_id}"),
    Endpoint("Responses", "POST /v1/responses/{response_id}/cancel", "", "responses.Response"),
    Endpoint(
        "Responses", "GET /v1/responses/{response_id}/input_items",
        "responses.input_item_list_params.InputItemListParams", "responses.ResponseItemList",
    ),
    Endpoint(
        "Responses", "POST /v1/responses/input_tokens",
        "responses.input_token_count_params.InputTokenCountParams",
        "responses.InputTokenCountResponse",
    ),
    Endpoint(
        "Responses", "POST /v1/responses/compact",
        "responses.response_compact_params.ResponseCompactParams", "responses.CompactedResponse",
    ),
    Endpoint(
        "Conversations", "POST /v1/conversations",
        "conversations.conversation_create_params.ConversationCreateParams",
        "conversations.Conversation",
    ),
    Endpoint(
        "Conversations", "GET /v1/conversations/{conversation_id}", "", "conversations.Conversation"
    ),
    Endpoint(
        "Conversations", "POST /v1/conversations/{conversation_id}",
        "conversations.conversation_update_params.ConversationUpdateParams",
        "conversations.Conversation",
    ),
    Endpoint(
        "Conversations", "DELETE /v1/conversations/{conversation_id}", "",
        "conversations.ConversationDeletedResource",
    ),
    Endpoint(
        "Conversations", "GET /v1/conversations/{conversation_id}/items",
        "conversations.item_list_params.ItemListParams", "conversations.ConversationItemList",
    ),
    Endpoint(
        "Conversations", "POST /v1/conversations/{conversation_id}/items",
        "conversations.item_create_params.ItemCreateParams", "conversations.ConversationItemList",
    ),
    Endpoint(
        "Conversations", "GET /v1/conversations/{conversation_id}/items/{item_id}", "",
        "conversations.Message",
    ),
    Endpoint(
        "Conversations", "DELETE /v1/conversations/{conversation_id}/items/{item_id}", "",
        "conversations.Conversation",
    ),
    Endpoint(
        "Chat completions", "POST /v1/chat/completions",
        "chat.completion_create_params.CompletionCreateParamsBase", "chat.ChatCompletion",
    ),
    Endpoint("Models", "GET /v1/models", "", "Model"),
    Endpoint("Models", "GET /v1/models/{model}", "", "Model"),
    Endpoint(
        "Embeddings", "POST /v1/embeddings", "embedding_create_params.EmbeddingCreateParams",
        "CreateEmbeddingResponse",
    ),
    Endpoint(
        "Moderations", "POST /v1/moderations", "moderation_create_params.ModerationCreateParams",
        "ModerationCreateResponse",
    ),
    Endpoint("Files", "POST /v1/files", "", "FileObject"),
    Endpoint("Files", "GET /v1/files", "file_list_params.FileListParams"),
    Endpoint("Files", "GET /v1/files/{file_id}", "", "FileObject"),
    Endpoint("Files", "DELETE /v1/files/{file_id}", "", "FileDeleted"),
    Endpoint("Files", "GET /v1/files/{file_id}/content"),
    Endpoint(
        "Uploads", "POST /v1/uploads", "upload_create_params.UploadCreateParams", "Upload"
    ),
    Endpoint("Uploads", "POST /v1/uploads/{upload_id}/parts", "", "uploads.UploadPart"),
    Endpoint(
        "Uploads", "POST /v1/uploads/{upload_id}/complete",
        "upload_complete_params.UploadCompleteParams", "Upload",
    ),
    Endpoint("Uploads", "POST /v1/uploads/{upload_id}/cancel", "", "Upload"),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores",
        "vector_store_create_params.VectorStoreCreateParams", "VectorStore",
    ),
    Endpoint(
        "Vector stores", "GET /v1/vector_stores", "vector_store_list_params.VectorStoreListParams",
    ),
    Endpoint("Vector stores", "GET /v1/vector_stores/{vector_store_id}", "", "VectorStore"),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}",
        "vector_store_update_params.VectorStoreUpdateParams", "VectorStore",
    ),
    Endpoint(
        "Vector stores", "DELETE /v1/vector_stores/{vector_store_id}", "", "VectorStoreDeleted"
    ),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}/search",
        "vector_store_search_params.VectorStoreSearchParams",
    ),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}/files",
        "vector_stores.file_create_params.FileCreateParams", "vector_stores.VectorStoreFile",
    ),
    Endpoint(
        "Vector stores", "GET /v1/vector_stores/{vector_store_id}/files",
        "vector_stores.file_list_params.FileListParams",
    ),
    Endpoint(
        "Vector stores", "GET /v1/vector_stores/{vector_store_id}/files/{file_id}", "",
        "vector_stores.VectorStoreFile",
    ),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}/files/{file_id}", "",
        "vector_stores.VectorStoreFile",
    ),
    Endpoint(
        "Vector stores", "DELETE /v1/vector_stores/{vector_store_id}/files/{file_id}", "",
        "vector_stores.VectorStoreFileDeleted",
    ),
    Endpoint(
        "Vector stores", "GET /v1/vector_stores/{vector_store_id}/files/{file_id}/content",
    ),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}/file_batches",
        "vector_stores.file_batch_create_params.FileBatchCreateParams",
        "vector_stores.VectorStoreFileBatch",
    ),
    Endpoint(
        "Vector stores", "GET /v1/vector_stores/{vector_store_id}/file_batches/{batch_id}", "",
        "vector_stores.VectorStoreFileBatch",
    ),
    Endpoint(
        "Vector stores", "POST /v1/vector_stores/{vector_store_id}/file_batches/{batch_id}/cancel",
        "", "vector_stores.VectorStoreFileBatch",
    ),
)  # fmt: skip
CLASHES = {("Conversations", "created_at")}
"""Fields that are ours under the same name with another form; they do not count."""
LISTS = {"GET /v1/models": "data"}
"""Lists whose client type is that of one item, with the key of the items."""


@dataclass(frozen=True)
class Comparison:
    """The fields of the client's type, and which of them are ours."""

    expected: tuple[str, ...]
    offered: frozenset[str]
    empty: frozenset[str]
    """Ours, and never anything but null."""

    @property
    def present(self) -> list[str]:
        return [name for name in self.expected if name in self.offered]

    @property
    def absent(self) -> list[str]:
        return [name for name in self.expected if name not in self.offered]


def members(kind: Any) -> Iterator[tuple[str, Any]]:
    """Yield the fields of a typed dict or a model, under the names that are sent."""
    if issubclass_of(kind, BaseModel):
        for name, field in kind.model_fields.items():
            yield field.alias or name, field.annotation
    else:
        yield from typing.get_type_hints(kind).items()


def fields(kind: Any, above: tuple[Any, ...] = ()) -> Iterator[str]:
    """Yield the paths of all fields of a type, at any depth; a type inside itself counts once."""
    for name, annotation in members(kind):
        yield name
        for inner in structures(annotation):
            if inner not in (*above, kind):
                yield from (f"{name}.{path}" for path in fields(inner, (*above, kind)))


def structures(annotation: Any) -> Iterator[Any]:
    """Yield the typed dicts and the models that an annotation speaks of."""
    if typing.is_typeddict(annotation) or issubclass_of(annotation, BaseModel):
        yield annotation
    for inner in typing.get_args(annotation):
        if not isinstance(inner, str | int | bool | types.NoneType):
            yield from structures(inner)


def issubclass_of(kind: Any, base: type) -> bool:
    return isinstance(kind, type) and issubclass(kind, base)


def properties(schema: Any, schemas: dict[str, Any], above: tuple[str, ...] = ()) -> Iterator[str]:
    """Yield the paths of all properties of a schema, in the way of ``fields``."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        if name not in above:
            yield from properties(schemas[name], schemas, (*above, name))
        return
    for inner in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), schema.get("items")):
        if isinstance(inner, dict):
            yield from properties(inner, schemas, above)
    for name, inner in schema.get("properties", {}).items():
        yield name
        yield from (f"{name}.{path}" for path in properties(inner, schemas, above))


def nulls(schema: Any, schemas: dict[str, Any]) -> Iterator[str]:
    """Yield the properties that are never anything but null."""
    if "$ref" in schema:
        yield from nulls(schemas[schema["$ref"].rsplit("/", 1)[-1]], schemas)
    for name, inner in schema.get("properties", {}).items():
        if inner.get("type") == "null":
            yield name


def load(name: str) -> Any:
    """Return a type of the client by its path."""
    module, _, kind = f"{TYPES}.{name}".rpartition(".")
    return getattr(importlib.import_module(module), kind)


def compare(endpoint: Endpoint, described: dict[str, Any]) -> tuple[Comparison, Comparison] | None:
    """Compare a route's request and answer; none where the route is not there."""
    method, path = endpoint.route.split()
    operation = described["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return None
    schemas = described["components"]["schemas"]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    request, query = body.get("schema", {}), operation.get("parameters", [])
    in_query = {p["name"].removesuffix("[]") for p in query if p["in"] == "query"}
    refused = frozenset(nulls(request, schemas))
    taken = {path for path in properties(request, schemas) if path.split(".")[0] not in refused}
    success = next(answer for status, answer in operation["responses"].items() if status[0] == "2")
    answer = success.get("content", {}).get("application/json", {}).get("schema", {})
    offered = set(properties(answer, schemas))
    offered -= {name for group, name in CLASHES if group == endpoint.group}
    if key := LISTS.get(endpoint.route):
        offered = {p.removeprefix(f"{key}.") for p in offered if p.startswith(f"{key}.")}
    return (
        Comparison(expected(endpoint.request), frozenset(taken | in_query), frozenset()),
        Comparison(
            expected(endpoint.answer), frozenset(offered), frozenset(nulls(answer, schemas))
        ),
    )


def expected(name: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(fields(load(name)))) if name else ()


def summary(results: Sequence[tuple[Endpoint, tuple[Comparison, Comparison] | None]]) -> str:
    """Return a row for each group: its endpoints and its shares of fields."""
    groups: dict[str, list[tuple[Comparison, Comparison] | None]] = defaultdict(list)
    for endpoint, result in results:
        groups[endpoint.group].append(result)
    rows = [("Group", "Endpoints", "Fields", "Not always null", "Fields at any depth")]
    for group, compared in groups.items():
        offered = [part for result in compared if result for part in result]
        rows.append(
            (
                group,
                f"{sum(result is not None for result in compared)} of {len(compared)}",
                share(offered, most_dots=0),
                share(offered, most_dots=0, with_empty=False),
                share(offered, most_dots=99),
            )
        )
    return table(rows)


def share(compared: Sequence[Comparison], most_dots: int, *, with_empty: bool = True) -> str:
    """Return how many of the fields down to a depth are there."""
    is_there = [
        name in part.offered and (with_empty or name not in part.empty)
        for part in compared
        for name in part.expected
        if name.count(".") <= most_dots
    ]
    if not is_there:
        return "none"
    return f"{100 * sum(is_there) / len(is_there):.1f} % of {len(is_there)}"


def details(results: Sequence[tuple[Endpoint, tuple[Comparison, Comparison] | None]]) -> str:
    """Return a row for each request and answer of an endpoint, by field."""
    rows = [("Endpoint", "There", "Always null", "Not there")]
    for endpoint, result in results:
        if result is None:
            rows.append((f"`{endpoint.route}`", "", "", "the endpoint"))
            continue
        for side, part in zip(("request", "answer"), result, strict=True):
            if part.expected:
                rows.append(
                    (
                        f"`{endpoint.route}`, {side}",
                        names(n for n in part.present if n not in part.empty),
                        names(n for n in part.present if n in part.empty),
                        names(part.absent),
                    )
                )
    return table(rows)


def names(paths: Any) -> str:
    """Return the names without a dot."""
    return ", ".join(f"`{path}`" for path in paths if "." not in path)


def table(rows: Sequence[tuple[str, ...]]) -> str:
    head, *lines = rows
    return "\n".join(
        "| " + " | ".join(line) + " |" for line in [head, ("---",) * len(head), *lines]
    )


def main() -> int:
    """Write the tables, or check them."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--check", action="store_true")
    is_check = options.parse_args().check
    from api.app import describe_new_service

    described = describe_new_service()
    results = [(endpoint, compare(endpoint, described)) for endpoint in ENDPOINTS]
    before = after = PAGE.read_text()
    for name, content in (("conformance", summary(results)), ("fields", details(results))):
        begin, end = f"<!-- begin {name} -->", f"<!-- end {name} -->"
        pattern = re.compile(f"{re.escape(begin)}.*?{re.escape(end)}", re.DOTALL)
        block = f"{begin}\n{content}\n{end}"
        after = pattern.sub(lambda _, block=block: block, after)
    if before != after:
        print(f"{'Stale' if is_check else 'Wrote'}: {PAGE.relative_to(ROOT)}")
        if not is_check:
            PAGE.write_text(after)
    return int(before != after and is_check)


if __name__ == "__main__":
    sys.exit(main())
