"""The errors that the API raises before it calls any stage.

UnauthorizedError        no key, a wrong key, a key that was revoked
ScopeError               a key that lacks the scope for a request
ForeignRequestError      a request with a session's cookie that another site may have sent
SignInError              somebody whom the issuer or this service does not let in
IssuerUnavailableError   an OIDC issuer that does not answer, or not as it should
RoleError                a key whose role is not enough for the route
RateLimitError           more requests than a key may send
OverloadedError          more asks than the service can take in time
BudgetSpentError         a tenant or a user who has used up a token budget
AskQuotaError            a tenant whose asks of the day are used up
AskInProgressError       an Idempotency-Key whose first ask is not answered yet
StoreUnavailableError    the database does not answer
BodyTooLargeError        a JSON body over the limit
BodyTooSlowError         a body that comes more slowly than it may
MalformedBodyError       a body that is not JSON, or not a form
InvalidRequestError      a request whose fields do not fit
ParameterError           a parameter of OpenAI's API that is not offered as it was sent
NotOfferedError          an endpoint of OpenAI's API that means nothing here
UnknownModelError        a model's name that the service does not have
UnsupportedMediaError    a body of the wrong content type
MethodNotAllowedError    a method the route does not have
HostNotAllowedError      a Host header that is not on the allow-list
NotReadyError            the service is still starting
ReviewNotYoursError      a held reply that this reviewer may not decide
ReviewDecidedError       a held reply that was decided before, or whose time is up
EvaluationEndedError     an evaluation that cannot be cancelled any more
TenantExistsError        an id that a tenant has, or had
TenantDeletedError       a tenant that is being deleted, or was deleted
UsageError               a command line that cannot be carried out as it stands
RemoteError              what a service at ``--server`` answered
"""

from typing import Literal

from generate.errors import ModelError
from index.errors import FootnoteError, is_lasting

ParameterKind = Literal["unsupported_parameter", "unsupported_value"]
"""The code by which OpenAI's API tells why a parameter is refused."""


class UnauthorizedError(FootnoteError):
    """No key, a wrong key, or a key that was revoked."""

    status = 401
    code = "unauthorized"
    title = "A valid key is needed"


class RoleError(FootnoteError):
    """A key whose role is not enough for the route."""

    status = 403
    code = "role-not-enough"
    title = "Your role does not allow this"


class ScopeError(FootnoteError):
    """A key that lacks the scope which the request needs."""

    status = 403
    code = "scope-not-enough"
    title = "The key's scopes do not allow this"


class ForeignRequestError(FootnoteError):
    """A request with a session's cookie that another site may have sent."""

    status = 403
    code = "foreign-request"
    title = "The request does not come from the page"


SignInRefusal = Literal["refused", "expired", "unknown", "suspended", "unavailable"]
"""Why a sign-in failed, as the page says it."""


class SignInError(FootnoteError):
    """Somebody whom the issuer or this service does not let in."""

    status = 403
    code = "sign-in-refused"
    title = "You are not signed in"

    def __init__(self, message: str, reason: SignInRefusal) -> None:
        super().__init__(message)
        self.reason = reason


class IssuerUnavailableError(FootnoteError):
    """The OIDC issuer does not answer, or not as it should."""

    status = 502
    code = "issuer-unavailable"
    title = "The sign-in service is not available"


class RateLimitError(FootnoteError):
    """More requests than a key may send; ``retry_after`` is in whole seconds."""

    status = 429
    code = "rate-limited"
    title = "Too many requests"

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Wait {retry_after} s and send the request again.")
        self.retry_after = retry_after


class OverloadedError(RateLimitError):
    """More asks than the service can take in time, or more than a tenant's share of the queue."""

    code = "overloaded"
    title = "The service has too much to do"


class BudgetSpentError(RateLimitError, ModelError):
    """A tenant or a user has used up a token budget: the ask is refused, or only quoted."""

    code = "budget-spent"
    title = "The token budget is used up"

    def __init__(self, budget: str, retry_after: int) -> None:
        super().__init__(retry_after)
        self.args = (f"{budget} are spent; there are new ones in {_hours(retry_after)}.",)


class AskQuotaError(RateLimitError):
    """A tenant whose quota of asks a day is used up."""

    code = "ask-quota-spent"
    title = "The asks of this day are used up"

    def __init__(self, quota: int, retry_after: int) -> None:
        super().__init__(retry_after)
        text = (
            f"Your tenant's quota of {quota:,} asks a day is used up; there are new ones in "
            f"{_hours(retry_after)}. Or ask the operator for a larger quota."
        )
        self.args = (text,)


class AskInProgressError(FootnoteError):
    """An Idempotency-Key whose first ask is not answered yet."""

    status = 409
    code = "ask-in-progress"
    title = "This ask is being answered"
    retry_after = 1
    """Seconds until it makes sense to look again."""


class StoreUnavailableError(FootnoteError):
    """The database does not answer; the service tries it again after a short pause."""

    status = 503
    code = "store-unavailable"
    title = "The store is not available"


class BodyTooLargeError(FootnoteError):
    """A JSON body over the limit."""

    status = 413
    code = "body-too-large"
    title = "The request is too large"


class BodyTooSlowError(FootnoteError):
    """A body that comes more slowly than it may."""

    status = 408
    code = "body-too-slow"
    title = "The request came too slowly"


class MalformedBodyError(FootnoteError):
    """A body that is not JSON, or not a form."""

    status = 400
    code = "malformed-body"
    title = "The request cannot be read"


class InvalidRequestError(FootnoteError):
    """A request whose fields do not fit."""

    status = 422
    code = "invalid-request"
    title = "The request does not fit"


class ParameterError(FootnoteError):
    """A parameter of OpenAI's API that is not offered, or not with this value."""

    status = 400
    code = "parameter-not-supported"
    title = "The parameter is not supported"

    def __init__(
        self, message: str, *location: str | int, kind: ParameterKind = "unsupported_parameter"
    ) -> None:
        super().__init__(message)
        self.location, self.kind = location, kind


class NotOfferedError(FootnoteError):
    """An endpoint of OpenAI's API that means nothing here."""

    status = 400
    code = "not-offered"
    title = "This is not offered"


class UnknownModelError(FootnoteError):
    """A request to OpenAI's API names a model that is not listed at ``/v1/models``."""

    status = 404
    code = "model-not-found"
    title = "There is no such model"


class UnsupportedMediaError(FootnoteError):
    """A body of the wrong content type."""

    status = 415
    code = "unsupported-media-type"
    title = "The content type is not supported"


class MethodNotAllowedError(FootnoteError):
    """A method the route does not have."""

    status = 405
    code = "method-not-allowed"
    title = "The method is not allowed here"


class HostNotAllowedError(FootnoteError):
    """The Host header names no allowed host: DNS rebinding, or a setting is missing."""

    status = 421
    code = "host-not-allowed"
    title = "This host name is not served here"


class NotReadyError(FootnoteError):
    """The service is still starting."""

    status = 503
    code = "not-ready"
    title = "The service is not ready"


class ReviewNotYoursError(FootnoteError):
    """The held reply is your own, or draws on a document that you may not read."""

    status = 403
    code = "review-not-yours"
    title = "Another reviewer decides this"


class ReviewDecidedError(FootnoteError):
    """A held reply that was decided before, or whose time is up."""

    status = 409
    code = "review-decided"
    title = "This is decided already"


class EvaluationEndedError(FootnoteError):
    """An evaluation that has ended cannot be cancelled."""

    status = 409
    code = "evaluation-ended"
    title = "The evaluation has ended"


class TenantExistsError(FootnoteError):
    """An id that a tenant has, or had before it was deleted."""

    status = 409
    code = "tenant-exists"
    title = "The id of the tenant is taken"


class TenantDeletedError(FootnoteError):
    """A change to a tenant that is being deleted, or was deleted."""

    status = 409
    code = "tenant-deleted"
    title = "The tenant is deleted"


class UsageError(FootnoteError):
    """A command line that cannot be carried out as it stands; exits 2."""

    status = 422
    code = "usage"
    title = "The command cannot be carried out"


class RemoteError(FootnoteError):
    """The service at ``--server`` answered with an error, or did not answer."""

    status = 502
    code = "remote-error"
    title = "The service refused"

    def __init__(self, message: str, *, answered: int | None = None) -> None:
        super().__init__(message)
        self.answered = answered

    @property
    def lasting(self) -> bool:
        """Tell whether it would refuse the same again, by what it answered."""
        return is_lasting(self.answered or self.status)


def _hours(seconds: int) -> str:
    hours = -(-seconds // 3600)
    if hours >= 48:  # noqa: PLR2004 - two days
        return f"{-(-hours // 24)} days"
    return "an hour" if hours == 1 else f"{hours} hours"
