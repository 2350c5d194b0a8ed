"""Findings in documents, the actions of a policy, and the quarantine."""

import json
import warnings
from importlib.util import find_spec

import pytest
from sqlalchemy import func, select

from index.access.audit_log import access_changes
from index.db.tables.base import Base
from index.db.tables.documents import ChunkRow, Document, FindingRow, Version
from index.db.tables.jobs import Job
from index.detectors import Finding
from index.documents import get_document, get_text, list_documents
from index.errors import ForbiddenError, NotFoundError
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.errors import HeldError, NotQuarantinedError, ScreeningPolicyError
from ingest.lifecycle.deletion_receipt import deletion_receipt
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.finding_views import show_findings
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.quarantine import list_quarantine, reject, release
from ingest.lifecycle.reingestion import reingest_outdated
from ingest.lifecycle.retention import Governance
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import cancel_job, get_job, retry_job
from ingest.screening.detector import RuleDetector
from ingest.screening.masking import MASK, mask
from ingest.screening.policy import ScreeningPolicy, set_policy, show_policy
from ingest.screening.screener import Screening
from ingest.types import Block, ParsedDocument
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

MAIL = "ann.keeper@lamp.example"
KEY = "AKIAQ3EGUMVN2PTKXD4Z"
TEXT = f"The lamp is lit at dusk.\n\nThe keeper is {MAIL} and writes the log.\n\nOil comes monthly."
MASKED = ScreeningPolicy(personal="mask")
HELD = ScreeningPolicy(secret="quarantine")


def actor(name="ann", role="reader", groups=()):
    return Actor(Scope.of("default", [f"user:{name}", *groups]), f"user:{name}", role)


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path)


def upload(shelf, text=TEXT, **options):
    body = Upload(blocks=[text.encode()], filename="note.txt", **options)
    return accept(shelf.library, actor(), body, limit_bytes=1 << 20, publishing="open")


def work(shelf, policy=None, *, parser=None, detectors=None):
    screening = Screening(detectors or (RuleDetector(),), policy or ScreeningPolicy())
    dependencies = IngestDependencies(
        shelf.embedder, parser or PlainParser(), ChunkingConfig(), screening
    )
    Worker(shelf.library, dependencies).run_until_idle(threads=1)


def reingest(shelf, policy):
    screening = Screening(policy=policy)
    report = reingest_outdated(
        shelf.library, "default", ChunkingConfig(), screening, submitter="user:root"
    )
    work(shelf, policy)
    return len(report.queued)


def passages(shelf, words, who=None):
    with shelf.library.read((who or actor()).scope) as reader:
        return reader.chunks([hit.chunk for hit in reader.lexical(words.split(), 10)])


def rows(shelf, table):
    with shelf.database.read() as session:
        table_rows = session.scalars(select(table)).all()
        session.expunge_all()
        return table_rows


def last_event(shelf, accepted):
    with shelf.database.read() as session:
        return access_changes(session, "default", accepted.document_id)[-1]


def everything_stored(shelf):
    """Return every value of every column of every table, as one text."""
    values = []
    with shelf.database.read() as session:
        for table in Base.metadata.sorted_tables:
            for row in session.execute(select(table)):
                values += [json.dumps(value, default=str) for value in row]
    return "\n".join(values)


# Findings


def test_a_finding_is_recorded_with_its_place_and_chunk_and_never_with_its_words(shelf):
    accepted = upload(shelf, TEXT + f"\n\naws: {KEY}")
    work(shelf)
    findings = show_findings(shelf.database, actor(), accepted.document_id)
    text = get_text(shelf.library, actor().scope, accepted.document_id)
    assert [(one.kind, one.rule, text[one.start : one.end]) for one in findings.items] == [
        ("personal", "email", MAIL),
        ("secret", "aws-key", KEY),
    ]
    chunks = {row.id: row for row in rows(shelf, ChunkRow)}
    for one in findings.items:
        assert chunks[one.chunk_id].start <= one.start < chunks[one.chunk_id].end
    for row in rows(shelf, FindingRow):
        columns_text = "|".join(str(getattr(row, column.name)) for column in row.__table__.columns)
        assert MAIL not in columns_text
        assert KEY not in columns_text
    assert findings.counts == {"personal/email": 1, "secret/aws-key": 1}


def test_each_finding_is_given_the_chunk_in_which_it_begins(shelf):
    lines = [f"Line {i}: write to person{i}@lamp.example about the lamp." for i in range(120)]
    accepted = upload(shelf, "\n\n".join(lines))
    work(shelf)
    findings = show_findings(shelf.database, actor(), accepted.document_id)
    chunks = {row.id: row for row in rows(shelf, ChunkRow)}
    assert len(chunks) > 3
    assert len(findings.items) == len(lines)
    assert {one.chunk_id for one in findings.items} == set(chunks)
    for one in findings.items:
        assert chunks[one.chunk_id].start <= one.start < chunks[one.chunk_id].end


def test_findings_are_for_the_owner_and_for_curators_who_may_read(shelf):
    accepted = upload(shelf, allow=["user:ann", "user:bob", "user:cora"])
    work(shelf)
    with pytest.raises(ForbiddenError):
        show_findings(shelf.database, actor("bob"), accepted.document_id)
    assert show_findings(shelf.database, actor("cora", "curator"), accepted.document_id).items
    for stranger in (actor("dan"), actor("dan", "curator"), actor("dan", "admin")):
        with pytest.raises(NotFoundError):
            show_findings(shelf.database, stranger, accepted.document_id)


def test_a_new_version_brings_its_own_findings(shelf):
    accepted = upload(shelf)
    work(shelf)
    upload(shelf, "Nothing is to be found.", document_id=accepted.document_id)
    work(shelf)
    assert show_findings(shelf.database, actor(), accepted.document_id).items == []
    assert rows(shelf, FindingRow) == []


def test_a_deletion_receipt_counts_findings(shelf):
    accepted = upload(shelf)
    work(shelf)
    delete_document(shelf.library, actor(), accepted.document_id)
    assert rows(shelf, FindingRow) == []
    receipt = deletion_receipt(shelf.library, actor().scope, accepted.document_id, compact=True)
    assert (receipt.rows, receipt.finding) == (0, "erased")
    with shelf.database.write() as session:
        key = session.scalar(
            select(Job.document_key).where(Job.document_id == accepted.document_id)
        )
        session.add(Document(**_document(key, accepted.document_id)))
        session.flush()
        session.add(_version(key))
        session.flush()
        session.add(_finding(key, session.scalar(select(func.max(Version.key)))))
    receipt = deletion_receipt(shelf.library, actor().scope, accepted.document_id)
    assert receipt.rows == 3


def _document(key, document_id):
    return {
        "key": key, "id": document_id, "tenant": "default", "owner": "user:ann", "class_key": 1,
        "filename": "a", "title": "a",
    }  # fmt: skip


def _version(key):
    return Version(document_key=key, number=1, blob="0" * 32, sha256="0" * 64, size=1)


def _finding(document_key, version_key):
    return FindingRow(
        document_key=document_key, version_key=version_key, kind="personal", rule="email",
        detector="rules", action="keep", start=0, end=1,
    )  # fmt: skip


# Masks


def test_a_mask_keeps_length_lines_and_offsets():
    text = "Call ann@x.example\nor pa\u200b\u200b\u200bss."
    findings = [Finding("personal", "email", 5, 18), Finding("hidden", "zero-width", 24, 27)]
    assert mask(text, findings) == f"Call {MASK * 13}\nor pa   ss."


def test_masked_text_is_nowhere_but_in_the_original(shelf):
    accepted = upload(shelf)
    work(shelf, MASKED)
    text = get_text(shelf.library, actor().scope, accepted.document_id)
    assert text == TEXT.replace(MAIL, MASK * len(MAIL))
    assert MAIL not in everything_stored(shelf)
    for word in ("keeper@lamp", "example", "ann"):
        assert passages(shelf, word) == []
    chunk = passages(shelf, "log")[0]
    assert chunk.text == text[chunk.start : chunk.end]
    assert MASK in chunk.text
    vector = next(iter(passages(shelf, "dusk")))
    clear = shelf.embedder.embed([f"note.txt\n{TEXT}"])[0]
    blank = shelf.embedder.embed([f"note.txt\n{text}"])[0]
    with shelf.library.read(actor().scope) as reader:
        hits = reader.dense(blank, 1)
        assert hits[0].chunk == vector.key
        assert hits[0].score > float(clear @ blank)
    assert get_document(shelf.library, actor().scope, accepted.document_id).masked
    files = [path for path in shelf.folder.rglob("*") if path.is_file()]
    holding = [path for path in files if MAIL.encode() in path.read_bytes()]
    blobs = [path for path in files if path.name in shelf.library.blobs.names()]
    assert set(holding) <= set(blobs)


class TitledParser:
    """Gives a title and a heading that hold an address."""

    def parse(self, path, filename):
        text = f"About {MAIL}\n\nThe lamp is lit."
        head = len(text.splitlines()[0])
        return ParsedDocument(
            text=text,
            blocks=(Block("heading", 0, head, level=1), Block("paragraph", head + 2, len(text))),
            media_type="text/plain", parser="titled 1", title=f"Letter of {MAIL}",
        )  # fmt: skip


def test_titles_headings_and_contexts_are_masked_too(shelf):
    accepted = upload(shelf)
    work(shelf, MASKED, parser=TitledParser())
    view = get_document(shelf.library, actor().scope, accepted.document_id)
    assert view.title == f"Letter of {MASK * len(MAIL)}"
    assert MAIL not in everything_stored(shelf)
    assert any(MASK in row.context for row in rows(shelf, ChunkRow))


def test_what_is_masked_does_not_tell_two_documents_apart(shelf):
    """Same length, other words: chunk, vector and findings are equal."""
    other = "bob.lodger@fire.example"
    assert len(other) == len(MAIL)
    upload(shelf)
    upload(shelf, TEXT.replace(MAIL, other))
    work(shelf, MASKED)
    first, second = sorted(rows(shelf, ChunkRow), key=lambda row: row.key)
    assert (first.text, first.context, first.tokens) == (second.text, second.context, second.tokens)
    spans = [(row.start, row.end, row.rule, row.ordinal) for row in rows(shelf, FindingRow)]
    assert spans[0] == spans[1]


# Quarantine


def upload_quarantined(shelf, **options):
    accepted = upload(shelf, f"The lamp key is {KEY}.", **options)
    work(shelf, HELD)
    return accepted


def test_what_is_held_is_found_by_nobody_and_its_uploader_is_told_why(shelf):
    accepted = upload_quarantined(shelf, allow=["tenant:all"])
    assert passages(shelf, "lamp") == []
    view = get_document(shelf.library, actor().scope, accepted.document_id)
    assert (view.state, view.version) == ("quarantined", 0)
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("failed", "quarantined")
    assert "secret" in job.reason
    assert KEY not in job.reason
    assert rows(shelf, ChunkRow) == []
    with pytest.raises(NotFoundError):
        get_text(shelf.library, actor().scope, accepted.document_id)
    findings = show_findings(shelf.database, actor(), accepted.document_id)
    assert [(one.rule, one.action, one.chunk_id) for one in findings.items] == [
        ("aws-key", "quarantine", None)
    ]
    assert KEY not in everything_stored(shelf)


def test_a_release_makes_it_searchable_for_those_who_may_read_it_and_is_written_down(shelf):
    accepted = upload_quarantined(shelf, allow=["user:ann", "user:cora"])
    with pytest.raises(ForbiddenError):
        release(shelf.library, actor(), accepted.document_id)
    with pytest.raises(NotFoundError):
        release(shelf.library, actor("dan", "curator"), accepted.document_id)
    job_id = release(shelf.library, actor("cora", "curator"), accepted.document_id)
    assert job_id == accepted.job_id
    work(shelf, HELD)
    assert len(passages(shelf, "lamp")) == 1
    assert passages(shelf, "lamp", actor("dan")) == []
    assert get_job(shelf.database, actor(), job_id).state == "succeeded"
    event = last_event(shelf, accepted)
    assert (event.action, event.actor) == ("release", "user:cora")
    with pytest.raises(NotQuarantinedError):
        release(shelf.library, actor("cora", "curator"), accepted.document_id)
    findings = show_findings(shelf.database, actor(), accepted.document_id)
    assert (findings.released_by, findings.items[0].action) == ("user:cora", "keep")


def test_an_administrator_decides_about_what_they_cannot_read_and_is_shown_no_name(shelf):
    accepted = upload_quarantined(shelf)
    assert list_quarantine(shelf.database, actor("cora", "curator")) == []
    view = list_quarantine(shelf.database, actor("root", "admin"))[0]
    assert (view.document_id, view.findings) == (accepted.document_id, {"secret/aws-key": 1})
    assert (view.title, view.filename, view.owner) == (None, None, None)
    release(shelf.library, actor("root", "admin"), accepted.document_id)
    work(shelf, HELD)
    assert len(passages(shelf, "lamp")) == 1
    assert passages(shelf, "lamp", actor("root")) == []


def test_a_rejected_document_is_deleted_with_a_receipt_and_its_uploader_is_told(shelf):
    accepted = upload_quarantined(shelf)
    reject(shelf.library, actor("root", "admin"), accepted.document_id, reason="Roll the key.")
    assert list_documents(shelf.library, actor().scope).items == []
    assert shelf.library.blobs.names() == []
    job = get_job(shelf.database, actor(), accepted.job_id)
    assert (job.state, job.code) == ("failed", "rejected")
    assert job.reason.endswith("Roll the key.")
    receipt = deletion_receipt(shelf.library, actor().scope, accepted.document_id)
    assert receipt.is_gone
    event = last_event(shelf, accepted)
    assert (event.action, event.actor) == ("reject", "user:root")


def test_rejecting_a_new_version_leaves_the_old_one_as_it_is(shelf):
    accepted = upload(shelf)
    work(shelf, HELD)
    upload_quarantined(shelf, document_id=accepted.document_id)
    assert len(passages(shelf, "dusk")) == 1
    view = get_document(shelf.library, actor().scope, accepted.document_id)
    assert (view.version, view.state) == (1, "quarantined")
    reject(shelf.library, actor("root", "admin"), accepted.document_id)
    view = get_document(shelf.library, actor().scope, accepted.document_id)
    assert (view.version, view.state) == (1, "failed")
    assert len(passages(shelf, "dusk")) == 1
    assert len(shelf.library.blobs.names()) == 1
    upload(shelf, "The lamp is new.", document_id=accepted.document_id)
    work(shelf, HELD)
    assert get_document(shelf.library, actor().scope, accepted.document_id).version == 3


def test_rejecting_a_version_leaves_a_later_one_that_is_still_to_be_read(shelf):
    accepted = upload_quarantined(shelf)
    upload(shelf, "The lamp is new.", document_id=accepted.document_id)
    assert list_quarantine(shelf.database, actor())[0].stays
    reject(shelf.library, actor("root", "admin"), accepted.document_id)
    work(shelf, HELD)
    assert [one.text for one in passages(shelf, "lamp")] == ["The lamp is new."]


def test_a_decision_is_about_the_version_that_was_looked_at(shelf):
    accepted = upload_quarantined(shelf)
    upload_quarantined(shelf, document_id=accepted.document_id)
    for decide in (release, reject):
        with pytest.raises(NotQuarantinedError, match="Version 2"):
            decide(shelf.library, actor("root", "admin"), accepted.document_id, version=1)
    release(shelf.library, actor("root", "admin"), accepted.document_id, version=2)
    work(shelf, HELD)
    assert len(passages(shelf, "lamp")) == 1
    assert list_quarantine(shelf.database, actor("root", "admin")) == []


def test_a_legal_hold_outlasts_a_rejection(shelf):
    accepted = upload_quarantined(shelf, allow=["user:ann", "user:cora"])
    curator = actor("cora", "curator")
    hold = DocumentEdit(governance=Governance(hold="Case 7"))
    edit_document(shelf.library, curator, accepted.document_id, hold)
    with pytest.raises(HeldError):
        reject(shelf.library, curator, accepted.document_id)
    assert get_document(shelf.library, actor().scope, accepted.document_id).state == "quarantined"


def test_trying_again_does_not_get_a_document_out_of_quarantine(shelf):
    accepted = upload_quarantined(shelf)
    retry_job(shelf.database, actor(), accepted.job_id)
    work(shelf, HELD)
    assert get_document(shelf.library, actor().scope, accepted.document_id).state == "quarantined"


# Policies that change


def test_a_policy_that_changes_reaches_older_documents_with_a_reingestion(shelf):
    accepted = upload(shelf)
    work(shelf)
    assert reingest(shelf, ScreeningPolicy()) == 0
    assert reingest(shelf, MASKED) == 1
    assert MAIL not in everything_stored(shelf)
    assert len(passages(shelf, "log")) == 1
    assert reingest(shelf, ScreeningPolicy()) == 1
    assert MAIL in get_text(shelf.library, actor().scope, accepted.document_id)


def test_a_stricter_policy_takes_a_searchable_document_back_and_a_release_lasts(shelf):
    accepted = upload(shelf, f"The lamp key is {KEY}.")
    work(shelf)
    assert len(passages(shelf, "lamp")) == 1
    reingest(shelf, HELD)
    assert passages(shelf, "lamp") == []
    assert KEY not in everything_stored(shelf)
    release(shelf.library, actor("root", "admin"), accepted.document_id)
    work(shelf, HELD)
    assert len(passages(shelf, "lamp")) == 1
    reingest(shelf, ScreeningPolicy(secret="quarantine", personal="mask"))
    assert len(passages(shelf, "lamp")) == 1, "a curator's decision outlasts a reading"
    reingest(shelf, ScreeningPolicy(secret="mask"))
    assert KEY not in get_text(shelf.library, actor().scope, accepted.document_id)


def test_a_tenant_may_do_otherwise_than_the_installation(shelf):
    with pytest.raises(ScreeningPolicyError):
        set_policy(shelf.database, "default", ScreeningPolicy(), {"personal": "burn"})
    set_policy(shelf.database, "default", ScreeningPolicy(), {"personal": "mask"})
    upload(shelf)
    work(shelf)
    assert MAIL not in everything_stored(shelf)
    view = set_policy(shelf.database, "default", ScreeningPolicy(), {"personal": None})
    assert (view.tenant, view.effective["personal"]) == ({}, "keep")
    assert show_policy(shelf.database, "elsewhere", MASKED).effective["personal"] == "mask"


@pytest.mark.parametrize("policy", [MASKED, HELD], ids=["mask", "quarantine"])
def test_a_job_that_lost_its_lease_leaves_neither_findings_nor_quarantine(shelf, policy):
    """Both are written in the transaction that ends the job, so there is no moment in between."""

    class Cancelling(RuleDetector):
        def find(self, text):
            cancel_job(shelf.database, actor(), accepted.job_id)
            return super().find(text)

    accepted = upload(shelf, f"{MAIL} {KEY}")
    work(shelf, policy, detectors=(Cancelling(),))
    assert rows(shelf, FindingRow) == rows(shelf, ChunkRow) == []
    version = rows(shelf, Version)[0]
    assert (version.quarantined_at, version.provenance) == (None, {})
    assert get_job(shelf.database, actor(), accepted.job_id).state == "cancelled"


# The port


def detectors():
    yield RuleDetector()
    if find_spec("presidio_analyzer") is None:
        notice = "PRESIDIO IS NOT INSTALLED (the extra pii): its detector was NOT tested"
        warnings.warn(notice, stacklevel=1)
        yield pytest.param(None, marks=pytest.mark.skip(reason=notice))
    else:
        from ingest.screening.presidio import PresidioDetector

        yield PresidioDetector("blank")


@pytest.mark.parametrize("detector", list(detectors()), ids=lambda one: one and one.name)
def test_a_detector_gives_exact_places_in_order_and_the_same_every_time(detector):
    card, iban = "4111 1111 1111 1111", "DE89 3704 0044 0532 0130 00"
    text = f"\U0001f4a1 Zo\u00eb paid with {card}.\n\nHer account is {iban}.\n"
    findings = detector.find(text)
    words = [text[one.start : one.end] for one in findings]
    assert card in words
    assert iban in words
    assert {one.kind for one in findings} == {"personal"}
    assert [one.start for one in findings] == sorted(one.start for one in findings)
    assert detector.find(text) == findings
    assert detector.find("The lamp is lit at dusk.") == []
    long = "The lamp is lit.\n" * 8000 + text
    assert {long[one.start : one.end] for one in detector.find(long)} == set(words)


def test_what_two_detectors_find_in_one_place_is_recorded_once(shelf):
    class Echo:
        name = "echo"

        def find(self, text):
            return RuleDetector().find(text)

    accepted = upload(shelf)
    work(shelf, detectors=(RuleDetector(), Echo()))
    findings = show_findings(shelf.database, actor(), accepted.document_id)
    assert [(one.rule, one.detector) for one in findings.items] == [("email", "rules")]
