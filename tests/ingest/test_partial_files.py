"""Files in parts: whole or not there, whatever happens between the parts; on both databases."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from index.access.tenants import Amounts, set_quotas, sum_bytes
from index.db.tables.access import Tenant
from index.db.tables.base import utc_now
from index.db.tables.documents import Document
from index.db.tables.openai_files import FilePart, PartialFile
from index.documents import open_content
from index.errors import NotFoundError, OriginalDamagedError, QueueFullError
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from ingest.errors import (
    EmptyFileError,
    PartialFileClosedError,
    PartsMismatchError,
    PublishingError,
    QuotaError,
    TooLargeError,
)
from ingest.lifecycle.orphan_blobs import sweep_orphans
from ingest.partial_files import (
    MOST_PARTS,
    PartialFileRules,
    PartialFileSpec,
    add_part,
    cancel_partial_file,
    complete_partial_file,
    create_partial_file,
    expire_partial_files,
)

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
BOB = Actor(Scope.of("default", ["user:bob"]), "user:bob")
RULES = PartialFileRules(100, QueueCaps(2, 3), QueueCaps(), "own")
LAMP = b"The lamp is lit."


@pytest.fixture
def shelf(module_shelf):
    """Return a store in which nothing is open."""
    expire_partial_files(module_shelf.library, now=utc_now() + timedelta(days=2))
    return module_shelf


SIZE = len(LAMP)


def begin(shelf, *, size=SIZE, actor=ANN, **fields):
    spec = PartialFileSpec("lamp.txt", size, "assistants", **fields)
    return create_partial_file(shelf.database, actor, spec, RULES).id


def begin_with_parts(shelf, *contents):
    upload = begin(shelf, size=sum(map(len, contents)))
    return upload, [add_part(shelf.library, ANN, upload, [content]).id for content in contents]


def complete(shelf, upload, parts, **fields):
    return complete_partial_file(shelf.library, ANN, upload, parts, RULES, **fields)


def parts_left(shelf):
    with shelf.database.read() as session:
        return session.scalars(select(FilePart.blob)).all()


def test_parts_become_a_document_in_the_order_that_is_named(shelf):
    upload = begin(shelf)
    last = add_part(shelf.library, ANN, upload, [LAMP[8:]]).id
    first = add_part(shelf.library, ANN, upload, [LAMP[:4], LAMP[4:8]]).id
    view = complete(shelf, upload, [first, last])
    document, file = open_content(shelf.library, ANN.scope, view.document_id)
    with file:
        assert file.read() == LAMP
    assert (view.state, document.filename, document.size) == ("completed", "lamp.txt", len(LAMP))
    assert parts_left(shelf) == []
    assert complete(shelf, upload, [first, last]).document_id == view.document_id


def test_two_who_complete_at_once_get_one_document(shelf):
    upload, parts = begin_with_parts(shelf, LAMP)
    documents = []
    threads = [
        threading.Thread(
            target=lambda: documents.append(complete(shelf, upload, parts).document_id)
        )
        for _ in range(2)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(documents)) == 1
    with shelf.database.read() as session:
        rows = session.scalars(select(Document.id).where(Document.id.in_(documents))).all()
    assert len(rows) == 1


@pytest.mark.parametrize(
    ("chosen", "fields"),
    [([0], {}), ([0, 0], {}), ([0, 1, 2], {}), ([1, 0], {"md5": "0" * 32})],
    ids=["too few", "one twice", "one of another file", "another MD5"],
)
def test_parts_that_are_not_the_file_make_no_document_and_stay(shelf, chosen, fields):
    upload, parts = begin_with_parts(shelf, LAMP[:8], LAMP[8:])
    parts.append("part_of_another")
    with pytest.raises(PartsMismatchError):
        complete(shelf, upload, [parts[number] for number in chosen], **fields)
    assert len(parts_left(shelf)) == 2
    assert complete(shelf, upload, parts[:2]).state == "completed"


def test_bounds_of_files_and_parts(shelf):
    with pytest.raises(TooLargeError):
        begin(shelf, size=101)
    with pytest.raises(PublishingError):
        begin(shelf, allow=["user:ann", "group:hr/all"])
    upload, _ = begin_with_parts(shelf, LAMP)
    for blocks, error in (
        ([], EmptyFileError), ([LAMP, b"!"], TooLargeError),
    ):  # fmt: skip
        with pytest.raises(error):
            add_part(shelf.library, ANN, upload, blocks)
    for _ in range(3):
        add_part(shelf.library, ANN, upload, [LAMP])  # its answer may have been lost
    with pytest.raises(TooLargeError, match="17 bytes, and 16 were announced"):
        add_part(shelf.library, ANN, upload, [b"!"])
    parts = parts_left(shelf)
    assert (len(parts), len(set(parts))) == (4, 1)
    assert set(parts) <= set(blob_names(shelf))


def test_open_files_never_hold_more_bytes_than_were_announced(shelf):
    before = set(blob_names(shelf))
    upload = begin(shelf, size=2 * SIZE)
    parts = [add_part(shelf.library, ANN, upload, [LAMP]).id for _ in range(3)]
    for _ in range(2):  # what is refused leaves nothing
        with pytest.raises(TooLargeError):
            add_part(shelf.library, ANN, upload, [LAMP, b"!"])
    assert len(set(blob_names(shelf)) - before) == 1
    view = complete(shelf, upload, parts[:2])  # a file may have the same bytes twice
    _, file = open_content(shelf.library, ANN.scope, view.document_id)
    with file:
        assert file.read() == LAMP + LAMP


def blob_names(shelf):
    return shelf.library.blobs.names()


def test_a_file_has_a_most_of_parts(shelf):
    upload = begin(shelf)
    with shelf.database.write() as session:
        session.add_all(
            FilePart(
                id=f"part_{n}", tenant="default", partial_file_id=upload, blob=f"{n:032x}",
                size=0, sha256="",
            )
            for n in range(MOST_PARTS)
        )  # fmt: skip
    with pytest.raises(TooLargeError, match="parts"):
        add_part(shelf.library, ANN, upload, [b"!"])


def test_a_person_and_a_tenant_have_a_most_of_open_files(shelf):
    uploads = [begin(shelf), begin(shelf)]
    with pytest.raises(QueueFullError):
        begin(shelf)
    begin(shelf, actor=BOB)
    with pytest.raises(QueueFullError):
        begin(shelf, actor=BOB)
    cancel_partial_file(shelf.library, ANN, uploads[0])
    begin(shelf)


def test_what_is_announced_counts_against_the_tenants_quota(shelf):
    with shelf.database.write() as session:
        quota = sum_bytes(session, "default") + 40
        set_quotas(session.get(Tenant, "default"), Amounts(bytes=quota))
    try:
        begin(shelf, size=30)
        with pytest.raises(QuotaError):
            begin(shelf, size=20)
    finally:
        with shelf.database.write() as session:
            set_quotas(session.get(Tenant, "default"), Amounts())


def test_a_closed_file_takes_no_part_and_leaves_no_bytes(shelf):
    cancelled, _ = begin_with_parts(shelf, LAMP)
    expired, parts = begin_with_parts(shelf, LAMP)
    assert cancel_partial_file(shelf.library, ANN, cancelled).state == "cancelled"
    assert cancel_partial_file(shelf.library, ANN, cancelled).state == "cancelled"
    with shelf.database.write() as session:
        of_expired = update(PartialFile).where(PartialFile.id == expired)
        session.execute(of_expired.values(expires_at=utc_now()))
    for upload in (cancelled, expired):
        with pytest.raises(PartialFileClosedError):
            add_part(shelf.library, ANN, upload, [LAMP])
        with pytest.raises(PartialFileClosedError):
            complete(shelf, upload, parts)
    names = parts_left(shelf)
    assert expire_partial_files(shelf.library) == 1
    assert parts_left(shelf) == []
    assert not set(names) & set(blob_names(shelf))


def test_a_part_is_no_orphan_and_a_damaged_one_is_refused(shelf):
    upload, parts = begin_with_parts(shelf, LAMP)
    (blob,) = parts_left(shelf)
    report = sweep_orphans(shelf.database, shelf.library.blobs, grace=timedelta(seconds=-60))
    assert blob not in report.orphans
    path = shelf.folder / "blobs" / blob[:2] / blob
    path.write_bytes(LAMP.upper())
    with pytest.raises(OriginalDamagedError):
        complete(shelf, upload, parts)
    path.unlink()
    with pytest.raises(OriginalDamagedError):
        complete(shelf, upload, parts)
    again = add_part(shelf.library, ANN, upload, [LAMP]).id
    assert complete(shelf, upload, [again]).state == "completed"


def test_a_file_of_somebody_else_is_not_there(shelf):
    upload, parts = begin_with_parts(shelf, LAMP)
    for name in (upload, "upload_unknown"):
        for call in (
            lambda name=name: add_part(shelf.library, BOB, name, [LAMP]),
            lambda name=name: complete_partial_file(shelf.library, BOB, name, parts, RULES),
            lambda name=name: cancel_partial_file(shelf.library, BOB, name),
        ):
            with pytest.raises(NotFoundError):
                call()
