"""A model writes, sentence by sentence, into a draft that checks each one."""

import time
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field

from generate.answer_form import with_form
from generate.config import AnswerConfig
from generate.dependencies import AnswerDependencies
from generate.draft import AnswerDraft, WithheldSentence
from generate.errors import ModelError, ModelProtocolError
from generate.llm.metering import ask
from generate.llm.port import Delta, Message, Model
from generate.prompting.prompt import PER_MESSAGE, build_prompt
from generate.prompting.reply_claims import read_claims
from generate.quoting.quoter import Selection
from generate.types import Claim, Conflict, Turn
from index.tracing import traced
from retrieve.types import Passage

NOT_SAID = "The documents do not say."
"""The one sentence that needs no citation."""
NO_MODEL = "No language model is configured: these are the documents' own words."
NOTHING_WRITTEN = "The model wrote nothing."
REPEATED_ITSELF = "The model repeated itself and was broken off."

_REPEATED = 5
"""Withheld sentences that the model is told of, at most."""
_REASON_CHARACTERS = 200
"""Characters of each reason, at most: a judge's may be long."""
_TOKEN_CHARACTERS = 16
"""Characters of a reply for each token that it may have; real ones have four, seldom eight."""
_REPETITIONS = 8
"""Sentences that a reply may repeat before it is broken off: such a model does not stop."""


@dataclass
class Writing:
    """How the model fared."""

    model: str = "quote"
    notice: str | None = None
    """Why the model's words are missing or incomplete; None where they are whole."""
    has_abstained: bool = False
    """The model read the passages and said that they do not answer."""
    is_incomplete: bool = False
    """It broke off, or something that it wrote was left out."""
    is_beside_question: bool = False
    """Its text is supported by its citations, but they hardly answer the question."""
    missing: tuple[str, ...] = ()
    """Things that the question names and the evidence does not mention."""
    is_unreachable: bool = False
    """There is no reply to go by: the model is absent, down, slow, over budget, or said nothing."""
    is_quoted: bool = False
    """The documents are quoted in the model's place."""

    answerability: float = 0.0
    """That the evidence answers the question; of a model's answer, that what it cites does."""

    released_texts: set[str] = field(default_factory=set)
    """Sentences that were released, as they are compared: none is released twice."""

    conflicts: tuple[Conflict, ...] = ()
    """Where documents disagree on what was asked."""

    has_repeated_itself: bool = False
    """A reply was broken off because it said the same again and again."""

    def text_of(self, deltas: Iterable[Delta], longest: int) -> Iterator[str]:
        """Pass the text on; keep which model of a chain it was.

        Raises:
            ModelProtocolError: the reply has more than ``longest`` characters.

        """
        characters = 0
        for delta in deltas:
            self.model = delta.model or self.model
            characters += len(delta.text)
            if characters > longest:
                raise ModelProtocolError(f"{self.model} wrote far more than it was asked for.")
            yield delta.text


@dataclass(frozen=True, slots=True)
class _Request:
    """A question to a model; all its replies have one deadline."""

    question: str
    evidence: Sequence[Passage]
    history: Sequence[Turn]
    model: Model
    config: AnswerConfig
    deadline: float

    def claims(self, writing: Writing, *more: Message) -> Generator[Claim, None, None]:
        """Yield the claims of one reply, to the question and what follows it."""
        count = self.model.count_tokens
        with traced("prompt", {"footnote.passages": len(self.evidence)}):
            prompt = build_prompt(
                with_form(self.question, self.config.form),
                self.evidence,
                self.history,
                self.config,
                count,
                spare_tokens=sum(count(message.content) + PER_MESSAGE for message in more),
            )
        messages = (*prompt.messages, *more)
        with closing(ask(self.model, messages, deadline=self.deadline)) as deltas:
            longest = _TOKEN_CHARACTERS * self.config.answer_tokens
            yield from read_claims(writing.text_of(deltas, longest), prompt.passages)


def write(
    question: str,
    evidence: Sequence[Passage],
    history: Sequence[Turn],
    dependencies: AnswerDependencies,
    draft: AnswerDraft,
) -> Writing:
    """Let the model answer from the evidence; what survives verification is in the draft.

    A model that is absent, down, slow or over budget is told by ``notice``, never raised.
    """
    model, config = dependencies.model, dependencies.config
    if model is None:
        return Writing(notice=NO_MODEL, is_unreachable=True)
    writing = Writing(model.name, is_incomplete=True)
    deadline = time.monotonic() + config.deadline_s
    request = _Request(question, evidence, history, model, config, deadline)
    try:
        notice = None if _read(request, draft, writing) else NOTHING_WRITTEN
    except ModelError as error:
        notice = f"{error.title}: {error}"
    if notice is not None:
        return _without_reply(notice, draft, writing)
    left_out = _write_again(request, draft, writing) if draft.withheld else 0
    writing.is_incomplete = bool(left_out or draft.blocked_sentences or writing.has_repeated_itself)
    writing.notice = _left_out(left_out) if left_out else None
    if writing.has_repeated_itself:
        writing.notice = " ".join(filter(None, (writing.notice, REPEATED_ITSELF)))
    return writing


def _read(request: _Request, draft: AnswerDraft, writing: Writing, *more: Message) -> bool:
    """Read a reply into the draft until it ends, says that there is nothing, or goes in circles.

    Return whether it had a sentence.
    """
    texts: set[str] = set()
    repetitions = 0
    with closing(request.claims(writing, *more)) as claims:
        for claim in claims:
            text = _comparable(claim.text)
            if text == _comparable(NOT_SAID):
                writing.has_abstained = not draft.sentences
                return True
            if text in texts:
                repetitions += 1
                if repetitions >= _REPETITIONS:
                    writing.has_repeated_itself = True
                    break
                continue
            texts.add(text)
            if text not in writing.released_texts and draft.release(claim):
                writing.released_texts.add(text)
    return bool(texts)


def _write_again(request: _Request, draft: AnswerDraft, writing: Writing) -> int:
    """Tell the model once why sentences were withheld; return how many stay left out.

    What a rule of the policy found anything in is not told.
    """
    withheld, released = draft.withheld, len(draft.sentences)
    repeated = [sentence for sentence in withheld if sentence.may_be_repeated][:_REPEATED]
    is_final = (
        writing.has_abstained
        or draft.guardrails.held_replies
        or request.config.unsupported != "regenerate"
    )
    if is_final or not repeated:
        return len(withheld)
    texts = [sentence.text for sentence in draft.sentences]
    texts += [sentence.text for sentence in repeated]
    more = (Message("assistant", " ".join(texts)), Message("user", _once_more(repeated)))
    draft.withheld = []
    try:
        _read(request, draft, writing, *more)
    except ModelError:
        if not draft.sentences:
            writing.model = "quote"  # no model had the last word: this answer is not to be cached
    replaced = len(draft.sentences) - released
    return max(len(withheld) - replaced, len(draft.withheld))


def _without_reply(notice: str, draft: AnswerDraft, writing: Writing) -> Writing:
    """Note why the reply is missing or broke off; where nothing of it is out, there is none."""
    writing.notice = notice
    if not (draft.sentences or draft.guardrails.held_replies):
        writing.model, writing.is_unreachable = "quote", True
    return writing


def _comparable(text: str) -> str:
    return " ".join(text.split()).rstrip(" .!").casefold()


def _once_more(withheld: Sequence[WithheldSentence]) -> str:
    listed = "\n".join(
        f"- {sentence.text} ({' '.join(sentence.reason.split())[:_REASON_CHARACTERS]})"
        for sentence in withheld
    )
    return (
        f"The passages do not support these sentences:\n{listed}\nWrite only what should stand in "
        "their place, in sentences that a passage supports, each with its marker. If there is "
        f"nothing, write: {NOT_SAID}"
    )


def quote_instead(best: Selection, draft: AnswerDraft, writing: Writing) -> Writing:
    """Put the best sentences of the evidence into the draft, in the place of a model's.

    Sentences about another thing than the one that was asked for stay out.
    """
    for claim in best.claims if best.is_answer else ():
        draft.release(claim)
    return Writing(notice=writing.notice, is_quoted=True)


def _left_out(count: int) -> str:
    sentences = "1 sentence was" if count == 1 else f"{count} sentences were"
    return f"{sentences} left out: no passage that you may read supports what the model wrote."
