"""Problems in the shape of OpenAI's API, for the routes that its clients call.

Routes raise the same errors as everywhere. This is the one place where their problem details become
``{"error": {"message", "type", "param", "code"}}``, with the statuses that the official clients
have exception classes for. The message and the code are a function of the error alone, as those of
a problem are.

Source: https://platform.openai.com/docs/guides/error-codes
"""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel
from starlette.types import Scope, Send

from api.problem_translation import ProblemTranslator

FieldError = tuple[Sequence[str | int], str, str]
"""Where the field stands, the kind of its error, and the reason in words."""

OPENAI_PATHS = (
    "/v1/chat/completions", "/v1/responses", "/v1/models", "/v1/embeddings", "/v1/moderations",
    "/v1/rerank", "/v1/files", "/v1/uploads", "/v1/vector_stores",
)  # fmt: skip
"""Paths of OpenAI's API, and all below them. ``/v1/conversations`` is ours and speaks problems."""

_STATUSES = {415: 400, 422: 400}
"""The official clients know a request that does not fit by the status 400."""

_TYPES = {
    401: "authentication_error",
    403: "permission_error",
    404: "not_found_error",
    409: "conflict_error",
    429: "rate_limit_error",
}
"""The ``type`` of an error by its status; for others it is the caller's or the server's error."""

_CODES = {
    "unauthorized": "invalid_api_key",
    "rate-limited": "rate_limit_exceeded",
    "budget-spent": "insufficient_quota",
    "ask-quota-spent": "insufficient_quota",
}
"""Codes that OpenAI has a word of its own for; the others are ours, with underscores."""

_CODES_OF_FIELDS = {
    "extra_forbidden": "unknown_parameter",
    "missing": "missing_required_parameter",
    "unsupported_parameter": "unsupported_parameter",
    "unsupported_value": "unsupported_value",
}
"""The ``code`` by the kind of the validation error."""

_PLACES = frozenset({"body", "query", "path", "header"})
_TYPE_NAMES = frozenset({"str", "int", "float", "bool", "list", "dict", "none"})


class OpenAiError(BaseModel):
    """An error in the shape of OpenAI's API."""

    message: str
    type: str
    param: str | None
    code: str | None


class OpenAiErrorBody(BaseModel):
    """The body of an error in the shape of OpenAI's API."""

    error: OpenAiError


def speaks_openai(path: str) -> bool:
    """Tell whether a path is one of OpenAI's API."""
    return any(path == each or path.startswith(f"{each}/") for each in OPENAI_PATHS)


def openai_status(status: int) -> int:
    """Return the status that stands for a problem's status on the routes of OpenAI's API."""
    return _STATUSES.get(status, status)


def openai_error(
    problem: Mapping[str, Any], field_errors: Sequence[FieldError] = ()
) -> dict[str, Any]:
    """Return a problem in the shape of OpenAI's API.

    Args:
        problem: the problem details.
        field_errors: the fields that do not fit, where that is the problem.

    """
    status = openai_status(problem["status"])
    own_code = str(problem["code"])
    message, param, code = problem["detail"], None, _CODES.get(own_code, own_code.replace("-", "_"))
    if field_errors:
        location, kind, reason = _most_telling(field_errors)
        param, code = spell_field(location), _code_of_field(kind)
        message = _message_of_field(reason, param, code)
    kind_of_status = "server_error" if status >= 500 else "invalid_request_error"  # noqa: PLR2004
    error = OpenAiError(
        message=message, type=_TYPES.get(status, kind_of_status), param=param, code=code
    )
    return OpenAiErrorBody(error=error).model_dump()


def spell_field(location: Sequence[str | int]) -> str | None:
    """Return a field's place as OpenAI writes it: ``messages[0].content``."""
    spelled = ""
    for number, part in enumerate(location):
        if isinstance(part, int):
            spelled += f"[{part}]"
        elif number > 0 or part not in _PLACES:
            if part in _TYPE_NAMES or not part.isidentifier() or part[0].isupper():
                continue  # the name of a type in a union, not of a field
            spelled += f".{part}" if spelled else part
    return spelled or None


def with_openai_errors(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that gives problems the shape of OpenAI's API, where its routes are."""
    if not speaks_openai(scope["path"]):
        return send

    def translate(problem: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        field_errors = scope.get("state", {}).get("field_errors", ())
        return openai_status(problem["status"]), openai_error(problem, field_errors)

    return ProblemTranslator(send, translate, "application/json").send


def _code_of_field(kind: str) -> str:
    if kind in _CODES_OF_FIELDS:
        return _CODES_OF_FIELDS[kind]
    return "invalid_type" if kind.endswith(("_type", "_parsing")) else "invalid_value"


def _message_of_field(reason: str, param: str | None, code: str) -> str:
    """Say which parameter does not fit and why; what was sent is not repeated."""
    if code == "unknown_parameter":
        return f"Unknown parameter: '{param}'."
    if code == "missing_required_parameter":
        return f"Missing required parameter: '{param}'."
    return f"Invalid '{param}': {reason.rstrip('.')}."


def _most_telling(field_errors: Sequence[FieldError]) -> FieldError:
    """Return the error of the first refused field that looks deepest into it.

    A field that may be a text or a list has an error for each; the list's says what is wrong.
    """
    first = field_errors[0][0][:2]
    return max((each for each in field_errors if each[0][:2] == first), key=lambda e: len(e[0]))
