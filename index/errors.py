"""The root of every error that Footnote raises on purpose.

FootnoteError            an HTTP status, a stable code and a title; the message says what to do
  InvalidPrincipalError    a principal that is not user:<id>, group:<source>/<id> or tenant:all
  InvalidAccessListError   an access list that would admit nobody
  InvalidFilterError       a search filter that does not parse
  UnsoundInputError        a text or JSON value that cannot be stored or shown
  NotFoundError            not there, or not there for you: the same bytes either way
  CollectionExpiredError   a collection that nobody used for as long as it may stay unused
  ForbiddenError           readable, but not yours to change
  PreconditionFailedError  changed since the caller read it: If-Match names another state
  OriginalDamagedError     an original file whose bytes are not those that were accepted
  TextDamagedError         a stored text whose digest does not match
  CorruptSnapshotError     an index file whose checksum does not match
  StaleViewError           a hit that the store does not confirm: the search is retried
  ModelSwitchedError       the store has moved to another embedding model: open it with that one
  WallBreachError          a search that returned a planted forbidden row: nothing is served
  NoGpuError               a GPU was asked for and there is none to use
  UrlRefusedError          a URL that is not followed: another scheme, an address that is not public
  FetchError               a URL whose server does not answer, or does not have it
  FetchLimitError          a URL that takes too long or holds too much
  EmbedderUnavailableError an embedding server that does not answer, or not as configured
  EmbedderRefusedError     a text that the embedding server does not take
  ModelNotConvertedError   an embedding model that is not converted for onnxruntime
  StoreMismatchError       a database beside the original files of another store
  DiskFullError            no room to write what was sent
  TenantSuspendedError     a tenant that is suspended, or is being deleted
  QueueFullError           more in a queue than one person or one tenant may have there
  DatabaseTooOldError      a database whose tables are from an older or newer version
"""

from typing import ClassVar


class FootnoteError(Exception):
    """A failure that nobody expected. All other errors derive from it, with their own codes."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal-error"
    title: ClassVar[str] = "Something went wrong on our side"

    @property
    def lasting(self) -> bool:
        """Tell whether the same request would meet it again: nothing was only busy or down."""
        return is_lasting(self.status)


def is_lasting(status: int) -> bool:
    """Tell whether an HTTP status is a refusal that another try does not change."""
    return 400 <= status < 500 and status not in {408, 429}  # noqa: PLR2004


class InvalidPrincipalError(FootnoteError):
    """A principal that is not ``user:<id>``, ``group:<source>/<id>`` or ``tenant:all``."""

    status = 422
    code = "invalid-principal"
    title = "A principal is malformed"


class InvalidAccessListError(FootnoteError):
    """An access list that would admit nobody."""

    status = 422
    code = "invalid-access-list"
    title = "The access list is not usable"


class InvalidFilterError(FootnoteError):
    """A search filter that does not parse."""

    status = 422
    code = "invalid-filter"
    title = "The filter is not usable"


class NotFoundError(FootnoteError):
    """Not there, or not there for you: both answer with the same bytes."""

    status = 404
    code = "not-found"
    title = "Not found"

    def __init__(self) -> None:
        super().__init__("There is nothing here that you may see.")


class CollectionExpiredError(FootnoteError):
    """A collection that nobody used for as many days as its owner has set."""

    status = 409
    code = "collection-expired"
    title = "The collection has expired"

    def __init__(self) -> None:
        super().__init__("The collection was not used for too long. Make another one.")


class ForbiddenError(FootnoteError):
    """Readable, but not yours to change."""

    status = 403
    code = "forbidden"
    title = "Not allowed"


class PreconditionFailedError(FootnoteError):
    """Changed since the caller read it: ``If-Match`` names another state than that of now."""

    status = 412
    code = "precondition-failed"
    title = "It has changed since you read it"

    def __init__(self) -> None:
        super().__init__("It has changed since you read it. Read it again and repeat your change.")


class OriginalDamagedError(FootnoteError):
    """The stored original is missing, or its bytes are not those that were accepted."""

    status = 500
    code = "original-damaged"
    title = "The original file is damaged"


class TextDamagedError(FootnoteError):
    """A stored text is not the one that was written: its digest does not match."""

    status = 500
    code = "text-damaged"
    title = "The stored text is damaged"


class CorruptSnapshotError(FootnoteError):
    """An index file whose checksum does not match its manifest."""

    status = 503
    code = "corrupt-snapshot"
    title = "The index is being rebuilt"


class StaleViewError(FootnoteError):
    """The documents changed faster than the search could follow; send the request again."""

    status = 503
    code = "stale-view"
    title = "The index is catching up"


class ModelSwitchedError(FootnoteError):
    """The store has moved to another embedding model than the one this process uses."""

    status = 503
    code = "model-switched"
    title = "The store uses another embedding model now"


class WallBreachError(FootnoteError):
    """In its test at the start, the search returned a hidden row or missed a visible one."""

    status = 503
    code = "search-refused"
    title = "The search failed its self-test"


class NoGpuError(FootnoteError):
    """A search on a GPU was asked for, and there is no GPU to use."""

    status = 503
    code = "no-gpu"
    title = "No usable GPU"


class DatabaseTooOldError(FootnoteError):
    """The database lacks tables of this version; run ``footnote doctor --migrate``."""

    status = 503
    code = "database-version"
    title = "The database belongs to another version"


class UrlRefusedError(FootnoteError):
    """A URL that is not followed: another scheme, or an address that is not public."""

    status = 422
    code = "url-refused"
    title = "This URL is not fetched"


class FetchError(FootnoteError):
    """A URL whose server does not answer, or does not have what was asked for."""

    status = 502
    code = "fetch-failed"
    title = "The URL cannot be fetched"

    def __init__(
        self, message: str = "", *, answered: int | None = None, refusal: bytes = b""
    ) -> None:
        super().__init__(message)
        self.answered = answered
        """The status that the server answered with; none where it did not answer."""
        self.refusal = refusal
        """How a refusal begins, where the request had headers of its own; for programs only."""


class FetchLimitError(FetchError):
    """Fetching the URL took too long, or the file is too large."""

    status = 413
    code = "fetch-limit"
    title = "The URL costs more than is allowed"


class UnsoundInputError(FootnoteError):
    """A text or JSON value that cannot be stored or shown, such as one with a NUL character."""

    status = 422
    code = "unsound-input"
    title = "The input cannot be stored"


class DiskFullError(FootnoteError):
    """There is no room to write what was sent; the operator frees space, then send it again."""

    status = 507
    code = "disk-full"
    title = "The disk is full"


class TenantSuspendedError(FootnoteError):
    """A tenant that an operator has suspended or is deleting: nothing of it is served."""

    status = 403
    code = "tenant-suspended"
    title = "The tenant is suspended"


class QueueFullError(FootnoteError):
    """More in a queue than one person or one tenant may have there; ``retry_after`` in seconds."""

    status = 429
    code = "queue-full"
    title = "Too much of yours is waiting"
    retry_after = 60
    """Work in a queue takes minutes, so asking sooner is of little use."""


class StoreMismatchError(FootnoteError):
    """A database beside the original files of another store: neither is used."""

    status = 503
    code = "store-mismatch"
    title = "The database and the original files do not belong together"


class EmbedderUnavailableError(FootnoteError):
    """The embedding server does not answer, or its answer does not fit the configuration."""

    status = 503
    code = "embedder-unavailable"
    title = "The embedding server is not available"


class EmbedderRefusedError(FootnoteError):
    """A text that the embedding server does not take."""

    status = 502
    code = "embedder-refused"
    title = "The embedding server does not take the text"


class ModelNotConvertedError(FootnoteError):
    """An embedding model that is not converted for onnxruntime; the message says what to do."""

    status = 503
    code = "model-not-converted"
    title = "The embedding model is not ready"
