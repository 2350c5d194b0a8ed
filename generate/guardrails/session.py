"""The policy's eye on one answer, from the question to the last sentence."""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from generate.errors import ModelError
from generate.guardrails.guard_models import Guard
from generate.guardrails.policy import Action, PolicyRule, Stage
from generate.guardrails.review_queue import HeldReply, ReviewQueue
from generate.guardrails.rule_engine import RuleEngine, Ruling, merge_spans
from generate.types import GuardNote, Quote, ReviewNote
from generate.visible_text import check_question, visible
from index.text.sentence_splitter import split_sentences
from retrieve.types import Passage

logger = logging.getLogger(__name__)

UNNAMED = "A document"
"""In place of a title and a file name that the policy does not let through."""

CONTEXT = 4_000
"""Characters of what the model has said before that a match may begin in."""


@dataclass
class GuardrailSession:
    """Holds one version of the rules for a whole answer, and notes what they did."""

    rules: RuleEngine
    guards: Mapping[str, Guard] = field(default_factory=dict)
    """The guard of each rule that has one; a rule whose guard is missing has failed."""
    review_queue: ReviewQueue | None = None
    """Where replies wait for a person; without one, ``review`` is ``block``."""
    held_replies: list[HeldReply] = field(default_factory=list)
    """A text that a person must decide on before the reply goes out."""
    notes: list[GuardNote] = field(default_factory=list)
    stopping_ruling: Ruling | None = None
    """Why the question, or the last sentence that was stopped, may not go on."""
    _question: str = ""
    _text_before: str = ""
    _verdicts: dict[tuple[str, str | None], tuple[PolicyRule, ...]] = field(default_factory=dict)
    _released_text: str = ""
    _approvals: dict[str, frozenset[str]] | None = None

    @property
    def holds_replies(self) -> bool:
        """Tell whether a sentence may hold the whole reply, so that none may go out before."""
        return self.review_queue is not None and self.rules.reviews("after")

    @property
    def version(self) -> str:
        """The version of the policy."""
        return self.rules.policy.name

    @property
    def message(self) -> str | None:
        """Return the policy's message to an asker whose question or answer it stopped."""
        return (
            self.stopping_ruling.rule.message
            if self.stopping_ruling and self.stopping_ruling.rule
            else None
        )

    def question(self, question: str, limit: int) -> str:
        """Return the question as it may be asked and kept; ``stopping_ruling`` tells if it may not.

        Raises:
            EmptyQuestionError, QuestionTooLongError: it cannot be asked.

        """
        check_question(question, limit)
        self._question = question
        ruling = self._rule("before", question)
        self.hold("before", question, ruling)
        return check_question(ruling.text, len(ruling.text))

    def evidence(self, passages: Sequence[Passage]) -> tuple[Passage, ...]:
        """Return what may be read: passages without the sentences that a rule sets aside.

        A passage is cut around such a sentence, so that each piece is still the document's text
        at its offsets. What is to be blocked or reviewed takes the whole passage away.
        """
        named_passages = filter(None, map(self.with_allowed_name, passages))
        return tuple(piece for passage in named_passages for piece in self._pieces(passage))

    def with_allowed_name(self, passage: Passage) -> Passage | None:
        """Return the passage under a name that may be shown; none where a rule stops its name.

        A title that a rule would cut gives way to the file name, and that to a word of ours.
        """
        chunk = passage.chunk
        for name in dict.fromkeys((chunk.title or chunk.filename, chunk.filename)):
            ruling = self.rules.rule("evidence", name)
            self._note("evidence", ruling)
            if ruling.is_stopped:
                return None
            if not ruling.matches:
                return passage if name == chunk.title else _with_title(passage, name)
        return _with_title(passage, UNNAMED)

    def sentence(self, text: str) -> Ruling:
        """Rule on a sentence that is about to be released, with what was said before it."""
        self._text_before, self._released_text = (
            self._released_text,
            f"{self._released_text} {text}"[-CONTEXT:],
        )
        return self._rule("after", text, before=self._text_before)

    def hold(self, stage: Stage, text: str, ruling: Ruling) -> bool:
        """Put a text aside for a person, where its ruling says so and there is a review queue."""
        if self.review_queue is None or ruling.action != "review":
            return False
        visible_text = " ".join(
            visible(self.rules.reviewable(text, before=self._text_before)).split()
        )
        self.held_replies.append(
            HeldReply(stage, visible_text, self._mark(stage, text), ruling.for_review)
        )
        return True

    def hold_quote(self, quote: Quote) -> bool:
        """Put a quote aside for a person, where that is why it may not be shown."""
        return self.hold("after", quote.text, self._ruling("after", quote.text))

    def file(self, documents: Sequence[str]) -> ReviewNote | None:
        """Queue what is held; none where nothing is, or where too much of this asker waits."""
        if self.review_queue is None or not self.held_replies:
            return None
        names = ", ".join(dict.fromkeys(rule for each in self.held_replies for rule in each.rules))
        return self.review_queue.hold(
            self.held_replies,
            question=self._question,
            visible_question=" ".join(visible(self.rules.reviewable(self._question)).split()),
            policy=self.version,
            reason=self.message or f"The policy's rule asks for a review: {names}.",
            documents=documents,
        )

    def quote(self, quote: Quote) -> Quote | None:
        """Return the longest piece of a quote that no rule finds anything in, if there is one.

        A quote is the document's text at its offsets, so nothing inside it can be replaced.
        """
        ruling = self._ruling("after", quote.text)
        if not ruling.matches:
            return quote
        if ruling.is_stopped:
            return None
        spans = [(match.start, match.end) for match in ruling.matches]
        pieces = [trim_span(quote.text, *span) for span in _outside(quote.text, spans)]
        start, end = max(pieces, key=lambda piece: piece[1] - piece[0])
        if not any(character.isalnum() for character in quote.text[start:end]):
            return None
        return replace(quote, start=quote.start + start, end=quote.start + end)

    def _rule(self, stage: Stage, text: str, *, before: str = "") -> Ruling:
        ruling = self._ruling(stage, text, before=before)
        self._note(stage, ruling)
        if ruling.is_stopped:
            self.stopping_ruling = ruling
        return ruling

    def _ruling(self, stage: Stage, text: str, *, before: str = "") -> Ruling:
        """Rule on a text; what a person approved passes the rules that it was approved for."""
        ruling = self.rules.rule(stage, text, before=before)
        if ruling.action != "block":
            ruling = ruling.with_whole_text_rules(text, self._ask_guards(stage, text, before))
        if self.review_queue is None or ruling.action != "review":
            return ruling
        if self._approvals is None:
            self._approvals = self.review_queue.approved(self._question, self.version)
        approved_rules = self._approvals.get(self._mark(stage, text), frozenset())
        for rule in ruling.for_review:
            note = GuardNote(stage, rule, "allow")
            if rule in approved_rules and note not in self.notes:
                self.notes.append(note)
        return ruling.approved(text, sorted(approved_rules)) if approved_rules else ruling

    def _ask_guards(self, stage: Stage, text: str, before: str) -> tuple[PolicyRule, ...]:
        """Ask the guards about a text as a whole, once; return the rules that act, as they do.

        A reply is judged with the question and with what was said before it.
        """
        joined_text = f"{before} {text}".strip()
        conversation = (text, None) if stage == "before" else (self._question, joined_text)
        verdicts = self._verdicts.get(conversation)
        if verdicts is None:
            guard_rules = [r for r in self.rules.policy.rules if r.model and stage in r.stages]
            acting = (acting_rule(r, self.guards.get(r.name), conversation) for r in guard_rules)
            verdicts = tuple(rule for rule in acting if rule is not None)
            self._verdicts[conversation] = verdicts
        return verdicts

    def _mark(self, stage: Stage, text: str) -> str:
        return (
            self.review_queue.mark(stage, self.version, self._question, text)
            if self.review_queue
            else ""
        )

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
        if ruling.is_stopped:
            return []
        spans = [(match.start, match.end) for match in ruling.matches]
        covered = [
            (start, end)
            for start, end in split_sentences(passage.text)
            if any(first < end and start < last for first, last in spans)
        ]
        return [
            passage.between(passage.start + start, passage.start + end)
            for start, end in (
                trim_span(passage.text, *span)
                for span in _outside(passage.text, [*covered, *spans])
            )
            if any(character.isalnum() for character in passage.text[start:end])
        ]


def _with_title(passage: Passage, title: str) -> Passage:
    return replace(passage, chunk=replace(passage.chunk, title=title))


def acting_rule(
    rule: PolicyRule, guard: Guard | None, conversation: tuple[str, str | None]
) -> PolicyRule | None:
    """Return a guard model's rule as its verdict has it act; none where that is not at all.

    No verdict is no licence: it does what the policy says of a failure.
    """
    if rule.model is None:
        return None
    try:
        verdict = guard.judge(*conversation) if guard is not None else None
    except ModelError as error:
        logger.warning("guard %s gave no verdict: %s", rule.name, error.title)
        verdict = None
    if verdict is None:
        action: Action = "review" if rule.model.failure == "hold" else "block"
    elif verdict.level == "unsafe":
        action = rule.action
    else:
        action = rule.model.controversial if verdict.level == "controversial" else "allow"
    return None if action == "allow" else rule.model_copy(update={"action": action})


def _outside(text: str, spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return what lies between the spans."""
    edges = [0, *(edge for span in merge_spans(spans) for edge in span), len(text)]
    return list(zip(edges[::2], edges[1::2], strict=True))


def trim_span(text: str, start: int, end: int) -> tuple[int, int]:
    """Return the span without white space at its ends."""
    inner = text[start:end]
    first = start + len(inner) - len(inner.lstrip())
    return first, max(first, start + len(inner.rstrip()))
