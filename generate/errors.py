"""The errors that can happen between evidence and answer.

FootnoteError
  EmptyQuestionError       nothing to ask
  QuestionTooLongError     more characters than the service reads
  ModelError               the model gave no usable answer; the quoting answerer steps in
    ModelUnavailableError    it cannot be reached, is overloaded, or broke off
    ModelTimeoutError        it did not answer in time, or stalled
    ModelProtocolError       what came back is not the OpenAI wire format
    ModelRefusedError        it refused the request: a wrong name, a wrong key, too long a prompt
    TokenBudgetError         the question alone leaves no room for evidence
  RegistryError            the file of models cannot be read or does not fit
  PolicyError              the guardrails' policy cannot be read or does not fit
"""

from index.errors import FootnoteError


class EmptyQuestionError(FootnoteError):
    """A question without a letter or a digit."""

    status = 422
    code = "empty-question"
    title = "The question is empty"


class QuestionTooLongError(FootnoteError):
    """A question longer than the service reads."""

    status = 422
    code = "question-too-long"
    title = "The question is too long"


class ModelError(FootnoteError):
    """The model gave no usable answer."""

    status = 502
    code = "model-failed"
    title = "The model failed"


class ModelUnavailableError(ModelError):
    """The model server cannot be reached, is overloaded, or broke off."""

    status = 503
    code = "model-unavailable"
    title = "The model is not available"


class ModelTimeoutError(ModelError):
    """The model did not answer before the deadline, or stalled."""

    status = 504
    code = "model-timeout"
    title = "The model was too slow"


class ModelProtocolError(ModelError):
    """The server's words are not the OpenAI wire format."""

    status = 502
    code = "model-protocol"
    title = "The model server did not speak its protocol"


class ModelRefusedError(ModelError):
    """The server refused the request: a wrong model name, a wrong key, too long a prompt."""

    status = 502
    code = "model-refused"
    title = "The model server refused the request"


class TokenBudgetError(ModelError):
    """Question and conversation are too long: the prompt has no room for a passage."""

    status = 413
    code = "token-budget"
    title = "The question does not fit the model's budget"


class TooFewExamplesError(FootnoteError):
    """There are too few questions to train a reader and to calibrate it."""

    status = 422
    code = "too-few-examples"
    title = "Too few examples to train on"


class RegistryError(FootnoteError):
    """The file that lists the models cannot be read, or does not fit."""

    status = 500
    code = "model-registry"
    title = "The list of models cannot be used"


class PolicyError(FootnoteError):
    """The file of the guardrails' policy cannot be read, or does not fit."""

    status = 500
    code = "guard-policy"
    title = "The policy cannot be used"
