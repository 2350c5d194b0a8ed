"""The answer as it grows: a sentence gets in with a citation and a verdict, or not at all."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from generate.block_layout import BlockLayout, place_of
from generate.citations import Citer, SourceLocation
from generate.config import AnswerConfig
from generate.guardrails.rule_engine import Ruling
from generate.guardrails.session import GuardrailSession
from generate.types import (
    Assertion,
    BlockOpening,
    BlockPlace,
    Citation,
    Claim,
    Context,
    Judgement,
    Placement,
    Quote,
    Sentence,
    Span,
    Verdict,
)
from generate.verification.verifier import Verifier, judge
from generate.visible_text import check_sentence, visible
from index.tracing import traced

Emit = Callable[[Sentence, tuple[Citation, ...], BlockPlace], None]
JudgedLocation = tuple[SourceLocation, Judgement]
_VERDICTS: tuple[Verdict, ...] = ("unsupported", "partial", "supported")
"""From the worst to the best."""


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


@dataclass(frozen=True, slots=True)
class JudgedAssertion:
    """An assertion, its verdict, and each location of its quotes with one of its own."""

    text: str
    verdict: Judgement
    locations: list[JudgedLocation]

    @property
    def rank(self) -> tuple[int, float]:
        """Return how well it stands, for comparing."""
        return _VERDICTS.index(self.verdict.verdict), self.verdict.score

    @property
    def supporting(self) -> list[JudgedLocation]:
        """Return the locations that support it by themselves, or all where none does."""
        return [item for item in self.locations if item[1].verdict != "unsupported"] or (
            self.locations
        )

    @property
    def quotes(self) -> list[Quote]:
        """Return the quotes that support it."""
        return [location.quote for location, _ in self.supporting]


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
    layout: BlockLayout = field(default_factory=BlockLayout)
    _not_emitted: list[tuple[Sentence, tuple[Citation, ...], BlockPlace]] = field(
        default_factory=list
    )
    """Released, and kept until it is known that nothing holds the reply, or that a small model's
    answers the question."""
    _numbers: PassageNumbers = field(default_factory=PassageNumbers)
    _paragraph: Placement = field(
        default_factory=lambda: Placement(BlockOpening("paragraph"), unit=0)
    )
    """Where claims without a placement stand."""
    _may_be_opened: dict[BlockOpening, bool] = field(default_factory=dict)

    def release(self, claim: Claim) -> bool:
        """Verify a claim by its quotes and release it; return whether it was.

        All that it asserts is verified; one assertion without support keeps it back.
        """
        placement = claim.placement or self._paragraph
        text = _visible_text(claim.text, placement)
        may_open = self._may_open(placement.block)
        ruling = self.guardrails.sentence(text)
        if ruling.action == "block" or not may_open:
            self.blocked_sentences += 1
            return False
        judged_assertions = self._verify(claim.assertions or (Assertion(text, claim.quotes),))
        worst = min(judged_assertions, key=lambda each: each.rank)
        verdict = worst.verdict
        if not all(each.locations for each in judged_assertions) or not self._stands(verdict):
            may_be_repeated = not ruling.matches
            self.withheld.append(WithheldSentence(worst.text, verdict.reason, may_be_repeated))
            return False
        shown_locations = [self._shown_locations(each) for each in judged_assertions]
        if ruling.is_stopped or not all(shown_locations):
            self._stop(text, ruling, [quote for each in judged_assertions for quote in each.quotes])
            return False
        locations = _distinct([location for each in shown_locations for location in each])
        self._append(ruling.text, verdict, locations, replace(claim, placement=placement))
        return True

    def _stands(self, judgement: Judgement) -> bool:
        """Tell whether a verdict is good enough for a sentence to be shown."""
        least: Verdict = "supported" if self.config.is_model_small else "partial"
        is_marked = self.config.unsupported == "mark"
        return is_marked or _VERDICTS.index(judgement.verdict) >= _VERDICTS.index(least)

    def _may_open(self, block: BlockOpening) -> bool:
        """Tell whether the policy finds nothing in a block's introduction and header.

        What stands under them was checked with them, so it is not shown without them.
        """
        words = " ".join(filter(None, (block.introduction, *block.header)))
        if words and block not in self._may_be_opened:
            ruling = self.guardrails.sentence(words)
            self._may_be_opened[block] = not ruling.matches
            self.guardrails.hold("after", words, ruling)
        return self._may_be_opened.get(block, True)

    def _verify(self, assertions: Sequence[Assertion]) -> list["JudgedAssertion"]:
        with traced("verify", {"footnote.verifier": self.verifier.name}) as step:
            judged_assertions = [self._judged(assertion) for assertion in assertions]
            worst = min(judged_assertions, key=lambda each: each.rank)
            step.note({"footnote.verdict": worst.verdict.verdict})
            return judged_assertions

    def _judged(self, assertion: Assertion) -> "JudgedAssertion":
        text = assertion.text
        locations = self.citer.locate(assertion.quotes)
        judged_locations = [(location, self._judge(text, [location])) for location in locations]
        return JudgedAssertion(text, self._verdict(text, judged_locations), judged_locations)

    def _shown_locations(self, judged: "JudgedAssertion") -> list[JudgedLocation]:
        return [
            (location, judgement)
            for cited_location, judgement in judged.supporting
            if (location := self._showable(cited_location))
        ]

    def take_back(self) -> None:
        """Forget the sentences, none of which was emitted: they do not answer the question."""
        self.text, self.layout = "", BlockLayout()
        for collected in (self.sentences, self.citations, self.quotes, self._not_emitted):
            collected.clear()

    def emit_waiting(self) -> None:
        """Emit what waited for the reply to be whole."""
        for released in self._not_emitted:
            self.emit(*released)
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
        quotes = [location.quote for location in locations]
        passages = [quote.passage.text for quote in quotes]
        judgement = judge(self.verifier, text, [quote.text for quote in quotes], passages)
        self.verifying += time.perf_counter() - began
        return judgement

    def _append(
        self, text: str, verdict: Judgement, judged_locations: list[JudgedLocation], claim: Claim
    ) -> None:
        placement = _unless_cut(claim, text)
        self.text += self.layout.lead(placement)
        start = len(self.text)
        end = start + len(text)
        citations = tuple(
            self._citation(location, j, start, end) for location, j in judged_locations
        )
        markers = tuple(dict.fromkeys(citation.marker for citation in citations))
        written_markers = "".join(f"[{marker}]" for marker in markers)
        self.text = f"{self.text}{text} {written_markers}"
        highlights = tuple(
            Span(start + span.start, start + span.end)
            for span in claim.highlights
            if text == claim.text  # a character that nobody sees was taken out: locations are off
        )
        context = self._context(claim, judged_locations[0][0])
        sentence = Sentence(text, start, end, markers, verdict.verdict, highlights, context)
        number = len(self.sentences)
        self.layout.add(number, start, placement)
        self.sentences.append(sentence)
        self.citations.extend(citations)
        self.quotes.extend(location.quote for location, _ in judged_locations)
        place = place_of(self.layout.blocks, number, sentence)
        self._not_emitted.append((sentence, citations, place))
        if not (self.guardrails.holds_replies or self.config.is_model_small):
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
            publisher=chunk.publisher,
            published_at=chunk.published_at.isoformat() if chunk.published_at else None,
            authoritative=chunk.is_authoritative,
        )


def _visible_text(text: str, placement: Placement) -> str:
    """Return what a person sees; a listing keeps its lines."""
    if placement.block.kind != "code":
        return check_sentence(text)
    return "\n".join(line.rstrip() for line in visible(text).split("\n")).strip("\n")


def _unless_cut(claim: Claim, text: str) -> Placement:
    """Return a claim's placement; where words were cut out, its places are off."""
    placement = claim.placement or Placement(BlockOpening("paragraph"), unit=0)
    if text == claim.text:
        return placement
    whole_row = (Span(0, len(text)),) if placement.cells else ()
    return replace(placement, cells=whole_row, marks=())


def _distinct(judged_locations: Sequence[JudgedLocation]) -> list[JudgedLocation]:
    """Return each location once, with its best judgement."""
    best: dict[tuple[int, int, int], JudgedLocation] = {}
    for location, judgement in judged_locations:
        quote = location.quote
        place = (quote.passage.chunk.document_key, quote.start, quote.end)
        if place not in best or judgement.score > best[place][1].score:
            best[place] = (location, judgement)
    return list(best.values())


def ignore(_sentence: Sentence, _citations: tuple[Citation, ...], _place: BlockPlace) -> None:
    """Emit to nobody: the whole answer is enough."""
