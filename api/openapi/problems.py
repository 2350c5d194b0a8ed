"""Every error in the OpenAPI description as the problem document that is sent."""

from collections.abc import Iterable
from typing import Any

from api.errors import (
    BodyTooLargeError,
    BodyTooSlowError,
    HostNotAllowedError,
    InvalidRequestError,
    MalformedBodyError,
    RateLimitError,
    ScopeError,
    StoreUnavailableError,
    UnauthorizedError,
    UnsupportedMediaError,
)
from api.openai_errors import OpenAiErrorBody, openai_error, openai_status, speaks_openai
from api.problem_details import MEDIA_TYPE, RETRY_AFTER_STATUSES
from api.schemas import Problem
from index.errors import FootnoteError, NotFoundError, TenantSuspendedError

Responses = dict[int | str, dict[str, Any]]

ALWAYS = (HostNotAllowedError, FootnoteError)
WITH_CALLER = (
    UnauthorizedError, ScopeError, TenantSuspendedError, RateLimitError, StoreUnavailableError,
)  # fmt: skip
WITH_BODY = (
    MalformedBodyError, BodyTooSlowError, BodyTooLargeError, UnsupportedMediaError,
    InvalidRequestError,
)  # fmt: skip

_SCHEMA = {"$ref": "#/components/schemas/Problem"}
_OPENAI = {"$ref": "#/components/schemas/OpenAiErrorBody"}
_RETRY_AFTER = {
    "description": "Seconds after which the request may be sent again.",
    "schema": {"type": "integer"},
}


def problem_responses(*errors: type[FootnoteError]) -> Responses:
    """Return what a route's ``responses`` say of these errors, with an example for each code."""
    responses: Responses = {}
    for error in errors:
        response = responses.setdefault(error.status, _response(error.status))
        response["content"][MEDIA_TYPE]["examples"][error.code] = {"value": _example(error)}
        response["description"] = "; ".join(
            example["value"]["title"]
            for example in response["content"][MEDIA_TYPE]["examples"].values()
        )
    return responses


def add_problems(description: dict[str, Any]) -> None:
    """Add to each operation the problems that every route of its kind may answer with."""
    schemas = description["components"]["schemas"]
    schemas["Problem"] = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(schemas["Problem"].pop("$defs", {}))
    openai_schema = OpenAiErrorBody.model_json_schema(ref_template="#/components/schemas/{model}")
    schemas.update(openai_schema.pop("$defs"))
    schemas["OpenAiErrorBody"] = openai_schema
    for path, operations in description["paths"].items():
        for operation in operations.values():
            _add_to(operation)
            if speaks_openai(path):
                operation["responses"] = _as_openai(operation["responses"])
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)


def _add_to(operation: dict[str, Any]) -> None:
    common = problem_responses(*_common_errors(operation))
    declared = operation["responses"]
    if MEDIA_TYPE not in declared.get("422", {}).get("content", {MEDIA_TYPE: None}):
        del declared["422"]  # the framework's own form of it
    for status, response in common.items():
        earlier = declared.setdefault(str(status), response)
        examples = earlier["content"][MEDIA_TYPE]["examples"]
        for code, example in response["content"][MEDIA_TYPE]["examples"].items():
            examples.setdefault(code, example)
        titles = (example["value"]["title"] for example in examples.values())
        earlier["description"] = "; ".join(dict.fromkeys(titles))
    operation["responses"] = dict(sorted(declared.items()))


def _as_openai(responses: dict[str, Any]) -> dict[str, Any]:
    """Return a route's responses with its problems as they are sent on OpenAI's routes."""
    translated: dict[str, Any] = {}
    for status, response in responses.items():
        problems = response.get("content", {}).get(MEDIA_TYPE)
        if problems is None:
            translated[status] = response
            continue
        examples = {
            code: {"value": openai_error(example["value"])}
            for code, example in problems["examples"].items()
        }
        earlier = translated.setdefault(
            str(openai_status(int(status))),
            {**response, "content": {"application/json": {"schema": _OPENAI, "examples": {}}}},
        )
        earlier["content"]["application/json"]["examples"].update(examples)
    return dict(sorted(translated.items()))


def _common_errors(operation: dict[str, Any]) -> Iterable[type[FootnoteError]]:
    parameters = operation.get("parameters", [])
    yield from ALWAYS
    if "security" in operation:
        yield from WITH_CALLER
    if "requestBody" in operation:
        yield from WITH_BODY
    elif parameters:
        yield InvalidRequestError
    if any(parameter["in"] == "path" for parameter in parameters):
        yield NotFoundError


def _response(status: int) -> dict[str, Any]:
    headers = {"headers": {"Retry-After": _RETRY_AFTER}} if status in RETRY_AFTER_STATUSES else {}
    return {
        "description": "",
        "content": {MEDIA_TYPE: {"schema": _SCHEMA, "examples": {}}},
        **headers,
    }


def _example(error: type[FootnoteError]) -> dict[str, Any]:
    return {
        "type": f"urn:footnote:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": error.title,
        "code": error.code,
    }
