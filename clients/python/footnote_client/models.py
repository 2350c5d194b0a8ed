# Made by `make clients` from openapi.json, sha256 of both: 875434c0e8970443c7f92377c2f3842e4d5be1b0a9b27d1090326144c603fca2 dea2f84b3899bbbfa1d9cdb16d741519c74ad636d27d406239f38522b6efd769
"""The forms of requests and answers; `make clients` writes them."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, Field


class Accepted(BaseModel):
    """
    The document and job that an upload became. The job tells when it is searchable.
    """

    document_id: str
    job_id: str
    version: int


class AccessChange(BaseModel):
    """
    One change of who may read a document.
    """

    action: str
    actor: str
    after: dict[str, list[str]] | None
    at: str
    before: dict[str, list[str]] | None
    document_id: str


class Alive(BaseModel):
    """
    The process runs.
    """

    status: Literal["ok"] = "ok"


class Amounts(BaseModel):
    """
    Quotas, or how much of them is used; none means no limit.
    """

    asks: int | None = None
    bytes: int | None = None
    documents: int | None = None
    evaluations: int | None = None
    jobs: int | None = None


class AskRequest(BaseModel):
    """
    A question.
    """

    collections: list[str] | None = None
    """
    Ids of collections: only documents in them, in collections below them, and in `documents` are searched, as far as the asker may read them.
    """
    conversation_id: str | None = None
    documents: list[str] | None = None
    """
    Ids of documents: only these are searched, as far as the asker may read them.
    """
    filters: dict[str, Any] | None = None
    format: Literal["json", "markdown", "html"] = "json"
    """
    Other than `json`: the answer also has `rendered`, in that format.
    """
    question: str
    stream: bool = False
    """
    Answer as server-sent events.
    """


class AuditView(BaseModel):
    """
    One row.
    """

    act: str
    actor: str
    at: str
    credential: str
    details: dict[str, Any]
    digest: str
    object: str
    previous: str
    reason: str
    sequence: int
    tenant: str


class CallerLimits(BaseModel):
    """
    How much the caller may send and have; none means no limit of this kind.
    """

    evaluations_waiting: int | None
    requests_per_minute: int | None
    upload_bytes: int
    uploads_waiting: int | None
    user_requests_per_minute: int | None


class ChainReport(BaseModel):
    """
    The result of a verification.
    """

    first: int
    head: str
    problems: list[str] | None = None
    rows: int
    tenant: str


class Checks(BaseModel):
    """
    Each condition of being ready.
    """

    database: bool
    disk: bool
    embedder: bool
    index: bool
    workers: bool


class CollectedRequest(BaseModel):
    """
    Documents to put into a collection.
    """

    attributes: dict[str, Any] | None = None
    """
    Of these documents in this collection, beside their own.
    """
    documents: list[str]
    inherit: bool = False
    """
    They get the collection's access list, and each later one.
    """


class CollectionPatch(BaseModel):
    """
    Changes to a collection; a field that is left out stays as it is.
    """

    allow: list[str] | None = None
    attributes: dict[str, Any] | None = None
    byte_quota: int | None = None
    """
    null: no quota.
    """
    deny: list[str] | None = None
    description: str | None = None
    document_quota: int | None = None
    """
    null: no quota.
    """
    labels: list[str] | None = None
    name: str | None = None
    parent_id: str | None = None
    """
    null: it stands in none.
    """


class CollectionRequest(BaseModel):
    """
    A new collection.
    """

    allow: list[str] = []
    """
    Who sees the collection; none: only you.
    """
    attributes: dict[str, Any] = {}
    """
    Yours to choose.
    """
    byte_quota: int | None = None
    """
    Bytes of these documents at most.
    """
    deny: list[str] = []
    description: str = ""
    document_quota: int | None = None
    """
    Documents at most.
    """
    labels: list[str] = []
    name: str
    parent_id: str | None = None
    """
    It stands in this one.
    """


class CollectionView(BaseModel):
    """
    A collection as one of its readers sees it.
    """

    allow: list[str]
    attributes: dict[str, Any]
    byte_quota: int | None
    bytes: int
    collection_id: str
    created_at: AwareDatetime
    deny: list[str]
    description: str
    document_quota: int | None
    documents: int
    labels: list[str]
    name: str
    owner: str
    parent_id: str | None
    updated_at: AwareDatetime


class ConflictSide(BaseModel):
    """
    One of several values that documents give for the same thing.
    """

    authoritative: bool = False
    """
    The value stands in a document that a curator has marked as authoritative.
    """
    marker: int
    """
    Of the citation that holds it.
    """
    value: str
    """
    The words of the quote that hold the value.
    """


class Context(BaseModel):
    """
    Text that a quoted sentence needs to be understood: the sentence before, or a header row.

    The document's text at ``start:end``, of the document that the sentence's first citation names.
    """

    end: int
    start: int
    text: str


class ContributorRequest(BaseModel):
    """
    Somebody who may publish to an audience without being in it.
    """

    audience: str
    member: str


class ContributorView(BaseModel):
    """
    A user or group, and the audience that it may publish to.
    """

    audience: str
    member: str


class ConversationLabels(BaseModel):
    """
    Pairs of the owner's own, in the place of those before.
    """

    metadata: dict[str, str] | None


class ConversationRequest(BaseModel):
    """
    A new conversation.
    """

    metadata: dict[str, str] | None = None
    """
    Pairs of your own.
    """
    title: str = ""


class ConversationView(BaseModel):
    """
    A conversation without its turns.
    """

    conversation_id: str
    created_at: AwareDatetime
    id: str
    metadata: dict[str, str]
    object: Literal["conversation"] = "conversation"
    title: str


class CurveJson(BaseModel):
    """
    A line, such as risk against coverage; ``points`` are pairs within 0 and 1.
    """

    across: str | None = None
    diagonal: bool | None = None
    points: list[list[float]] | None = None
    scale: float | None = None
    title: str | None = None
    up: str | None = None


class DeadLetter(BaseModel):
    """
    A failed job as an administrator sees it: nothing of what the document holds.
    """

    attempts: int
    code: str | None
    created_at: AwareDatetime
    document_id: str
    job_id: str
    kind: Literal["ingest", "reingest"]
    reason: str | None
    submitter: str
    updated_at: AwareDatetime
    version: int


class DeadLetterList(BaseModel):
    """
    Failed jobs, newest first.
    """

    items: list[DeadLetter]


class DeliveryView(BaseModel):
    """
    One event as it was sent to a webhook; it is listed from the first attempt on.
    """

    attempted_at: AwareDatetime | None
    attempts: int
    data: dict[str, Any]
    delivery_id: str
    error: str | None
    event: str
    next_at: AwareDatetime | None
    occurred_at: AwareDatetime
    state: Literal["pending", "delivered", "failed"]
    status: int | None


class DocumentPatch(BaseModel):
    """
    Changes to a document; a field that is left out stays as it is.
    """

    allow: list[str] | None = None
    attributes: dict[str, Any] | None = None
    authoritative: bool | None = None
    """
    Whether it ranks first among evidence that is nearly as good; curators.
    """
    deny: list[str] | None = None
    expires_at: AwareDatetime | None = None
    """
    When it is deleted; null: never.
    """
    hold: str | None = None
    """
    Why it must not be deleted; empty: the hold ends.
    """
    licence: str | None = None
    """
    Empty: no note.
    """
    title: str | None = None


class Explanation(BaseModel):
    """
    Whether a principal may read a document, and the sets that decide it.
    """

    allowed_by: list[str]
    denied_by: list[str]
    document_id: str
    held: list[str]
    principal: str
    readable: bool
    reason: str


class FeedbackRequest(BaseModel):
    """
    A person's opinion of an answer.
    """

    answer_id: str
    comment: str | None = None
    rating: Literal[1, -1]


class FeedbackView(BaseModel):
    """
    One judgement of one answer.
    """

    answer_id: str
    comment: str
    created_at: AwareDatetime
    feedback_id: str
    rating: int


class FileCitation(BaseModel):
    """
    A citation as an annotation of a response.
    """

    chunk_id: str
    document_version: int
    end: int
    end_index: int
    file_id: str
    """
    The document's id.
    """
    filename: str
    index: int
    """
    Where in the reply's text the cited sentence ends, in code points.
    """
    marker: int
    """
    The number that stands in the text: ``[1]``.
    """
    page: int | None
    quote: str
    """
    Equals the document's text at ``start:end``.
    """
    score: float
    start: int
    """
    Location of the quote in the document's text, in code points.
    """
    start_index: int
    """
    Where in the reply's text the cited sentence begins.
    """
    title: str
    type: Literal["file_citation"] = "file_citation"
    verdict: Literal["supported", "partial", "unsupported"]
    """
    Whether the quote supports the sentence.
    """


class FindingView(BaseModel):
    """
    One finding: kind, rule, location; never the words themselves.
    """

    action: str
    chunk_id: str | None
    detector: str
    end: int
    kind: str
    page: int | None
    rule: str
    start: int


class FindingsView(BaseModel):
    """
    The findings of the version in quarantine, or else of the searchable one.
    """

    counts: dict[str, int]
    document_id: str
    items: list[FindingView]
    quarantined_at: AwareDatetime | None
    released_at: AwareDatetime | None
    released_by: str | None
    screening: str | None
    version: int


class GuardNote(BaseModel):
    """
    A rule of the policy that acted on this answer.
    """

    action: Literal["allow", "redact", "review", "block"]
    rule: str
    stage: Literal["before", "evidence", "after"]


class GuardrailPolicyView(BaseModel):
    """
    The policy that is in force in the process that answered.
    """

    error: str | None
    source: str
    version: str


class IntervalJson(BaseModel):
    """
    An interval of confidence, such as the 95 % one.
    """

    high: float | None = None
    level: float | None = None
    low: float | None = None


class ItemText(BaseModel):
    """
    A text of a turn; an answer's with its citations.
    """

    annotations: Annotated[list[FileCitation], Field(validate_default=True)] = []
    text: str
    type: Literal["input_text", "output_text"]


class KeyRequest(BaseModel):
    """
    A new API key.
    """

    expires_at: AwareDatetime | None = None
    """
    Default: never.
    """
    groups: list[str] = []
    role: Literal["reader", "evaluator", "contributor", "curator", "admin"] = "reader"
    scopes: list[Literal["read", "write", "admin", "impersonate", "scim"]] = []
    """
    None: those of your own key.
    """
    user: str


class KeyView(BaseModel):
    """
    A key as it may be shown: everything but the key.
    """

    created_at: AwareDatetime
    expires_at: AwareDatetime | None
    groups: list[str]
    key_id: str
    last_used_at: AwareDatetime | None
    made_by: str
    reason: str
    revoked_at: AwareDatetime | None
    role: Literal["reader", "evaluator", "contributor", "curator", "admin", "operator"]
    scopes: list[str]
    successor: str | None
    user: str


class KnowledgeRecord(BaseModel):
    """
    A passage as Dify shows it.
    """

    content: str
    metadata: dict[str, Any]
    score: float
    title: str


class KnowledgeRecords(BaseModel):
    """
    The passages that fit best.
    """

    records: list[KnowledgeRecord]


class LookAlike(BaseModel):
    """
    A document of another publisher with a name like this one's.
    """

    document_id: str | None
    filename: str | None
    publisher: str
    title: str | None


class LookAlikeList(BaseModel):
    """
    Documents of other publishers whose names look like a document's, oldest first.
    """

    items: list[LookAlike]
    warnings: list[str] = []


class Mark(BaseModel):
    """
    Words of the answer's text in bold, or written as code.
    """

    end: int
    kind: Literal["bold", "code"]
    start: int


class MemberRequest(BaseModel):
    """
    A member and the group it joins or leaves.
    """

    group: str
    member: str


class MemberView(BaseModel):
    """
    A member and the group it is in.
    """

    group: str
    member: str


class MetadataComparison(BaseModel):
    """
    A condition on one attribute.
    """

    comparison_operator: str
    name: str | list[str]
    value: str | float | list[str] | None = None


class MetadataCondition(BaseModel):
    """
    Conditions on attributes, of which all or one must hold.
    """

    conditions: Annotated[list[MetadataComparison], Field(validate_default=True)] = []
    logical_operator: Literal["and", "or"] = "and"


class Nearest(BaseModel):
    """
    A readable passage that came nearest to a question which nothing answers.
    """

    document_id: str
    end: int
    filename: str
    page: int | None
    start: int
    text: str
    """
    The document's text at ``start:end``.
    """
    title: str


class NewKey(BaseModel):
    """
    A key, shown once.
    """

    key: str
    key_id: str


class OwnActView(BaseModel):
    """
    One act, and who made the key that it was done with.
    """

    act: str
    actor: str
    at: str
    credential: str
    documents: list[str]
    made_by: str | None
    object: str
    reason: str


class OwnSession(BaseModel):
    """
    The session of this request.
    """

    created_at: AwareDatetime
    csrf_token: str
    expires_at: AwareDatetime
    session_id: str
    used_at: AwareDatetime


class OwnTenantChange(BaseModel):
    """
    A change of an administrator to their own tenant.
    """

    publishing: Literal["own", "open"] | None
    """
    To whom readers may publish: `own`, to themselves and their groups; `open`, to everybody; `null`, as the installation says.
    """


class PageBox(BaseModel):
    """
    A box on a page: shares of its width and height in [0, 1], the origin top left.
    """

    page: int
    x0: float
    x1: float
    y0: float
    y1: float


class PassageView(BaseModel):
    """
    A piece of evidence; offsets are Unicode code points in the document's text.
    """

    authoritative: bool
    chunk_id: str
    document_id: str
    end: int
    filename: str
    page: int | None
    published_at: str | None
    publisher: str
    score: float
    start: int
    text: str
    title: str


class PauseRequest(BaseModel):
    """
    Why the queue is paused.
    """

    reason: str = ""


class PauseView(BaseModel):
    """
    Who has paused the queue, when and why.
    """

    at: AwareDatetime
    paused_by: str
    reason: str


class PersonView(BaseModel):
    """
    A person, and whether anything opens for them.
    """

    suspended: bool
    user: str


class Problem(BaseModel):
    """
    Problem details (RFC 9457).
    """

    code: str
    detail: str
    status: int
    title: str
    type: str


class Provenance(BaseModel):
    """
    How a version was read, as names with versions; what an older one did not note is missing.
    """

    accepted_at: str | None = None
    chunker: str | None = None
    embedder: str | None = None
    parser: str | None = None
    screening: str | None = None
    sha256: str | None = None


class PublishingRights(BaseModel):
    """
    To whom somebody may publish, besides themselves.
    """

    audiences: list[str]
    everyone: bool


class QuarantineView(BaseModel):
    """
    A version in quarantine; its names only for those who may read the document.
    """

    allow: list[str] | None
    deny: list[str] | None
    document_id: str
    filename: str | None
    findings: dict[str, int]
    owner: str | None
    quarantined_at: AwareDatetime
    stays: bool
    title: str | None
    version: int


class QueueView(BaseModel):
    """
    How one tenant's queue stands.
    """

    failed: int
    pause: PauseView | None
    queued: int
    running: int
    whole_queue_paused: bool


class QuotaRequest(BaseModel):
    """
    Quotas; one that is left out stays as it is, one of `null` is taken away.
    """

    asks: int | None = None
    bytes: int | None = None
    documents: int | None = None
    evaluations: int | None = None
    jobs: int | None = None


class ReasonView(BaseModel):
    """
    Why something is not as it should be.
    """

    code: str
    detail: str


class Receipt(BaseModel):
    """
    Proof that a document is gone from the next search on.
    """

    deleted_at: AwareDatetime
    document_id: str


class ReceiptView(BaseModel):
    """
    A receipt as it is sent; the counts are those of `DeletionReceipt`.
    """

    answers: int
    buried: int
    deleted_at: AwareDatetime
    document_id: str
    finding: Literal["erased", "pending", "gone", "found"]
    originals: int
    published: int
    rows: int
    searchable: int
    waiting: int


class ReingestRequest(BaseModel):
    """
    Which documents to read again.
    """

    everything: bool = False
    """
    Also what today would be read the same way.
    """


class ReingestView(BaseModel):
    """
    How many documents were queued to be read again, and why the others were not.
    """

    current: int
    queued: int
    waiting: int


class RejectRequest(BaseModel):
    """
    Why a document does not leave the quarantine; its uploader is told.
    """

    reason: str = ""


class Released(BaseModel):
    """
    The job that makes a released document searchable; its submitter can follow it.
    """

    job_id: str


class RequeueRequest(BaseModel):
    """
    Which failed jobs to queue again; both left out means all of them.
    """

    code: str | None = None
    job_ids: list[str] | None = None


class Requeued(BaseModel):
    """
    The jobs that are queued again.
    """

    job_ids: list[str]


class RetrievalSetting(BaseModel):
    """
    How many records, and how well they must fit.
    """

    score_threshold: float = 0.0
    top_k: int = 4


class ReviewNote(BaseModel):
    """
    The item of the review queue that an asker's reply waits behind.
    """

    id: str
    state: Literal["pending", "denied"]
    until: str
    """
    ISO 8601, UTC: when a pending item is denied, or until when a denial holds.
    """


class ReviewRequest(BaseModel):
    """
    A reviewer's decision.
    """

    decision: Literal["approve", "deny"]
    note: str = ""
    """
    For the other reviewers.
    """


class ReviewView(BaseModel):
    """
    A held reply as one person may see it; a field is none where it is not for that person.
    """

    asker: str | None = None
    created_at: AwareDatetime
    decidable: bool = False
    decided_at: AwareDatetime | None
    decided_by: str | None = None
    expires_at: AwareDatetime
    note: str | None = None
    policy: str | None = None
    question: str | None = None
    readable: bool = False
    reason: str | None = None
    review_id: str
    rules: list[str] | None = None
    stage: str
    state: Literal["pending", "approved", "denied", "expired"]
    text: str | None = None


class RotationRequest(BaseModel):
    """
    How long the old key stays valid.
    """

    grace_hours: float = 24


class SampleTurn(BaseModel):
    """
    Something said before the question; ``role`` and ``content`` are read too.
    """

    speaker: str
    text: str


class ScoreJson(BaseModel):
    """
    One sample's score: a value, or the reason why it could not be judged.
    """

    reason: str | None = None
    value: float | None = None


class ScreeningPolicyView(BaseModel):
    """
    The policy of a tenant, and where each part of it comes from.
    """

    effective: dict[str, str]
    installation: dict[str, str]
    tenant: dict[str, str]


class ScreeningRequest(BaseModel):
    """
    The actions on findings, by kind; null goes back to the installation's action.
    """

    hidden: Literal["keep", "mask", "quarantine"] | None = None
    injection: Literal["keep", "mask", "quarantine"] | None = None
    personal: Literal["keep", "mask", "quarantine"] | None = None
    secret: Literal["keep", "mask", "quarantine"] | None = None


class SearchRequest(BaseModel):
    """
    A search.
    """

    collections: list[str] | None = None
    """
    Ids of collections: only documents in them, in collections below them, and in `documents` are searched, as far as the asker may read them.
    """
    documents: list[str] | None = None
    """
    Ids of documents: only these are searched, as far as the asker may read them.
    """
    filters: dict[str, Any] | None = None
    query: str
    top_k: int = 10


class SearchResponse(BaseModel):
    """
    The passages that a search found, best first.
    """

    passages: list[PassageView]
    snapshot: str


class SessionView(BaseModel):
    """
    A session as its owner sees it.
    """

    created_at: AwareDatetime
    expires_at: AwareDatetime
    session_id: str
    used_at: AwareDatetime


class SourceDocument(BaseModel):
    """
    A document of a source: where it is, and what was last accepted.
    """

    allow: list[str]
    deny: list[str]
    document_id: str
    mark: str | None = None
    path: str
    sha256: str


class SourceNote(BaseModel):
    """
    The kind of a document's source, and its path there.
    """

    kind: str
    path: str


class SourceRequest(BaseModel):
    """
    A source beyond upload.
    """

    allow: list[str] = []
    deny: list[str] = []
    kind: Literal["folder", "url", "bucket", "git", "sitemap", "drive", "mailbox"]
    licence: str | None = None
    location: str
    retention_days: int | None = None


class SourceView(BaseModel):
    """
    A source as its owner sees it.
    """

    allow: list[str]
    created_at: AwareDatetime
    deny: list[str]
    kind: str
    licence: str | None
    location: str
    owner: str
    retention_days: int | None
    source_id: str


class Span(BaseModel):
    """
    A place in the answer's text, in code points.
    """

    end: int
    start: int


class StageView(BaseModel):
    """
    One step of a job.
    """

    done: int
    seconds: float | None
    stage: Literal["parse", "chunk", "embed", "commit"]
    state: Literal["waiting", "running", "done", "stopped"]
    total: int


class StartQuestion(BaseModel):
    """
    A question to begin with, on the page of somebody of the samples.
    """

    question: str
    shows: str


class TenantChange(BaseModel):
    """
    A change to a tenant; what is left out stays.
    """

    name: str | None = None
    quotas: Annotated[QuotaRequest, Field(validate_default=True)] = {}


class TenantLine(BaseModel):
    """
    A tenant as a list shows it.
    """

    created_at: AwareDatetime
    name: str
    quotas: Amounts
    state: Literal["active", "suspended", "deleting", "deleted"]
    tenant: str


class TenantList(BaseModel):
    """
    Every tenant, in order of id.
    """

    items: list[TenantLine]


class TenantRequest(BaseModel):
    """
    A new tenant.
    """

    name: str = ""
    quotas: Annotated[QuotaRequest, Field(validate_default=True)] = {}
    tenant: str


class TenantView(BaseModel):
    """
    A tenant with its usage beside its quotas.
    """

    created_at: AwareDatetime
    deletion: dict[str, Any]
    name: str
    publishing: Literal["own", "open"] | None
    quotas: Amounts
    state: Literal["active", "suspended", "deleting", "deleted"]
    tenant: str
    usage: Amounts


class TrendDay(BaseModel):
    """
    One day's means over the answers that were scored; none where there is nothing to say.
    """

    abstained: float
    answers: int
    confidence: float
    cost: float | None = None
    day: str
    groundedness: float | None
    seconds: float
    tokens: float


class TrendPicture(BaseModel):
    """
    One figure over time.
    """

    latest: str
    name: str
    svg: str
    title: str


class TrendPictures(BaseModel):
    """
    Charts of the live scores, and how many answers they are about.
    """

    answers: int
    pictures: list[TrendPicture]


class Trends(BaseModel):
    """
    Live scores by day, oldest day first.
    """

    days: list[TrendDay]


class UploadResponse(BaseModel):
    """
    An upload that is durable and waits to be read.
    """

    document_id: str
    job_id: str
    version: int
    warnings: list[str] = []
    """
    Documents of other publishers that you may read whose names look like it; left out where there are none.
    """


class Usage(BaseModel):
    """
    The tokens that an answer took, and their price.
    """

    completion_tokens: int = 0
    cost: float = 0.0
    """
    By the model's price in the registry, in the operator's currency.
    """
    prompt_tokens: int = 0


class UsageLine(BaseModel):
    """
    The cost of one tenant, user or model.
    """

    asks: int
    cached: int
    completion_tokens: int
    cost: float
    name: str
    prompt_tokens: int
    tenant: str


class UsageReport(BaseModel):
    """
    The cost of asks since a day, the most expensive first.
    """

    by: Literal["tenant", "user", "model"]
    items: list[UsageLine]
    since: date


class WebhookPatch(BaseModel):
    """
    Changes to a webhook; a field that is left out stays as it is.
    """

    enabled: bool | None = None
    """
    true: it is tried again.
    """
    events: (
        list[
            Literal[
                "document.ready",
                "document.failed",
                "review.decided",
                "evaluation.finished",
            ]
        ]
        | None
    ) = None
    url: str | None = None


class WebhookRequest(BaseModel):
    """
    A new webhook.
    """

    events: list[
        Literal["document.ready", "document.failed", "review.decided", "evaluation.finished"]
    ]
    url: str


class WebhookView(BaseModel):
    """
    A webhook without its secret.
    """

    created_at: AwareDatetime
    disabled_reason: str
    enabled: bool
    events: list[str]
    failures: int
    former_secret_until: AwareDatetime | None
    owner: str
    url: str
    webhook_id: str


class AccessView(BaseModel):
    """
    Why somebody can or cannot read a document, and who changed its access when.
    """

    explanation: Explanation
    history: list[AccessChange]


class AuditPage(BaseModel):
    """
    Rows, newest first.
    """

    items: list[AuditView]
    next: int | None


class BlockUnit(BaseModel):
    """
    All sentences of a paragraph, of one item of a list, of one row, or of one listing.
    """

    cells: Annotated[list[Span], Field(validate_default=True)] = []
    """
    Of a row: its cells in the answer's text; one for the whole row where words were cut out.
    """
    sentences: list[int]
    """
    Places in the answer's list of sentences, from 0.
    """


class CallerView(BaseModel):
    """
    Who the service takes the caller for.
    """

    credential: str
    groups: list[str]
    keys: list[KeyView]
    limits: CallerLimits
    name: str
    publishing: PublishingRights
    rights: list[
        Literal[
            "ask",
            "upload",
            "evaluate",
            "measure",
            "publish",
            "curate",
            "administer",
            "operate",
        ]
    ]
    role: Literal["reader", "evaluator", "contributor", "curator", "admin"]
    scopes: list[str]
    start_questions: list[StartQuestion]
    tenant: str
    user: str


class Citation(BaseModel):
    """
    The exact place a sentence came from, and whether that place supports it.
    """

    answer_end: int
    """
    Location of the sentence in the answer's text, in code points.
    """
    answer_start: int
    authoritative: bool = False
    """
    A curator has marked the document as authoritative.
    """
    boxes: list[PageBox]
    chunk_id: str
    document_id: str
    document_version: int
    end: int
    """
    Location of the quote in the document's text, in code points.
    """
    filename: str
    marker: int
    """
    The number of the passage in the text, from 1: all quotes of a passage have it.
    """
    page: int | None
    published_at: str | None = None
    """
    When this version was published: ISO 8601, UTC.
    """
    publisher: str = ""
    """
    The principal that published the document, such as ``user:ann``.
    """
    quote: str
    """
    Equals the document's text at ``start:end``.
    """
    score: float
    """
    The verifier's confidence that the quote supports the sentence, in [0, 1].
    """
    start: int
    title: str
    verdict: Literal["supported", "partial", "unsupported"]


class CollectionPage(BaseModel):
    """
    Some collections, newest first, and the id to continue after.
    """

    items: list[CollectionView]
    next: str | None


class Conflict(BaseModel):
    """
    Documents that disagree on what was asked.
    """

    kind: Literal["number", "date", "name", "words"]
    sides: list[ConflictSide]


class ContributorList(BaseModel):
    """
    Who may publish to which audience without being in it.
    """

    items: list[ContributorView]


class ConversationItem(BaseModel):
    """
    A question or an answer of a conversation.
    """

    content: list[ItemText]
    id: str
    role: Literal["user", "assistant"]
    status: Literal["completed"]
    type: Literal["message"]


class ConversationItemList(BaseModel):
    """
    The questions and answers of a conversation.
    """

    data: list[ConversationItem]
    first_id: str | None
    has_more: bool
    last_id: str | None
    object: Literal["list"] = "list"


class ConversationList(BaseModel):
    """
    Your conversations, newest first.
    """

    items: list[ConversationView]


class DeliveryList(BaseModel):
    """
    The events that were sent to a webhook, newest first.
    """

    items: list[DeliveryView]


class DocumentView(BaseModel):
    """
    A document without its content.
    """

    allow: list[str]
    attributes: dict[str, Any]
    authoritative: bool
    created_at: AwareDatetime
    deny: list[str]
    document_id: str
    expires_at: AwareDatetime | None
    filename: str
    hold: str | None
    licence: str | None
    masked: bool
    media_type: str | None
    owner: str
    pages: int | None
    provenance: Provenance
    published_at: AwareDatetime
    publisher: str
    sha256: str
    size: int
    source: SourceNote | None
    state: Literal["processing", "ready", "failed", "quarantined"]
    title: str
    updated_at: AwareDatetime
    version: int
    warnings: list[str]


class FeedbackList(BaseModel):
    """
    Your judgements, newest first.
    """

    items: list[FeedbackView]


class FiguresJson(BaseModel):
    """
    Figures by name: value, 95 % interval, and why one could not be judged.
    """

    intervals: dict[str, IntervalJson | None] | None = None
    metrics: dict[str, float | None] | None = None
    reasons: dict[str, str] | None = None


class JobView(BaseModel):
    """
    A job as its submitter sees it.
    """

    attempts: int
    code: str | None
    created_at: AwareDatetime
    document_id: str
    done: int
    job_id: str
    kind: Literal["ingest", "reingest"]
    priority: Literal["low", "normal", "high"]
    reason: str | None
    stage: Literal["parse", "chunk", "embed", "commit"] | None
    stages: list[StageView]
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    total: int
    updated_at: AwareDatetime
    version: int


class KeptSource(BaseModel):
    """
    A source, and the upload that its URL became.
    """

    source: SourceView
    upload: Accepted | None


class KeyList(BaseModel):
    """
    The tenant's keys, oldest first, without the keys themselves.
    """

    items: list[KeyView]


class KnownList(BaseModel):
    """
    The documents of a source, by path.
    """

    items: list[SourceDocument]


class MemberList(BaseModel):
    """
    Who was registered in which group.
    """

    items: list[MemberView]


class NewWebhook(BaseModel):
    """
    A webhook with its secret, which is shown once.
    """

    secret: str
    """
    The key of the signatures, as Standard Webhooks writes it.
    """
    webhook: WebhookView


class OwnActPage(BaseModel):
    """
    Acts, newest first.
    """

    items: list[OwnActView]
    next: str | None


class QuarantineList(BaseModel):
    """
    The documents that wait to be released, oldest first.
    """

    items: list[QuarantineView]


class Ready(BaseModel):
    """
    Every condition holds; degraded where something goes less well than it should.
    """

    checks: Checks
    reasons: list[ReasonView]
    status: Literal["ready", "degraded"]


class ResultJson(BaseModel):
    """
    One sample; more fields hold what a reader needs to understand it, by kind of report.
    """

    documents: list[str] | None = None
    id: str | None = None
    question: str | None = None
    scores: dict[str, ScoreJson] | None = None


class RetrievalRequest(BaseModel):
    """
    A query of Dify's.
    """

    knowledge_id: str
    """
    The id of a collection, or `all` for all that you may read.
    """
    metadata_condition: MetadataCondition | None = None
    query: str
    retrieval_setting: Annotated[RetrievalSetting, Field(validate_default=True)] = {
        "score_threshold": 0.0,
        "top_k": 4,
    }


class ReviewList(BaseModel):
    """
    The queue of your tenant: what waits, the most urgent first, then what is decided.
    """

    items: list[ReviewView]


class Sample(BaseModel):
    """
    A question and what is known about its right answer; a line of ``questions.jsonl``.
    """

    answerable: bool = True
    answers: list[str] = []
    drawn_from: list[str] = []
    evidence: list[list[str]] = []
    excluded: list[str] = []
    gold: list[str] = []
    id: str
    judgements: dict[str, int] | None = None
    principals: list[str] = []
    question: str
    tags: dict[str, str] | None = None
    turns: Annotated[list[SampleTurn], Field(validate_default=True)] = []


class Sentence(BaseModel):
    """
    One sentence of an answer: ``answer.text[start:end]``.
    """

    context: Context | None = None
    end: int
    highlights: Annotated[list[Span], Field(validate_default=True)] = []
    """
    The very words that answer, where they are known: places in the answer's text.
    """
    markers: list[int]
    """
    The citations it carries; empty only for our own fixed templates.
    """
    start: int
    text: str
    verdict: Literal["supported", "partial", "unsupported"]


class SessionList(BaseModel):
    """
    The caller's open sessions, newest first.
    """

    items: list[SessionView]


class SourceList(BaseModel):
    """
    Your sources, oldest first.
    """

    items: list[SourceView]


class WebhookList(BaseModel):
    """
    Your webhooks, oldest first; to administrators, the tenant's.
    """

    items: list[WebhookView]


class AnswerBlock(BaseModel):
    """
    A paragraph, a list, a table or a listing: how sentences of an answer are shown together.
    """

    header: list[str] = []
    """
    Names of a table's columns: each cell was checked with them; empty where no cell stands.
    """
    introduction: str = ""
    """
    Words over a list: each item was checked with them. They are no sentence of their own.
    """
    kind: Literal["paragraph", "list", "numbered_list", "table", "code"]
    marks: Annotated[list[Mark], Field(validate_default=True)] = []
    units: list[BlockUnit]


class AnswerView(BaseModel):
    """
    An answer as it leaves the service.
    """

    answer_id: str
    """
    For feedback; a conversation names it, too.
    """
    blocks: Annotated[list[AnswerBlock], Field(validate_default=True)] = []
    """
    Paragraphs, lists, tables and listings that the sentences stand in, by their numbers from 0.
    None: all in one paragraph.
    """
    citations: list[Citation]
    """
    Offsets of a quote are code points of the document's text.
    """
    confidence: float = 0.0
    """
    The estimate that the evidence answers the question, in [0, 1].
    """
    conflicts: Annotated[list[Conflict], Field(validate_default=True)] = []
    """
    Where documents disagree on what was asked: each value, and the citation that holds it.
    """
    guard: Annotated[list[GuardNote], Field(validate_default=True)] = []
    """
    The rules that acted, in the order in which they did.
    """
    missing: list[str] = []
    """
    For `partial`: the words of the question that nothing covers.
    """
    model: str
    """
    Which model wrote it; `quote` for sentences that are quoted word for word.
    """
    nearest: Annotated[list[Nearest], Field(validate_default=True)] = []
    """
    For `no_evidence`: the nearest passages themselves, best first.
    """
    notice: str | None = None
    """
    Why the answer is not what was asked for.
    """
    policy: str = ""
    """
    The version of the guardrails' policy that held.
    """
    rendered: str = ""
    """
    The answer in the `format` that was asked for; absent for `json`.
    """
    review: ReviewNote | None = None
    """
    For `blocked`: what the reply waits for, where a person decides.
    """
    searched: list[str] = []
    """
    For `no_evidence`: titles of the nearest passages.
    """
    sentences: list[Sentence]
    """
    Every sentence was checked; offsets are code points of `text`.
    """
    snapshot: str
    """
    The state of the index that was searched; opaque.
    """
    status: Literal["answered", "partial", "no_evidence", "blocked", "failed"]
    text: str
    """
    With the markers of its citations: `[1]`.
    """
    timings: dict[str, float] = {}
    """
    Seconds by stage.
    """
    usage: Usage


class CollectedDocument(BaseModel):
    """
    A document that you may read, and how it stands in a collection.
    """

    added_at: AwareDatetime
    added_by: str
    attributes: dict[str, Any]
    document: DocumentView
    inherits: bool


class CollectedPage(BaseModel):
    """
    Some documents of a collection, newest first, and the id to continue after.
    """

    items: list[CollectedDocument]
    next: str | None


class DocumentPage(BaseModel):
    """
    Some documents in the order that was asked for, and the id to continue after.
    """

    items: list[DocumentView]
    next: str | None


class EvaluationRequest(BaseModel):
    """
    An evaluation to run, on documents that the caller may read.
    """

    collections: list[str] | None = None
    """
    Ids of collections: only documents in them, in collections below them, and in `documents` are searched, as far as the asker may read them.
    """
    dataset: Literal["questions", "feedback", "generated"]
    documents: list[str] | None = None
    """
    Ids of documents: only these are searched, as far as the asker may read them.
    """
    limit: int | None = None
    questions: Annotated[list[Sample], Field(validate_default=True)] = []


class JobList(BaseModel):
    """
    The jobs you submitted, newest first.
    """

    items: list[JobView]


class ReportJson(BaseModel):
    """
    A whole report; a list of runs leaves samples and curves out.
    """

    config: dict[str, Any] | None = None
    counts: dict[str, int] | None = None
    curves: list[CurveJson] | None = None
    dataset: str | None = None
    fingerprint: str | None = None
    headline: str | None = None
    intervals: dict[str, IntervalJson | None] | None = None
    kind: str | None = None
    metrics: dict[str, float | None] | None = None
    reasons: dict[str, str] | None = None
    results: list[ResultJson] | None = None
    seconds: float | None = None
    slices: dict[str, FiguresJson] | None = None
    started_at: str | None = None
    warnings: list[str] | None = None


class RunView(BaseModel):
    """
    One evaluation run.
    """

    created_at: AwareDatetime
    done: int
    evaluation_id: str
    kind: str
    owner: str
    reason: str | None
    report: ReportJson
    state: Literal["queued", "running", "succeeded", "failed", "cancelled"]
    total: int
    withheld: int


class StoredAnswer(BaseModel):
    """
    An answer as it is stored; one of an earlier release lacks what was added since.
    """

    blocks: Annotated[list[AnswerBlock], Field(validate_default=True)] = []
    """
    Paragraphs, lists, tables and listings that the sentences stand in, by their numbers from 0.
    None: all in one paragraph.
    """
    citations: list[Citation]
    """
    Offsets of a quote are code points of the document's text.
    """
    confidence: float = 0.0
    """
    The estimate that the evidence answers the question, in [0, 1].
    """
    conflicts: Annotated[list[Conflict], Field(validate_default=True)] = []
    """
    Where documents disagree on what was asked: each value, and the citation that holds it.
    """
    guard: Annotated[list[GuardNote], Field(validate_default=True)] = []
    """
    The rules that acted, in the order in which they did.
    """
    missing: list[str] = []
    """
    For `partial`: the words of the question that nothing covers.
    """
    model: str
    """
    Which model wrote it; `quote` for sentences that are quoted word for word.
    """
    nearest: Annotated[list[Nearest], Field(validate_default=True)] = []
    """
    For `no_evidence`: the nearest passages themselves, best first.
    """
    notice: str | None = None
    """
    Why the answer is not what was asked for.
    """
    policy: str = ""
    """
    The version of the guardrails' policy that held.
    """
    review: ReviewNote | None = None
    """
    For `blocked`: what the reply waits for, where a person decides.
    """
    searched: list[str] = []
    """
    For `no_evidence`: titles of the nearest passages.
    """
    sentences: list[Sentence]
    """
    Every sentence was checked; offsets are code points of `text`.
    """
    snapshot: str
    """
    The state of the index that was searched; opaque.
    """
    status: Literal["answered", "partial", "no_evidence", "blocked", "failed"]
    text: str
    """
    With the markers of its citations: `[1]`.
    """
    timings: dict[str, float] = {}
    """
    Seconds by stage.
    """
    usage: Usage


class TurnView(BaseModel):
    """
    One question and its answer.
    """

    answer: StoredAnswer | None
    """
    None where it is withheld.
    """
    answer_id: str
    created_at: AwareDatetime
    question: str
    withheld: bool
    """
    Whether you may not read one of the answer's documents any more.
    """


class ConversationDetail(BaseModel):
    """
    A conversation and its turns, oldest first.
    """

    conversation_id: str
    created_at: AwareDatetime
    id: str
    metadata: dict[str, str]
    object: Literal["conversation"]
    title: str
    turns: list[TurnView]


class RunList(BaseModel):
    """
    The caller's own runs, newest first, without their questions.
    """

    items: list[RunView]
