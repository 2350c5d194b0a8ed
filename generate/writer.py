"""A model writes, sentence by sentence, into a draft that checks each one."""

import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass

from generate.dependencies import AnswerDependencies
from generate.draft import AnswerDraft
from generate.errors import ModelError
from generate.llm.metering import ask
from generate.llm.port import Delta, Message, Model
from generate.prompting.citation_markers import read_claims
from generate.prompting.prompt import Prompt, build_prompt
from generate.quoting.quoter import Selection
from generate.types import Turn
from retrieve.types import Passage

NOT_SAID = "The documents do not say."
"""The one sentence that needs no citation."""
NO_MODEL = "No language model is configured: these are the documents' own words."

NOTHING_WRITTEN = "The model wrote nothing: these are the documents' own words."


@dataclass
class Writing:
    """How the model fared."""

    model: str = "quote"
    notice: str | None = None
    """Why the model's words are missing or incomplete; None where they are whole."""
    abstained: bool = False
    """The model read the passages and said that they do not answer."""
    incomplete: bool = False
    """It broke off, or something that it wrote was left out."""
    beside: bool = False
    """What it wrote is supported, and what it cites hardly answers the question."""

    missing: tuple[str, ...] = ()
    """What the question names and the evidence does not tell of."""
    answerability: float = 0.0
    """That the evidence answers the question; of a model's answer, that what it cites does."""

    def text_of(self, deltas: Iterable[Delta]) -> Iterator[str]:
        """Pass the text on; keep which model of a chain it was."""
        for delta in deltas:
            self.model = delta.model or self.model
            yield delta.text


def write(
    question: str,
    evidence: Sequence[Passage],
    history: Sequence[Turn],
    parts: AnswerDependencies,
    draft: AnswerDraft,
) -> Writing:
    """Let the model answer from the evidence; what survives verification is in the draft.

    A model that is absent, down, slow or over budget is told by ``notice``, never raised.
    """
    model, config = parts.model, parts.config
    if model is None:
        return Writing(notice=NO_MODEL)
    writing = Writing(model.name, incomplete=True)
    try:
        prompt = build_prompt(question, evidence, history, config, model.count_tokens)
        deadline = time.monotonic() + config.deadline_s
        _stream(model, prompt, prompt.messages, deadline, draft, writing)
        if draft.withheld and config.unsupported == "regenerate":
            again = (*prompt.messages, Message("user", _once_more(draft.withheld)))
            draft.withheld.clear()
            _stream(model, prompt, again, deadline, draft, writing)
        writing.incomplete = bool(draft.withheld or draft.stopped)
    except ModelError as error:
        writing.notice = f"{error.title}: {error}"
    if draft.withheld and not writing.notice:
        writing.notice = _withheld(len(draft.withheld))
    return writing


def _stream(
    model: Model,
    prompt: Prompt,
    messages: Sequence[Message],
    deadline: float,
    draft: AnswerDraft,
    writing: Writing,
) -> None:
    """Read the model's sentences into the draft until it ends, or says that there is nothing."""
    said = {sentence.text for sentence in draft.sentences}
    with closing(ask(model, messages, deadline=deadline)) as deltas:
        for claim in read_claims(writing.text_of(deltas), prompt.passages):
            if _is_not_said(claim.text):
                writing.abstained = not draft.sentences
                break
            if claim.text not in said:
                draft.release(claim)


def _is_not_said(text: str) -> bool:
    return text.rstrip(" .!").casefold() == NOT_SAID.rstrip(".").casefold()


def _once_more(withheld: Sequence[str]) -> str:
    listed = "\n".join(f"- {sentence}" for sentence in withheld)
    return (
        f"The passages do not support these sentences:\n{listed}\nWrite only what should stand in "
        "their place, in sentences that a passage supports, each with its marker. If there is "
        f"nothing, write: {NOT_SAID}"
    )


def quote_instead(best: Selection, draft: AnswerDraft, writing: Writing) -> Writing:
    """Put the best sentences of the evidence into the draft, where the model left it empty.

    Sentences about another thing than the one that was asked for stay out.
    """
    for claim in best.claims if best.is_answer else ():
        draft.release(claim)
    return Writing(notice=writing.notice or NOTHING_WRITTEN)


def _withheld(count: int) -> str:
    sentences = "1 sentence was" if count == 1 else f"{count} sentences were"
    return f"{sentences} left out: no passage that you may read supports what the model wrote."
