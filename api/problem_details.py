"""Errors as problem details (RFC 9457): one place renders them all.

The body is a function of the error alone: no path, no id, no request id, so that what is hidden
and what does not exist answer with the same bytes. The request id is in ``X-Request-Id``.
"""

import errno
import logging
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from starlette.exceptions import HTTPException
from starlette.routing import Match

from api.body_limits import drain
from api.errors import (
    AskInProgressError,
    BodyTooLargeError,
    BodyTooSlowError,
    InvalidRequestError,
    MalformedBodyError,
    MethodNotAllowedError,
    ParameterError,
    RateLimitError,
    StoreUnavailableError,
    UnauthorizedError,
    UnsupportedMediaError,
)
from index.errors import DiskFullError, FootnoteError, NotFoundError, QueueFullError

logger = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"

RETRY_AFTER_STATUSES = frozenset({429, 503})
"""Statuses whose problems always say after how many seconds to come again."""

_NO_ROOM = "Nothing was stored. Tell the operator to free space, then send it again."

_FULL_DATABASE = ("database or disk is full", "No space left on device", "could not extend file")
"""Words of SQLite and PostgreSQL."""

METHODS = ("DELETE", "GET", "HEAD", "PATCH", "POST", "PUT")

_BY_STATUS: dict[int, type[FootnoteError]] = {
    400: MalformedBodyError,
    401: UnauthorizedError,
    405: MethodNotAllowedError,
    408: BodyTooSlowError,
    413: BodyTooLargeError,
    415: UnsupportedMediaError,
}


DATABASE_FAILURES = (OperationalError, InterfaceError, PoolTimeoutError)
"""Errors of SQLAlchemy: the database is not there, or has no connection left."""


class ProblemResponse(JSONResponse):
    """A response whose body is a problem details object."""

    media_type = MEDIA_TYPE


def problem(error: FootnoteError) -> dict[str, Any]:
    """Return the problem details object of an error."""
    internal = error.status >= 500 and type(error) is FootnoteError  # noqa: PLR2004
    return {
        "type": f"urn:footnote:problem:{error.code}",
        "title": error.title,
        "status": error.status,
        "detail": "Look for the request id in the log." if internal else str(error) or error.title,
        "code": error.code,
    }


def problem_response(error: FootnoteError) -> ProblemResponse:
    """Render an error, with the headers its status asks for."""
    headers = {"Cache-Control": "no-store"}
    if isinstance(error, UnauthorizedError):
        headers["WWW-Authenticate"] = 'Bearer realm="footnote"'
    if isinstance(error, RateLimitError | AskInProgressError | QueueFullError):
        headers["Retry-After"] = str(error.retry_after)
    elif error.status == 503:  # noqa: PLR2004
        headers["Retry-After"] = "2"
    return ProblemResponse(problem(error), status_code=error.status, headers=headers)


def install(app: FastAPI) -> None:
    """Make every error of the app a problem details response."""
    app.add_exception_handler(FootnoteError, _footnote)
    app.add_exception_handler(RequestValidationError, _validation)
    app.add_exception_handler(HTTPException, _http)
    for failure in DATABASE_FAILURES:
        app.add_exception_handler(failure, _store)
    app.add_exception_handler(OSError, _files)


def _footnote(request: Request, error: Exception) -> Response:
    assert isinstance(error, FootnoteError)
    request.state.problem = error.code
    if isinstance(error, ParameterError):
        request.state.field_errors = [(error.location, error.kind, str(error))]
    return problem_response(error)


def _validation(request: Request, error: Exception) -> Response:
    """Say which field does not fit and why; never echo what was sent."""
    assert isinstance(error, RequestValidationError)
    errors = error.errors()
    if any(item["type"] == "json_invalid" for item in errors):
        return _footnote(request, MalformedBodyError("The body is not valid JSON."))
    field_errors = [
        {"field": ".".join(str(part) for part in item["loc"]), "message": item["msg"]}
        for item in errors
    ]
    refusal = InvalidRequestError("; ".join(f"{t['field']}: {t['message']}" for t in field_errors))
    request.state.problem = refusal.code
    request.state.field_errors = [(item["loc"], item["type"], item["msg"]) for item in errors]
    return ProblemResponse({**problem(refusal), "errors": field_errors}, status_code=refusal.status)


def is_full_disk(error: Exception) -> bool:
    """Tell whether an error of the files or the database says that there is no room."""
    if isinstance(error, OSError):
        return error.errno in {errno.ENOSPC, errno.EDQUOT}
    return any(words in str(getattr(error, "orig", "")) for words in _FULL_DATABASE)


def _files(request: Request, error: Exception) -> Response:
    """Say that the disk is full; what else the files raise is a bug and goes on."""
    if not is_full_disk(error):
        raise error
    logger.error("the disk is full", exc_info=error)
    return _footnote(request, DiskFullError(_NO_ROOM))


def _store(request: Request, error: Exception) -> Response:
    if is_full_disk(error):
        logger.error("the database's disk is full", exc_info=error)
        return _footnote(request, DiskFullError(_NO_ROOM))
    logger.error("the database failed", exc_info=error)
    return _footnote(request, StoreUnavailableError("The database does not answer."))


async def _http(request: Request, error: Exception) -> Response:
    """Render what the framework refuses: unknown paths, methods, unreadable bodies."""
    assert isinstance(error, HTTPException)
    if error.status_code == 404:  # noqa: PLR2004
        await drain(request.headers, request.receive)
        return _footnote(request, NotFoundError())
    refusal = _BY_STATUS.get(error.status_code, FootnoteError)(str(error.detail))
    response = _footnote(request, refusal)
    for name, value in (error.headers or {}).items():
        response.headers[name] = value
    if isinstance(refusal, MethodNotAllowedError):
        await drain(request.headers, request.receive)
        response.headers["Allow"] = ", ".join(_allowed_methods(request))
    return response


def _allowed_methods(request: Request) -> list[str]:
    """Return every method that some route takes at this path; the framework names one route's.

    Where none takes it, the path is below the page's files, which are only read.
    """
    scopes = {method: {**request.scope, "method": method} for method in METHODS}
    methods = [
        method
        for method, scope in scopes.items()
        if any(route.matches(scope)[0] is Match.FULL for route in request.app.routes)
    ]
    return methods or ["GET", "HEAD"]
