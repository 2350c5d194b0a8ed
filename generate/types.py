"""The answer, its sentences and its citations, as they leave the service."""

from dataclasses import dataclass, field
from typing import Literal

from retrieve.types import Passage

Status = Literal["answered", "partial", "no_evidence", "blocked", "failed"]
Verdict = Literal["supported", "partial", "unsupported"]
ValueKind = Literal["number", "date", "name", "words"]
"""The kind of value that documents disagree on."""
BlockKind = Literal["paragraph", "list", "numbered_list", "table", "code"]


@dataclass(frozen=True, slots=True)
class PageBox:
    """A box on a page: shares of its width and height in [0, 1], the origin top left."""

    page: int
    x0: float
    y0: float
    x1: float
    y1: float


@dataclass(frozen=True, slots=True)
class Citation:
    """The exact place a sentence came from, and whether that place supports it."""

    marker: int
    """The number of the passage in the text, from 1: all quotes of a passage have it."""
    document_id: str
    document_version: int
    chunk_id: str
    title: str
    filename: str
    quote: str
    """Equals the document's text at ``start:end``."""
    start: int
    end: int
    """Location of the quote in the document's text, in code points."""
    page: int | None
    boxes: tuple[PageBox, ...]
    answer_start: int
    answer_end: int
    """Location of the sentence in the answer's text, in code points."""
    verdict: Verdict
    score: float
    """The verifier's confidence that the quote supports the sentence, in [0, 1]."""
    publisher: str = ""
    """The principal that published the document, such as ``user:ann``."""
    published_at: str | None = None
    """When this version was published: ISO 8601, UTC."""
    authoritative: bool = False
    """A curator has marked the document as authoritative."""


@dataclass(frozen=True, slots=True)
class Span:
    """A place in the answer's text, in code points."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Context:
    """Text that a quoted sentence needs to be understood: the sentence before, or a header row.

    The document's text at ``start:end``, of the document that the sentence's first citation names.
    """

    text: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Sentence:
    """One sentence of an answer: ``answer.text[start:end]``."""

    text: str
    start: int
    end: int
    markers: tuple[int, ...]
    """The citations it carries; empty only for our own fixed templates."""
    verdict: Verdict
    highlights: tuple[Span, ...] = ()
    """The very words that answer, where they are known: places in the answer's text."""
    context: Context | None = None


@dataclass(frozen=True, slots=True)
class Mark:
    """Words of the answer's text in bold, or written as code."""

    kind: Literal["bold", "code"]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class BlockUnit:
    """All sentences of a paragraph, of one item of a list, of one row, or of one listing."""

    sentences: tuple[int, ...]
    """Places in the answer's list of sentences, from 0."""
    cells: tuple[Span, ...] = ()
    """Of a row: its cells in the answer's text; one for the whole row where words were cut out."""


@dataclass(frozen=True, slots=True)
class AnswerBlock:
    """A paragraph, a list, a table or a listing: how sentences of an answer are shown together."""

    kind: BlockKind
    units: tuple[BlockUnit, ...]
    introduction: str = ""
    """Words over a list: each item was checked with them. They are no sentence of their own."""
    header: tuple[str, ...] = ()
    """Names of a table's columns: each cell was checked with them; empty where no cell stands."""
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class BlockPlace:
    """Where in the answer's blocks a sentence stands, as it is known when the sentence comes."""

    number: int
    """The block, from 0."""
    unit: int
    """The item or row in the block, from 0."""
    kind: BlockKind
    introduction: str = ""
    header: tuple[str, ...] = ()
    cells: tuple[Span, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Nearest:
    """A readable passage that came nearest to a question which nothing answers."""

    document_id: str
    title: str
    filename: str
    text: str
    """The document's text at ``start:end``."""
    start: int
    end: int
    page: int | None


@dataclass(frozen=True, slots=True)
class ConflictSide:
    """One of several values that documents give for the same thing."""

    value: str
    """The words of the quote that hold the value."""
    marker: int
    """Of the citation that holds it."""
    authoritative: bool = False
    """The value stands in a document that a curator has marked as authoritative."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Documents that disagree on what was asked."""

    kind: ValueKind
    sides: tuple[ConflictSide, ...]


@dataclass(frozen=True, slots=True)
class GuardNote:
    """A rule of the policy that acted on this answer."""

    stage: Literal["before", "evidence", "after"]
    rule: str
    action: Literal["allow", "redact", "review", "block"]


@dataclass(frozen=True, slots=True)
class ReviewNote:
    """The item of the review queue that an asker's reply waits behind."""

    id: str
    state: Literal["pending", "denied"]
    until: str
    """ISO 8601, UTC: when a pending item is denied, or until when a denial holds."""


@dataclass(frozen=True, slots=True)
class Usage:
    """The tokens that an answer took, and their price."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    """By the model's price in the registry, in the operator's currency."""

    def plus(self, other: "Usage") -> "Usage":
        """Return the sum of both."""
        return Usage(
            self.prompt_tokens + other.prompt_tokens,
            self.completion_tokens + other.completion_tokens,
            self.cost + other.cost,
        )


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer that an asker gets. Each of its sentences is cited and judged."""

    status: Status
    text: str
    sentences: tuple[Sentence, ...]
    citations: tuple[Citation, ...]
    usage: Usage
    snapshot: str
    model: str
    """The model that wrote it; ``quote`` for verbatim sentences."""
    timings: dict[str, float] = field(default_factory=dict)
    """Seconds by stage; ``verify`` is a part of ``write``."""
    notice: str | None = None
    """Why the answer is not what was asked for: the model was down, nothing was found."""
    searched: tuple[str, ...] = ()
    """For ``no_evidence``: titles of the nearest passages."""
    nearest: tuple[Nearest, ...] = ()
    """For ``no_evidence``: the nearest passages themselves, best first."""
    missing: tuple[str, ...] = ()
    """For ``partial``: the question's words that neither the answer nor its sources have. For
    ``no_evidence``: what the question names and nothing tells of, such as an invoice's number."""
    confidence: float = 0.0
    """The estimate that the evidence answers the question, in [0, 1]."""
    policy: str = ""
    """The version of the guardrails' policy that held."""
    guard: tuple[GuardNote, ...] = ()
    """The rules that acted, in the order in which they did."""
    review: ReviewNote | None = None
    """For ``blocked``: what the reply waits for, where a person decides."""
    stored_question: str = ""
    """The question as the guard let it be kept; never shown, it is what is stored."""
    blocks: tuple[AnswerBlock, ...] = ()
    """How the sentences stand together: paragraphs, lists, tables. None: all in one paragraph."""
    conflicts: tuple[Conflict, ...] = ()
    """Where documents disagree on what was asked: each value, and the citation that holds it."""
    documents: tuple[str, ...] = ()
    """Ids of every document whose text was put before the model or the quoter; never shown, kept
    so that a revoked document takes the answer out of the history."""


@dataclass(frozen=True, slots=True)
class Turn:
    """One earlier turn of the conversation, oldest first in a history."""

    speaker: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Quote:
    """A span of a retrieved passage: ``passage.text`` at ``start - passage.start``.

    ``start`` and ``end`` are code points in the document's text.
    """

    passage: Passage
    start: int
    end: int

    @property
    def text(self) -> str:
        """The quoted words, exactly as the document has them."""
        return self.passage.text[self.start - self.passage.start : self.end - self.passage.start]


@dataclass(frozen=True, slots=True, eq=False)
class BlockOpening:
    """The beginning of a block that is being written; claims of one block share it."""

    kind: BlockKind
    introduction: str = ""
    header: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a claim is to stand."""

    block: BlockOpening
    unit: int
    """Which item or row of the block as it is written, from 0; not all of them are released."""
    cells: tuple[Span, ...] = ()
    """Of a row: places in the claim's text."""
    marks: tuple[Mark, ...] = ()
    """Places in the claim's text."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """The full meaning of a claim, with the introduction or the header that it stands under."""

    text: str
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence that wants to be released, and the quotes it rests on."""

    text: str
    quotes: tuple[Quote, ...]
    highlights: tuple[Span, ...] = ()
    """The words that answer: places in ``text``."""
    context: Quote | None = None
    """The text that the sentence needs to be understood, in the same document."""
    is_far_row: bool = False
    """Whether it is a row whose table begins before the passage: its header is to be looked up."""
    placement: Placement | None = None
    """None: in the paragraph that is open, or in a new one."""
    assertions: tuple[Assertion, ...] = ()
    """Verified in the place of ``text``, all of them: a row asserts something per cell."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verifier's verdict on a claim and its evidence."""

    verdict: Verdict
    score: float
    """How far the evidence supports the claim, in [0, 1]."""
    reason: str
    """One line for people: the number that is missing, the words that were found."""
    was_judged: bool = True
    """False where the verifier could not judge; that is never support."""
