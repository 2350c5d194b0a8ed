"""Originals in an object store, through S3's wire protocol (moto's server speaks it)."""

import secrets
from datetime import timedelta

import boto3
import pytest

from api.composition.ingestion import open_ingestion, sweep_originals
from api.composition.replacements import Replacements
from api.composition.store import Store, open_library, open_store
from api.operations.backup import backup
from api.operations.backup_archive import BackupError
from api.operations.incremental_backup import back_up_incrementally, restore_state
from api.operations.restore import restore
from api.settings import Settings
from index.db.tables.base import utc_now
from index.documents import open_content
from index.errors import NotFoundError, StoreMismatchError
from index.storage.blob_store import MARK, FsspecBlobs
from index.types import Actor, Scope
from ingest.errors import TooLargeError
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.orphan_blobs import recover_trash, sweep_orphans
from ingest.upload import Upload, accept
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser

pytestmark = pytest.mark.integration

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
OLD = timedelta(seconds=-60)
"""A grace period that takes every blob for an old one."""
TEXT = b"The lamp is lit before sunset. " * 1000


@pytest.fixture
def bucket(s3_environment, monkeypatch):
    """Make a bucket, and say where it is as an operator does: in the environment."""
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    name = f"b{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def ingestion(bucket, tmp_path):
    blobs = f"s3://{bucket}/originals"
    settings = Settings(data=tmp_path / "data", blobs=blobs, database_url=None)
    with open_ingestion(settings, REPLACEMENTS) as opened:
        yield opened


@pytest.fixture
def library(ingestion):
    return ingestion.library


EMBEDDER = FakeEmbedder()
REPLACEMENTS = Replacements(lambda _source: EMBEDDER, PlainParser())


def put(library, content=TEXT, filename="note.txt"):
    upload = Upload(filename, [content[:1000], content[1000:]])
    return accept(library, ANN, upload, limit_bytes=1 << 20)


def keys_in(bucket):
    """Return the keys of the originals, without the store's mark."""
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket)
    keys = [item["Key"] for item in listed.get("Contents", [])]
    return [key for key in keys if not key.endswith(MARK)]


def test_an_upload_is_accepted_read_and_found(ingestion, library, bucket):
    accepted = put(library)
    assert len(keys_in(bucket)) == 1
    _, file = open_content(library, ANN.scope, accepted.document_id)
    with file:
        assert file.read() == TEXT
    ingestion.worker().run_until_idle()
    with library.read(ANN.scope) as reader:
        assert reader.lexical(["lamp"], 5)


def test_what_one_process_stores_another_reads_at_once(library, bucket):
    other = FsspecBlobs(f"s3://{bucket}/originals")
    assert other.names() == []
    name = library.blobs.put([b"oil"])
    with other.open(name) as file:
        assert file.read() == b"oil"
    other.delete(name)
    with pytest.raises(NotFoundError):
        library.blobs.open(name)


def test_a_refused_upload_and_a_deleted_document_leave_no_object(library, bucket):
    with pytest.raises(TooLargeError):
        accept(library, ANN, Upload("a.txt", [TEXT]), limit_bytes=10)
    assert keys_in(bucket) == []
    accepted = put(library)
    delete_document(library, ANN, accepted.document_id)
    assert keys_in(bucket) == []


def test_orphans_are_swept_by_age_and_nothing_else(library, bucket):
    put(library)
    orphan = library.blobs.put([b"half a story"])
    assert (
        sweep_originals(Store(library.database, library.blobs, trash_days=30)).moved == 0
    )  # both are young: they may be on their way in
    assert sweep_orphans(library.database, library.blobs, grace=OLD).moved == 1
    assert len(library.blobs.names()) == 1
    assert orphan not in library.blobs.names()
    assert [key for key in keys_in(bucket) if orphan in key] == [
        f"originals/trash/{utc_now().date()}/{orphan}"
    ]
    assert recover_trash(library.blobs, [orphan]) == [orphan]
    assert sweep_orphans(library.database, library.blobs, grace=OLD, trash_days=0).emptied == 1
    assert len(keys_in(bucket)) == 1


def test_another_store_on_the_same_root_is_refused_and_sweeps_nothing(library, bucket, tmp_path):
    for number in range(40):
        put(library, b"lamp %d" % number, f"{number}.txt")
    Store(library.database, library.blobs, trash_days=30).check()
    blobs = f"s3://{bucket}/originals"
    settings = Settings(data=tmp_path / "other", blobs=blobs, database_url=None)
    other = open_store(settings)
    with pytest.raises(StoreMismatchError):
        sweep_orphans(other.database, other.blobs, grace=OLD)
    with pytest.raises(StoreMismatchError):
        open_library(settings, other, EMBEDDER)
    other.close()
    assert len(keys_in(bucket)) == 40


def test_a_backup_holds_the_objects_and_is_restored_into_a_folder(library, tmp_path):
    accepted = put(library)
    archive = tmp_path / "store.tar"
    assert backup(library.database, library.blobs, archive).originals == 1
    restore(archive, tmp_path / "again")
    settings = Settings(data=tmp_path / "again", blobs=None, database_url=None)
    with open_ingestion(settings, REPLACEMENTS) as restored:
        _, file = open_content(restored.library, ANN.scope, accepted.document_id)
        with file:
            assert file.read() == TEXT


def test_each_state_in_a_bucket_is_restored_as_it_was(library, bucket, tmp_path):
    place = f"s3://{bucket}/backup"
    accepted = put(library)
    first = back_up_incrementally(library.database, library.blobs, place)
    late = put(library, b"The log is written in ink.", "late.txt")
    second = back_up_incrementally(library.database, library.blobs, place, is_rereading=True)
    assert (first.copied, second.copied, second.originals) == (1, 1, 2)
    for state, ids in ((first.state, [accepted]), (None, [accepted, late])):
        folder = tmp_path / f"again-{state}"
        restore_state(place, folder, state)
        settings = Settings(data=folder, blobs=None, database_url=None)
        with open_ingestion(settings, REPLACEMENTS) as restored:
            assert len(list(restored.library.blobs.names())) == len(ids)
            for each in ids:
                _, file = open_content(restored.library, ANN.scope, each.document_id)
                file.close()


def test_an_original_that_rots_in_the_bucket_refuses_the_restore(library, bucket, tmp_path):
    place = f"s3://{bucket}/backup"
    put(library)
    back_up_incrementally(library.database, library.blobs, place)
    client = boto3.client("s3")
    [key] = [key for key in keys_in(bucket) if key.startswith("backup/blobs/")]
    client.put_object(Bucket=bucket, Key=key, Body=b"x" * len(TEXT))
    with pytest.raises(BackupError, match="damaged"):
        restore_state(place, tmp_path / "again")
    assert not (tmp_path / "again").exists()
