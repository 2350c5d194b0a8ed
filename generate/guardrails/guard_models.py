"""Guard models: what a model that is made for it says of a question or an answer.

Formats: Qwen3Guard-Gen (https://github.com/QwenLM/Qwen3Guard) says lines such as ``Safety: Unsafe``
and ``Categories: Violent``; Llama Guard (https://www.llama.com/docs/model-cards-and-prompt-formats)
says ``safe``, or ``unsafe`` and a line of categories such as ``S1,S10``. Both are asked with the
conversation itself; their chat templates, which the server applies, add the instructions.
"""

import re
from dataclasses import dataclass
from typing import Literal, Protocol

from generate.errors import ModelProtocolError
from generate.llm.metering import read_reply
from generate.llm.port import Message, Model
from generate.visible_text import visible

Level = Literal["safe", "controversial", "unsafe"]
Format = Literal["qwen3guard", "llama-guard"]

_LONGEST = 500
"""Characters of a reply; a guard that says more does not keep to its format."""
_QWEN = re.compile(r"^Safety:[ \t]*(Safe|Controversial|Unsafe)[ \t]*$", re.MULTILINE)
_QWEN_CATEGORIES = re.compile(r"^Categories:[ \t]*(.+?)[ \t]*$", re.MULTILINE)
_LLAMA = re.compile(r"\s*(?:(safe)|(unsafe)(?:\s*\n\s*(S\d+(?:\s*,\s*S\d+)*))?)\s*")
_LEVELS: dict[str, Level] = {
    "Safe": "safe",
    "Controversial": "controversial",
    "Unsafe": "unsafe",
}


@dataclass(frozen=True, slots=True)
class GuardVerdict:
    """A guard's verdict on one text."""

    level: Level
    categories: tuple[str, ...] = ()


class Guard(Protocol):
    """Judges a question, or a reply to it, as a whole."""

    def judge(self, question: str, reply: str | None) -> GuardVerdict:
        """Judge the question, or the reply where there is one; raises ModelError for no verdict."""
        ...


class ModelGuard:
    """Asks a guard model on an OpenAI-compatible server."""

    def __init__(self, model: Model, form: Format, *, timeout_s: float) -> None:
        self._model = model
        self._read = read_qwen if form == "qwen3guard" else read_llama
        self._timeout_s = timeout_s

    def judge(self, question: str, reply: str | None) -> GuardVerdict:
        """Judge the question, or the reply where there is one.

        Raises:
            ModelError: no verdict in time, or none that fits the format; that is never "safe".

        """
        prompt = [Message("user", visible(question))]
        if reply is not None:
            prompt.append(Message("assistant", visible(reply)))
        answer, _ = read_reply(self._model, prompt, deadline_s=self._timeout_s, longest=_LONGEST)
        return self._read(answer)


def read_qwen(reply: str) -> GuardVerdict:
    """Read a verdict of Qwen3Guard-Gen.

    Raises:
        ModelProtocolError: there is no line of safety, or more than one.

    """
    levels = _QWEN.findall(reply)
    if len(levels) != 1:
        raise ModelProtocolError("The guard model's reply is not Qwen3Guard's format.")
    category_match = _QWEN_CATEGORIES.search(reply)
    categories = category_match.group(1).split(",") if category_match else []
    reasons = tuple(name.strip() for name in categories if name.strip() != "None")
    return GuardVerdict(_LEVELS[levels[0]], reasons)


def read_llama(reply: str) -> GuardVerdict:
    """Read a verdict of Llama Guard.

    Raises:
        ModelProtocolError: it is neither ``safe`` nor ``unsafe`` with its categories.

    """
    match = _LLAMA.fullmatch(reply)
    if match is None:
        raise ModelProtocolError("The guard model's reply is not Llama Guard's format.")
    if match.group(1):
        return GuardVerdict("safe")
    categories = re.findall(r"S\d+", match.group(3) or "")
    return GuardVerdict("unsafe", tuple(categories))
