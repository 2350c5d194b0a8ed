"""The policy's eye on one answer, from the question to the last sentence."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from generate.guard import check_question
from generate.guarding.policy import Stage
from generate.guarding.rules import Rules, Ruling, merged
from generate.types import GuardNote, Quote
from index.sentences import split_sentences
from retrieve.types import Passage

CONTEXT = 4_000
"""Characters of what the model has said before that a match may begin in."""


@dataclass
class Watch:
    """Holds one version of the rules for a whole answer, and notes what they did."""

    rules: Rules
    notes: list[GuardNote] = field(default_factory=list)
    stopped: Ruling | None = None
    """Why the question, or the last sentence that was stopped, may not go on."""
    _said: str = ""

    @property
    def version(self) -> str:
        """The version of the policy."""
        return self.rules.policy.name

    @property
    def message(self) -> str | None:
        """What the policy says to an asker whose question or answer it stopped."""
        return self.stopped.rule.message if self.stopped and self.stopped.rule else None

    def question(self, question: str, limit: int) -> str:
        """Return the question as it may be asked and kept; ``stopped`` tells if it may not.

        Raises:
            EmptyQuestionError, QuestionTooLongError: it cannot be asked.

        """
        check_question(question, limit)
        ruling = self._rule("before", question)
        return check_question(ruling.text, len(ruling.text))

    def evidence(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Return what may be read: passages without the sentences that a rule sets aside.

        A passage is cut around such a sentence, so that each piece is still the document's text
        at its offsets. What is to be blocked or reviewed takes the whole passage away.
        """
        return tuple(piece for passage in passages for piece in self._pieces(passage))

    def sentence(self, text: str) -> Ruling:
        """Rule on a sentence that is about to be released, with what was said before it."""
        before, self._said = self._said, f"{self._said} {text}"[-CONTEXT:]
        return self._rule("after", text, before=before)

    def quote(self, quote: Quote) -> Quote | None:
        """Return the longest piece of a quote that no rule finds anything in, if there is one.

        A quote is the document's text at its offsets, so nothing inside it can be replaced.
        """
        ruling = self.rules.rule("after", quote.text)
        if not ruling.matches:
            return quote
        if ruling.stopped:
            return None
        spans = [(match.start, match.end) for match in ruling.matches]
        pieces = [trimmed(quote.text, *span) for span in _outside(quote.text, spans)]
        start, end = max(pieces, key=lambda piece: piece[1] - piece[0])
        if not any(character.isalnum() for character in quote.text[start:end]):
            return None
        return replace(quote, start=quote.start + start, end=quote.start + end)

    def _rule(self, stage: Stage, text: str, *, before: str = "") -> Ruling:
        ruling = self.rules.rule(stage, text, before=before)
        self._note(stage, ruling)
        if ruling.stopped:
            self.stopped = ruling
        return ruling

    def _note(self, stage: Stage, ruling: Ruling) -> None:
        for rule in dict.fromkeys(match.rule for match in ruling.matches):
            note = GuardNote(stage, rule.name, rule.action)
            if note not in self.notes:
                self.notes.append(note)

    def _pieces(self, passage: Passage) -> list[Passage]:
        ruling = self.rules.rule("evidence", passage.text)
        self._note("evidence", ruling)
        if not ruling.matches:
            return [passage]
        if ruling.stopped:
            return []
        found = [(match.start, match.end) for match in ruling.matches]
        taken = [
            (start, end)
            for start, end in split_sentences(passage.text)
            if any(first < end and start < last for first, last in found)
        ]
        return [
            replace(
                passage,
                text=passage.text[start:end],
                start=passage.start + start,
                end=passage.start + end,
            )
            for start, end in (
                trimmed(passage.text, *span) for span in _outside(passage.text, [*taken, *found])
            )
            if any(character.isalnum() for character in passage.text[start:end])
        ]


def _outside(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what lies between the spans."""
    edges = [0, *(edge for span in merged(spans) for edge in span), len(text)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without white space at its ends."""
    inner = text[start:end]
    first = start + len(inner) - len(inner.lstrip())
    return first, max(first, start + len(inner.rstrip()))
