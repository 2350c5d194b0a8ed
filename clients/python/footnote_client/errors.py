"""The errors that the client raises.

FootnoteError              base of all of them
  UnreachableError         the service does not answer, or the connection broke
  WaitTimeoutError         a job or an evaluation did not end in the time that was given
  JobFailedError           a job ended without success; its reason is in words for a person
  EvaluationFailedError    an evaluation ended without a report
  ProblemError             the service refused: a problem document (RFC 9457)
    BadRequestError        400, 408, 413, 415, 422: the request does not fit
    UnauthorizedError      401: a valid key is needed
    ForbiddenError         403: this key may not do that
    NotFoundError          404: it is not there, or not for you to see
    ConflictError          409: the state of things does not allow it now
    PreconditionError      412: the state is another one than the one you have seen
    TooManyRequestsError   429: wait ``retry_after`` seconds
    ServiceError           5xx: the service cannot do it now
"""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import httpx

if TYPE_CHECKING:
    from footnote_client.models import JobView, RunView


class FootnoteError(Exception):
    """Base of every error that this client raises."""


class UnreachableError(FootnoteError):
    """The service does not answer, or the connection broke."""


class WaitTimeoutError(FootnoteError):
    """A job or an evaluation did not end in the time that was given; it goes on."""


class JobFailedError(FootnoteError):
    """A job that ended without success."""

    def __init__(self, job: "JobView") -> None:
        super().__init__(f"{job.job_id} {job.state}: {job.reason or 'no reason is known'}")
        self.job = job


class EvaluationFailedError(FootnoteError):
    """An evaluation that ended without a report."""

    def __init__(self, run: "RunView") -> None:
        super().__init__(f"{run.evaluation_id} {run.state}: {run.reason or 'no reason is known'}")
        self.run = run


class ProblemError(FootnoteError):
    """The service refused; ``code`` is stable, ``detail`` says what happened and what to do."""

    def __init__(
        self, problem: Mapping[str, Any], *, request_id: str | None, retry_after: float | None
    ) -> None:
        self.status = int(problem.get("status", 0))
        self.code = str(problem.get("code", "unknown"))
        self.title = str(problem.get("title", ""))
        self.detail = str(problem.get("detail", ""))
        self.errors: list[dict[str, str]] = list(problem.get("errors", ()))
        """For a request that does not fit: each ``field`` with its ``message``."""
        self.request_id = request_id
        """Names the request in the service's log."""
        self.retry_after = retry_after
        """Seconds after which the request may be sent again; none where nothing was said."""
        super().__init__(f"{self.detail or self.title} ({self.code})")


class BadRequestError(ProblemError):
    """The request does not fit."""


class UnauthorizedError(ProblemError):
    """A valid key is needed."""


class ForbiddenError(ProblemError):
    """This key may not do that."""


class NotFoundError(ProblemError):
    """It is not there, or not for you to see."""


class ConflictError(ProblemError):
    """The state of things does not allow it now."""


class PreconditionError(ProblemError):
    """The state is another one than the one you have seen."""


class TooManyRequestsError(ProblemError):
    """Too many requests, or a budget is used up; ``retry_after`` says how long to wait."""


class ServiceError(ProblemError):
    """The service cannot do it now."""


_BY_STATUS: dict[int, type[ProblemError]] = {
    400: BadRequestError,
    401: UnauthorizedError,
    403: ForbiddenError,
    404: NotFoundError,
    408: BadRequestError,
    409: ConflictError,
    412: PreconditionError,
    413: BadRequestError,
    415: BadRequestError,
    422: BadRequestError,
    429: TooManyRequestsError,
}

_SERVER = 500


def problem_error(
    problem: Mapping[str, Any],
    *,
    request_id: str | None = None,
    retry_after: float | None = None,
) -> ProblemError:
    """Return the error that stands for a problem document."""
    status = int(problem.get("status", 0))
    kind = ServiceError if status >= _SERVER else _BY_STATUS.get(status, ProblemError)
    return kind(problem, request_id=request_id, retry_after=retry_after)


def response_error(response: httpx.Response) -> ProblemError:
    """Return the error of a response that was read; one without a problem keeps its status."""
    try:
        body = response.json()
    except ValueError:
        body = None
    problem = body if isinstance(body, dict) else {"detail": response.text[:500]}
    return problem_error(
        {"title": response.reason_phrase, **problem, "status": response.status_code},
        request_id=response.headers.get("x-request-id"),
        retry_after=seconds_of(response.headers.get("retry-after")),
    )


def seconds_of(header: str | None) -> float | None:
    """Return the seconds that a ``Retry-After`` header gives; a date in it is not understood."""
    try:
        return max(0.0, float(header)) if header else None
    except ValueError:
        return None
