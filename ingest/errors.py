"""Errors on a document's way in; each message says what happened and what to do.

TooLargeError            more bytes than an upload may have
QuotaError               more bytes or documents than the tenant may keep
EmptyFileError           an upload of no bytes
PriorityError            a priority that the uploader's role does not allow
PublishingError          readers whom the uploader may not publish to
InvalidAudienceError     a contributor or an audience that cannot be one
AuthorityError           a mark that only curators may set
IdempotencyConflictError the same Idempotency-Key with another body
JobNotRunnableError      a job that is finished, cancelled or somebody else's to run
  SupersededError          a job whose document is gone or has a later version
ParseError               a file that no text can be taken from
  UnsupportedTypeError     a type that no parser here reads
  EmptyDocumentError       a sound file without text, such as a scan
  EncryptedDocumentError   a file that needs a password
  BrokenDocumentError      a file that is damaged
  ParseLimitError          a file that costs more time, memory or output than is allowed
ChunksTooLongError       an embedding model that sees less than the stored chunks hold
SandboxUnprovenError     a machine on which parsers could not be confined
HeldError                a document under a legal hold
ScreeningPolicyError     a screening policy with an unknown kind or action
QuarantinedError         a document that was held for what it holds
NotQuarantinedError      a release of a document that is not in quarantine
OriginalWithheldError    an original that holds what readers are not shown
SourceError              a source that cannot be used as asked
ConnectorError           a place beyond this machine that cannot be read
CollectionTreeError      a collection that would stand in itself, or too deep
PartialFileClosedError   a file that no part can be added to any more
PartsMismatchError       parts that are not the file that was announced
NoSuchPageError          a page number that the document does not have
"""

from index.errors import FootnoteError

SAVE_A_NEW_COPY = "Open it in the program that made it, save a new copy and upload that."
"""The advice that nearly always helps with a damaged file."""

SPLIT_IT = "Split it into smaller files and upload those."
"""The advice for a file that costs more than is allowed."""


class TooLargeError(FootnoteError):
    """More bytes than an upload may have."""

    status = 413
    code = "too-large"
    title = "The file is too large"


class QuotaError(FootnoteError):
    """More bytes or documents than the tenant may keep."""

    status = 413
    code = "quota-exceeded"
    title = "There is no room left"


class EmptyFileError(FootnoteError):
    """An upload of no bytes."""

    status = 422
    code = "empty-file"
    title = "The file is empty"


class PriorityError(FootnoteError):
    """A priority that the uploader's role does not allow."""

    status = 403
    code = "priority-not-allowed"
    title = "Your role does not allow this priority"


class PublishingError(FootnoteError):
    """Readers whom the uploader may not publish to."""

    status = 403
    code = "publishing-not-allowed"
    title = "You may not publish to these readers"


class InvalidAudienceError(FootnoteError):
    """A contributor or an audience that cannot be one."""

    status = 422
    code = "invalid-audience"
    title = "This cannot be a contributor or an audience"


class AuthorityError(FootnoteError):
    """A mark that only curators may set."""

    status = 403
    code = "authority-not-allowed"
    title = "Only curators mark documents as authoritative"


class IdempotencyConflictError(FootnoteError):
    """The same Idempotency-Key with another body."""

    status = 409
    code = "idempotency-conflict"
    title = "The key was used for another request"


class JobNotRunnableError(FootnoteError):
    """The job is finished, cancelled, or run by another worker now."""

    status = 409
    code = "job-not-runnable"
    title = "The job cannot be run"


class SupersededError(JobNotRunnableError):
    """A job whose document is gone or has a later version: nothing is left to do."""

    code = "superseded"
    title = "The job has nothing left to do"


class ParseError(FootnoteError):
    """A file that no text can be taken from; the job fails with this message."""

    status = 422
    code = "parse-failed"
    title = "The document cannot be read"


class UnsupportedTypeError(ParseError):
    """A type that no parser here reads."""

    code = "unsupported-type"
    title = "This type of file is not supported"


class EmptyDocumentError(ParseError):
    """A sound file without text, such as a scan."""

    code = "empty-document"
    title = "The document has no text"


class EncryptedDocumentError(ParseError):
    """A file that needs a password."""

    code = "encrypted-document"
    title = "The document is protected by a password"


class BrokenDocumentError(ParseError):
    """A file that is damaged."""

    code = "broken-document"
    title = "The document is damaged"


class ParseLimitError(ParseError):
    """A file that costs more time, memory or output than is allowed."""

    code = "parse-limit"
    title = "Reading the document takes more than is allowed"


class SandboxUnprovenError(FootnoteError):
    """A machine on which parsers cannot be confined; no file is read there."""

    status = 503
    code = "sandbox-unproven"
    title = "Parsing is not safe on this machine"


class NoSuchPageError(FootnoteError):
    """A page number that the document does not have, or a format without pages."""

    status = 404
    code = "no-such-page"
    title = "There is no such page"


class ChunksTooLongError(FootnoteError):
    """The stored chunks are longer than the longest input of the embedding model."""

    status = 422
    code = "chunks-too-long"
    title = "The chunks are too long for the embedding model"


class HeldError(FootnoteError):
    """The document is under a legal hold: nobody can delete it, and it does not expire."""

    status = 409
    code = "legal-hold"
    title = "The document is held"


class ConnectorError(FootnoteError):
    """A place that documents are kept in step with, or a file there, cannot be read."""

    status = 502
    code = "connector-failed"
    title = "The source cannot be read"


class SourceError(FootnoteError):
    """A source that cannot be used as asked."""

    status = 422
    code = "source-not-usable"
    title = "The source cannot be used"


class CollectionTreeError(FootnoteError):
    """A collection that would stand in itself, or deeper than is allowed."""

    status = 422
    code = "collection-tree"
    title = "The collections cannot stand like that"


class PartialFileClosedError(FootnoteError):
    """A file in parts that is completed, cancelled or expired."""

    status = 422
    code = "upload-closed"
    title = "The upload is closed"


class PartsMismatchError(FootnoteError):
    """Parts that are not the file that was announced: other ones, too many, of another size."""

    status = 422
    code = "parts-mismatch"
    title = "The parts do not make up the file"


class ScreeningPolicyError(FootnoteError):
    """A screening policy that names an unknown kind of finding, or an unknown action."""

    status = 422
    code = "invalid-screening-policy"
    title = "The screening policy does not fit"


class QuarantinedError(FootnoteError):
    """Screening put a document into quarantine: nobody finds it until a curator releases it."""

    status = 409
    code = "quarantined"
    title = "The document is in quarantine"


class NotQuarantinedError(FootnoteError):
    """A release of a document that is not in quarantine."""

    status = 409
    code = "not-quarantined"
    title = "The document is not in quarantine"


class OriginalWithheldError(FootnoteError):
    """The original file holds words that are masked for its readers, or was not screened."""

    status = 403
    code = "original-withheld"
    title = "The original is not shown"
