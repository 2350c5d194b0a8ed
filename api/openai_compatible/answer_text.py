"""An answer as one growing text with its citations, whole sentence by whole sentence.

A limit of the caller (a stop sequence, a number of tokens) ends the text before the sentence that
would pass it: half a sentence may say what no quote supports.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from generate.block_layout import lead_between
from generate.llm.token_counting import guess_tokens
from generate.rendering.render import answer_from, released, sentence_json
from generate.types import BlockPlace

FinishReason = Literal["stop", "length"]
_OWN_KEYS = ("answer_id", "rendered")


@dataclass(frozen=True, slots=True)
class TextLimits:
    """Where a caller wants the text to end."""

    stop: tuple[str, ...] = ()
    most_tokens: int | None = None

    def passed_by(self, text: str) -> FinishReason | None:
        """Return which limit a text passes, if any; tokens are guessed, rather too many."""
        if any(sequence in text for sequence in self.stop):
            return "stop"
        if self.most_tokens is not None and guess_tokens(text) > self.most_tokens:
            return "length"
        return None


@dataclass(slots=True)
class AnswerText:
    """Takes an answer's sentences as they are released, then the whole answer."""

    limits: TextLimits = field(default_factory=TextLimits)
    text: str = ""
    citations: list[Mapping[str, Any]] = field(default_factory=list)
    """The citations of the sentences that stand in the text."""
    finish_reason: FinishReason = "stop"
    refusal: str | None = None
    """Sentences are never refused; a reply in a form is, where it would not match."""
    is_streamed: bool = True
    _place: BlockPlace | None = None
    _is_open: bool = True
    """Whether sentences are appended as they come."""
    _is_ended: bool = False
    """Whether a limit was passed, so that nothing is appended any more."""

    def add(self, sentence: Mapping[str, Any]) -> str:
        """Append a released sentence and return the piece of text that it adds, if any."""
        place = _place_from(sentence["block"])
        lead, self._place = lead_between(self._place, place), place
        markers = "".join(f"[{marker}]" for marker in sentence["markers"])
        piece = f"{lead}{sentence['text']} {markers}"
        is_in_step = len(self.text) + len(lead) == sentence["start"]
        if not self._is_open or not is_in_step:
            self._is_open = False  # the whole answer brings the rest
            return ""
        return self._append(piece, sentence["citations"])

    def close(self, answer: Mapping[str, Any]) -> str:
        """Take the whole answer and return the rest of the text: what was not streamed, the notice.

        Nothing is added after a limit.
        """
        if self._is_ended:
            return ""
        text = answer["text"]
        rest = text[len(self.text) :] if text.startswith(self.text) else f"\n\n{text}"
        notice = answer["notice"] or ""
        if notice and notice not in text:
            rest = f"{rest}\n\n{notice}"
        missing = [c for c in answer["citations"] if c not in self.citations]
        return self._append(rest, missing)

    def _append(self, piece: str, citations: Sequence[Mapping[str, Any]]) -> str:
        reason = self.limits.passed_by(self.text + piece)
        if reason is not None:
            self._is_open, self._is_ended, self.finish_reason = False, True, reason
            return ""
        self.text += piece
        self.citations.extend(citations)
        return piece


def released_events(answer: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the sentences of an answer's JSON as they were streamed."""
    fields = {name: value for name, value in answer.items() if name not in _OWN_KEYS}
    for released_sentence in released(answer_from(fields)):
        yield sentence_json(*released_sentence)


def _place_from(fields: Mapping[str, Any]) -> BlockPlace:
    return BlockPlace(
        number=fields["number"],
        unit=fields["unit"],
        kind=fields["kind"],
        introduction=fields["introduction"],
        header=tuple(fields["header"]),
    )
