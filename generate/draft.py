"""The answer as it grows: a sentence gets in with a citation and a verdict, or not at all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from generate.citations import Citer, SourceLocation
from generate.config import AnswerConfig
from generate.guardrails.rule_engine import Ruling
from generate.guardrails.session import GuardrailSession
from generate.types import Citation, Claim, Context, Judgement, Quote, Sentence, Span
from generate.verification.verifier import Verifier, judge
from generate.visible_text import check_sentence

Emit = Callable[[Sentence, tuple[Citation, ...]], None]
JudgedLocation = tuple[SourceLocation, Judgement]


@dataclass(frozen=True, slots=True)
class WithheldSentence:
    """A sentence that was not released, and why. It is shown to the model that wrote it alone."""

    text: str
    reason: str
    may_be_repeated: bool
    """No rule of the policy found anything in it, so that the model may be told of it."""


class PassageNumbers:
    """Numbers the cited passages from 1 in the order in which they are cited first.

    All quotes of a passage have its number. A quote that also stands in a passage that overlaps it
    keeps the number that it has: one place in a document never has two.
    """

    def __init__(self) -> None:
        self._of_passages: dict[tuple[int, int], int] = {}
        self._of_places: dict[tuple[int, int, int], int] = {}

    def number(self, quote: Quote) -> int:
        """Return the number of the passage that a quote is cited from."""
        chunk = quote.passage.chunk
        place = (chunk.document_key, quote.start, quote.end)
        if place not in self._of_places:
            passage = (chunk.document_key, chunk.key)
            number = len(self._of_passages) + 1
            self._of_places[place] = self._of_passages.setdefault(passage, number)
        return self._of_places[place]


@dataclass
class AnswerDraft:
    """Collects released sentences; each goes to ``emit`` at once."""

    citer: Citer
    verifier: Verifier
    emit: Emit
    config: AnswerConfig
    guardrails: GuardrailSession
    text: str = ""
    sentences: list[Sentence] = field(default_factory=list)
    citations: list[Citation] = field(default_factory=list)
    quotes: list[Quote] = field(default_factory=list)
    """The quotes that the citations show, each with the passage that it stands in."""
    withheld: list[WithheldSentence] = field(default_factory=list)
    """Sentences that were not released: no readable source, or no support in it."""
    blocked_sentences: int = 0
    """Sentences that the policy did not let out; their words are kept nowhere."""
    verifying: float = 0.0
    """Seconds that verdicts have taken."""
    _not_emitted: list[tuple[Sentence, tuple[Citation, ...]]] = field(default_factory=list)
    """Released, and kept until it is known that nothing holds the reply."""
    _numbers: PassageNumbers = field(default_factory=PassageNumbers)

    def release(self, claim: Claim) -> bool:
        """Verify a claim by its quotes and release it; return whether it was."""
        text = check_sentence(claim.text)
        ruling = self.guardrails.sentence(text)
        if ruling.action == "block":
            self.blocked_sentences += 1
            return False
        locations = self.citer.locate(claim.quotes)
        judged_locations = [(location, self._judge(text, [location])) for location in locations]
        verdict = self._verdict(text, judged_locations)
        if not judged_locations or (
            verdict.verdict == "unsupported" and self.config.unsupported != "mark"
        ):
            may_be_repeated = not ruling.matches
            self.withheld.append(WithheldSentence(text, verdict.reason, may_be_repeated))
            return False
        supporting = [
            item for item in judged_locations if item[1].verdict != "unsupported"
        ] or judged_locations
        shown_locations = [
            (location, judgement)
            for cited_location, judgement in supporting
            if (location := self._showable(cited_location))
        ]
        if ruling.is_stopped or not shown_locations:
            self._stop(text, ruling, [location.quote for location, _ in supporting])
            return False
        self._append(ruling.text, verdict, shown_locations, claim)
        return True

    def emit_waiting(self) -> None:
        """Emit what waited for the reply to be whole."""
        for sentence, citations in self._not_emitted:
            self.emit(sentence, citations)
        self._not_emitted.clear()

    def _stop(self, text: str, ruling: Ruling, quotes: Sequence[Quote]) -> None:
        """Note a sentence that may not go out; what a person may release is put aside."""
        waiting = [self.guardrails.hold("after", text, ruling)]
        waiting += [self.guardrails.hold_quote(quote) for quote in quotes]
        if not any(waiting):
            self.blocked_sentences += 1

    def _showable(self, location: SourceLocation) -> SourceLocation | None:
        """Return the location, narrowed to what the policy lets out of its quote."""
        quote = self.guardrails.quote(location.quote)
        if quote is None or quote is location.quote:
            return location if quote else None
        narrowed_locations = self.citer.locate([quote])
        return narrowed_locations[0] if narrowed_locations else None

    def _verdict(self, text: str, judged_locations: list[JudgedLocation]) -> Judgement:
        """Judge the sentence by all its quotes together; the best single one may be enough."""
        if not judged_locations:
            return Judgement("unsupported", 0.0, "It cites nothing.")
        single = max((judgement for _, judgement in judged_locations), key=lambda j: j.score)
        if len(judged_locations) == 1 or single.verdict == "supported":
            return single
        joint = self._judge(text, [location for location, _ in judged_locations])
        return max(single, joint, key=lambda j: j.score)

    def _judge(self, text: str, locations: Sequence[SourceLocation]) -> Judgement:
        began = time.perf_counter()
        judgement = judge(self.verifier, text, [location.quote.text for location in locations])
        self.verifying += time.perf_counter() - began
        return judgement

    def _append(
        self, text: str, verdict: Judgement, judged_locations: list[JudgedLocation], claim: Claim
    ) -> None:
        start = len(self.text) + 1 if self.text else 0
        end = start + len(text)
        citations = tuple(
            self._citation(location, j, start, end) for location, j in judged_locations
        )
        markers = tuple(dict.fromkeys(citation.marker for citation in citations))
        marker_text = "".join(f"[{marker}]" for marker in markers)
        self.text = f"{self.text} {text} {marker_text}".lstrip()
        highlights = tuple(
            Span(start + span.start, start + span.end)
            for span in claim.highlights
            if text == claim.text  # a character that nobody sees was taken out: locations are off
        )
        context = self._context(claim, judged_locations[0][0])
        sentence = Sentence(text, start, end, markers, verdict.verdict, highlights, context)
        self.sentences.append(sentence)
        self.citations.extend(citations)
        self.quotes.extend(location.quote for location, _ in judged_locations)
        self._not_emitted.append((sentence, citations))
        if not self.guardrails.holds_replies:
            self.emit_waiting()

    def _context(self, claim: Claim, cited_location: SourceLocation) -> Context | None:
        """Return what the sentence leans on, where the asker may read it there at this moment."""
        context = claim.context
        if context is None and claim.is_far_row:
            context = self.citer.table_header(cited_location.quote)
        context_locations = self.citer.locate([context]) if context else []
        if (
            not context_locations
            or context_locations[0].chunk.document_id != cited_location.chunk.document_id
        ):
            return None
        quote = context_locations[0].quote
        if self.guardrails.quote(quote) is not quote:
            return None
        return Context(quote.text, quote.start, quote.end)

    def _citation(
        self, location: SourceLocation, judgement: Judgement, start: int, end: int
    ) -> Citation:
        chunk, quote = location.chunk, location.quote
        return Citation(
            marker=self._numbers.number(quote),
            document_id=chunk.document_id,
            document_version=chunk.version,
            chunk_id=chunk.chunk_id,
            title=chunk.title,
            filename=chunk.filename,
            quote=quote.text,
            start=quote.start,
            end=quote.end,
            page=location.page,
            boxes=location.boxes,
            answer_start=start,
            answer_end=end,
            verdict=judgement.verdict,
            score=round(judgement.score, 4),
        )


def ignore(_sentence: Sentence, _citations: tuple[Citation, ...]) -> None:
    """Emit to nobody: the whole answer is enough."""
