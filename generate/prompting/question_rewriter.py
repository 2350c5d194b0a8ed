"""A follow-up question made to stand alone by a model, where one is configured for it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Protocol

from generate.errors import ModelError
from generate.llm.metering import read_reply
from generate.llm.port import Message, Model
from generate.prompting.followup_rules import standalone_question
from generate.prompting.prompts import instructions
from generate.types import Turn
from generate.visible_text import visible

PROMPT_VERSION = "standalone_v1"
_TURNS = 6
"""The newest turns that the model sees."""
_TURN = 1_000
"""Characters of each."""
_LONGEST = 600
"""Characters of a question; a model that says more does not follow its instructions."""


class Rewriter(Protocol):
    """Makes a question stand alone, so that it can be searched for."""

    def rewrite(self, question: str, history: Sequence[Turn]) -> str:
        """Return the question, unchanged where it opens the conversation. Never raises."""
        ...


class RuleRewriter:
    """Appends the words that the question before had, where this one leans on it."""

    def rewrite(self, question: str, history: Sequence[Turn]) -> str:
        """Rewrite by ``standalone_question``."""
        return standalone_question(question, history)


class ModelRewriter:
    """Asks the model; by the rules where it is down, late, or says something else."""

    def __init__(self, model: Model, *, deadline_s: float = 5.0) -> None:
        self._model = model
        self._deadline_s = deadline_s

    def rewrite(self, question: str, history: Sequence[Turn]) -> str:
        """Return the model's one line, or the rules' result."""
        if not any(turn.speaker == "user" for turn in history):
            return question
        prompt = _prompt(question, history)
        reply = ""
        with suppress(ModelError):
            reply, _ = read_reply(
                self._model, prompt, deadline_s=self._deadline_s, longest=_LONGEST
            )
        return _one_question(reply) or standalone_question(question, history)


def _prompt(question: str, history: Sequence[Turn]) -> tuple[Message, ...]:
    turns = "\n".join(
        f"{turn.speaker}: {' '.join(visible(turn.text[:_TURN]).split())}"
        for turn in history[-_TURNS:]
    )
    user_message = f"Conversation:\n{turns}\n\nLast question: {' '.join(question.split())}"
    return (Message("system", instructions(PROMPT_VERSION)), Message("user", user_message))


def _one_question(reply: str) -> str | None:
    """Return the reply where it is one line that has a word."""
    line = visible(reply).strip().strip("\"'")
    if "\n" in line or len(line) > _LONGEST or not any(c.isalnum() for c in line):
        return None
    return " ".join(line.split())
