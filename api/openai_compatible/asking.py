"""A question that comes in the words of OpenAI's API, for our own ask service."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal, Protocol

from api.errors import ParameterError, UnknownModelError
from api.questions.answer_store import History
from api.questions.conversations import HISTORY
from api.questions.dependencies import QuestionDependencies
from api.questions.schemas import AskRequest
from generate.errors import EmptyQuestionError, QuestionTooLongError
from generate.guardrails.sent_history import allowed_turns
from generate.types import Turn
from index.collections import Narrowing
from index.db.database import Database
from index.types import Actor

ANSWERING = "footnote"
"""The model that answers: our own service, with whatever writes for it."""
LONGEST_QUESTION = 4000
"""Characters, as for ``POST /v1/ask``."""
MESSAGES_READ = 2 * HISTORY
"""The newest messages of a request; older ones are not read, as in a conversation of ours."""

_SPEAKERS: dict[str, Literal["user", "assistant"]] = {"user": "user", "assistant": "assistant"}


class SentMessage(Protocol):
    """A message of a request."""

    @property
    def role(self) -> str:
        """Who speaks."""
        ...

    @property
    def text(self) -> str:
        """The words."""
        ...


@dataclass(slots=True)
class SentHistory:
    """The turns before a question: those that are stored, then those that the request brings.

    Stored turns passed the policy when they were asked. What the request brings has not, so it is
    looked at like a question. Instructions to the model (``system``, ``developer``) are no turns:
    the service's own rules say how it answers.
    """

    messages: Sequence[SentMessage]
    """The request's, without the question."""
    load_stored: Callable[[Database, Actor], History] = lambda _database, _actor: History()
    """Returns the stored turns, under the actor's rights of this moment."""
    readable: list[dict[str, str]] = field(default_factory=list)
    """The request's messages as the policy lets them be read and kept, once they are loaded."""

    def load(self, questions: QuestionDependencies, actor: Actor) -> History:
        """Return the turns, oldest first."""
        history = self.load_stored(questions.database, actor)
        start_guardrails = questions.answering(actor.scope.tenant).start_guardrails
        for message in self.messages[-MESSAGES_READ:]:
            speaker = _SPEAKERS.get(message.role)
            turns = allowed_turns([Turn(speaker or "user", message.text)], start_guardrails)
            self.readable += [{"role": message.role, "text": turn.text} for turn in turns]
            if speaker is not None:
                history = replace(history, turns=(*history.turns, *turns))
        return history


def check_answering_model(name: str) -> None:
    """Refuse a model's name that does not answer here.

    Raises:
        UnknownModelError: there is no such model.

    """
    if name != ANSWERING:
        raise UnknownModelError(f"Use the model {ANSWERING!r}; GET /v1/models lists all of them.")


def question_of(messages: Sequence[SentMessage], param: str) -> str:
    """Return the question: the last message.

    Raises:
        ParameterError: the last message is not the user's.

    """
    if not messages or messages[-1].role != "user":
        raise ParameterError("The last message must be the user's question.", param)
    return messages[-1].text


def ask_request(
    question: str,
    *,
    conversation_id: str | None = None,
    narrowing: Narrowing | None = None,
) -> AskRequest:
    """Return a question as ``POST /v1/ask`` takes it.

    Raises:
        EmptyQuestionError, QuestionTooLongError: the question cannot be asked.

    """
    if not question:
        raise EmptyQuestionError("Ask something: the question has no words.")
    if len(question) > LONGEST_QUESTION:
        raise QuestionTooLongError(f"A question may have {LONGEST_QUESTION} characters.")
    narrowing = narrowing or Narrowing()
    return AskRequest(
        question=question,
        conversation_id=conversation_id,
        filters=dict(narrowing.filters) if narrowing.filters else None,
        collections=list(narrowing.collections) if narrowing.collections else None,
    )
