"""Errors in SCIM's own shape (RFC 7644, section 3.12)."""

from typing import Any

from starlette.types import Scope, Send

from api.problem_translation import ProblemTranslator

PREFIX = "/scim/"
MEDIA_TYPE = "application/scim+json"
SCHEMA = "urn:ietf:params:scim:api:messages:2.0:Error"

_STATUSES = {415: 400, 422: 400}
"""A problem's status and SCIM's; others are the same."""
_TYPES = {"malformed-body": "invalidSyntax", "invalid-request": "invalidValue"}


def scim_error(status: int, detail: str, scim_type: str | None = None) -> dict[str, Any]:
    """Return the body of an error."""
    body = {"schemas": [SCHEMA], "status": str(status), "detail": detail}
    return body | ({"scimType": scim_type} if scim_type else {})


def with_scim_errors(scope: Scope, send: Send) -> Send:
    """Return a ``send`` that gives problems SCIM's shape, where its routes are."""
    if not scope["path"].startswith(PREFIX):
        return send
    return ProblemTranslator(send, _translated, MEDIA_TYPE).send


def _translated(problem: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    status = _STATUSES.get(problem["status"], problem["status"])
    return status, scim_error(status, problem["detail"], _TYPES.get(problem["code"]))
