"""The prompt: a stable prefix, earlier turns, the evidence as delimited data, the question."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from generate.config import AnswerConfig
from generate.errors import TokenBudgetError
from generate.llm.port import Message
from generate.prompting.prompts import instructions
from generate.types import Turn
from generate.visible_text import visible
from retrieve.types import Passage

PROMPT_VERSIONS = {"large": "answer_v2", "small": "answer_small_v2"}
"""The instructions in use, by ``AnswerConfig.prompt``."""
PER_MESSAGE = 8
"""Tokens that a chat template spends on the frame of a message, guessed high."""
_DELIMITER = re.compile(r"<(?=\s*/?\s*passage)", re.IGNORECASE)

Counter = Callable[[str], int]


@dataclass(frozen=True, slots=True)
class Prompt:
    """The messages, and the passages that the model's markers point at."""

    messages: tuple[Message, ...]
    passages: tuple[Passage, ...]
    """In the order of their numbers: marker ``[n]`` is ``passages[n - 1]``."""
    tokens: int
    """The prompt's size as counted, in the model's tokens."""
    version: str


def build_prompt(
    question: str,
    passages: Sequence[Passage],
    history: Sequence[Turn],
    config: AnswerConfig,
    count: Counter,
    *,
    spare_tokens: int = 0,
) -> Prompt:
    """Fit the question, the newest turns and the best passages into the model's context.

    Args:
        question: as the asker wrote it.
        passages: best first; those that do not fit are left out, the rest come in document order,
            for small models in this one.
        history: earlier turns, oldest first.
        config: the context length, the answer's share and the history's share.
        count: counts tokens as the model does, or guesses high.
        spare_tokens: kept free for messages that are to follow.

    Raises:
        TokenBudgetError: not one passage fits.

    """
    version = PROMPT_VERSIONS[config.prompt]
    system = Message("system", instructions(version))
    budget = config.context_tokens - config.answer_tokens - spare_tokens
    fixed = count(system.content) + count(_question(question)) + 2 * PER_MESSAGE
    turns = _newest(history, int((budget - fixed) * config.history_share), count)
    used_tokens = fixed + sum(count(turn.content) + PER_MESSAGE for turn in turns)
    fitting, cost = _fitting(passages, budget - used_tokens, count)
    if config.prompt == "large":
        fitting = _in_document_order(fitting)
    evidence = "\n".join(_delimited(i, passage) for i, passage in enumerate(fitting, 1))
    user_message = Message("user", f"{evidence}\n\n{_question(question)}")
    return Prompt((system, *turns, user_message), tuple(fitting), used_tokens + cost, version)


def _fitting(passages: Sequence[Passage], budget: int, count: Counter) -> tuple[list[Passage], int]:
    """Keep the best passages that fit, best first: a small model reads the first one best."""
    fitting: list[Passage] = []
    cost = 0
    for passage in passages:
        tokens = count(_delimited(len(passages), passage)) + 1
        if cost + tokens <= budget:
            fitting.append(passage)
            cost += tokens
    if not fitting:
        raise TokenBudgetError("The question and its history leave no room for a passage.")
    return fitting, cost


def _in_document_order(passages: Sequence[Passage]) -> list[Passage]:
    """Sort by document, then by place: the same passages make the same prompt."""
    return sorted(passages, key=lambda passage: (passage.chunk.tie, passage.start))


def _newest(history: Sequence[Turn], budget: int, count: Counter) -> tuple[Message, ...]:
    messages: list[Message] = []
    for turn in reversed(history):
        message = Message(turn.speaker, visible(turn.text))
        budget -= count(message.content) + PER_MESSAGE
        if budget < 0:
            break
        messages.append(message)
    return tuple(reversed(messages))


def _delimited(number: int, passage: Passage) -> str:
    chunk = passage.chunk
    title = escape(" ".join(visible(chunk.title or chunk.filename).split()))
    page = f' page="{passage.page}"' if passage.page else ""
    text = _DELIMITER.sub("&lt;", visible(passage.text))
    return f'<passage number="{number}" title="{title}"{page}>\n{text}\n</passage>'


def _question(question: str) -> str:
    return f"Question: {question}"
