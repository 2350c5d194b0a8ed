"""The Python client of Footnote: answers from your documents, every sentence cited and checked.

``Footnote`` is the client, ``AsyncFootnote`` the one for event loops. The models of requests and
answers are in ``footnote_client.models``; the most important ones have shorter names here.
"""

from footnote_client._async.answers import AsyncAnswerStream
from footnote_client._async.client import AsyncFootnote
from footnote_client._sync.answers import AnswerStream
from footnote_client._sync.client import Footnote
from footnote_client.errors import (
    BadRequestError,
    ConflictError,
    EvaluationFailedError,
    FootnoteError,
    ForbiddenError,
    JobFailedError,
    NotFoundError,
    PreconditionError,
    ProblemError,
    ServiceError,
    TooManyRequestsError,
    UnauthorizedError,
    UnreachableError,
    WaitTimeoutError,
)
from footnote_client.events import CheckedSentence
from footnote_client.models import AnswerView as Answer
from footnote_client.models import CallerView as Me
from footnote_client.models import Citation, ConversationDetail, SearchResponse
from footnote_client.models import CollectionView as Collection
from footnote_client.models import ConversationView as Conversation
from footnote_client.models import DocumentView as Document
from footnote_client.models import JobView as Job
from footnote_client.models import PassageView as Passage
from footnote_client.models import RunView as Evaluation
from footnote_client.models import UploadResponse as Upload

__all__ = [
    "Answer",
    "AnswerStream",
    "AsyncAnswerStream",
    "AsyncFootnote",
    "BadRequestError",
    "CheckedSentence",
    "Citation",
    "Collection",
    "ConflictError",
    "Conversation",
    "ConversationDetail",
    "Document",
    "Evaluation",
    "EvaluationFailedError",
    "Footnote",
    "FootnoteError",
    "ForbiddenError",
    "Job",
    "JobFailedError",
    "Me",
    "NotFoundError",
    "Passage",
    "PreconditionError",
    "ProblemError",
    "SearchResponse",
    "ServiceError",
    "TooManyRequestsError",
    "UnauthorizedError",
    "UnreachableError",
    "Upload",
    "WaitTimeoutError",
]
