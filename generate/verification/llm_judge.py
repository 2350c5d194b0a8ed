"""A language model as verifier, with a strict format: what does not fit it is no verdict."""

import json
import re
from collections.abc import Sequence
from html import escape
from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints, ValidationError

from generate.errors import ModelError
from generate.llm.metering import read_reply
from generate.llm.port import FormModel, Message, Model
from generate.prompting.prompts import instructions
from generate.types import Judgement, Verdict
from generate.visible_text import visible

PROMPT_VERSION = "judge_v1"
_SCORES: dict[Verdict, float] = {"supported": 0.9, "partial": 0.35, "unsupported": 0.05}
"""The score of a verdict that comes without one; each lies in its verdict's range."""
_FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")
_LONGEST = 2_000
"""Characters of a reply; a judge that says more does not follow its instructions."""


class _JudgeReply(BaseModel):
    """The one line that a judge may say."""

    model_config = ConfigDict(extra="forbid", strict=True)

    verdict: Verdict
    reason: Annotated[str, StringConstraints(max_length=500)] = ""


class JudgeVerifier:
    """Asks a model behind an OpenAI-compatible server about one claim at a time.

    A server that can hold its model to a form while it writes is asked to.

    A judge that is down, late or off its format could not judge: that is ``unsupported`` with
    ``judged`` false and a reason that says so, never support.
    """

    def __init__(self, model: Model, *, deadline_s: float = 10.0) -> None:
        self.name = f"judge:{model.name}"
        form = _JudgeReply.model_json_schema()
        self._model = model.in_form(form) if isinstance(model, FormModel) else model
        self._deadline_s = deadline_s

    def verify(self, claim: str, evidence: Sequence[str]) -> Judgement:
        """Return the judge's verdict, or that there is none."""
        try:
            text = self._ask(claim, evidence)
            reply = _JudgeReply.model_validate(json.loads(_FENCE.sub("", text.strip())))
        except ModelError as error:
            return _no_verdict(f"The judge could not be asked: {error.title}.")
        except (ValidationError, ValueError, RecursionError):
            return _no_verdict("The judge's reply was not a verdict.")
        reason = " ".join(visible(reply.reason).split()) or "The judge gave no reason."
        return Judgement(reply.verdict, _SCORES[reply.verdict], reason)

    def _ask(self, claim: str, evidence: Sequence[str]) -> str:
        source = "\n".join(escape(visible(text), quote=False) for text in evidence)
        user_message = (
            f"<source>\n{source}\n</source>\n<claim>{escape(visible(claim), quote=False)}</claim>"
        )
        prompt = (Message("system", instructions(PROMPT_VERSION)), Message("user", user_message))
        reply, _ = read_reply(self._model, prompt, deadline_s=self._deadline_s, longest=_LONGEST)
        return reply


def _no_verdict(reason: str) -> Judgement:
    return Judgement("unsupported", 0.0, reason, was_judged=False)
