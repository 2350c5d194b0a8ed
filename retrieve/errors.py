"""The errors on a question's way to evidence.

FootnoteError
  InvalidQuestionError     empty, too long, or asking for no passages
  InvalidRerankerError     a reranker that cannot be loaded, or whose scores cannot be used
"""

from index.errors import FootnoteError


class InvalidQuestionError(FootnoteError):
    """A question that cannot be searched for."""

    status = 422
    code = "invalid-question"
    title = "The question is not usable"


class InvalidRerankerError(FootnoteError):
    """A reranker that cannot be loaded, or whose scores are not numbers in [0, 1]."""

    status = 503
    code = "invalid-reranker"
    title = "The reranker is not usable"
