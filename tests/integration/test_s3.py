"""Originals in an object store, through S3's wire protocol (moto's server speaks it)."""

import secrets
from datetime import timedelta

import boto3
import pytest
from moto.server import ThreadedMotoServer

from api.composition.container import Parts
from api.composition.ingestion import sweep_originals
from api.composition.replacements import Replacements
from api.operations.backup import backup
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


@pytest.fixture(scope="module")
def endpoint():
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint, monkeypatch):
    """Make a bucket, and say where it is as an operator does: in the environment."""
    for name, value in {
        "AWS_ENDPOINT_URL": endpoint,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
        "AWS_DEFAULT_REGION": "us-east-1",
    }.items():
        monkeypatch.setenv(name, value)
    name = f"b{secrets.token_hex(6)}"
    boto3.client("s3").create_bucket(Bucket=name)
    return name


@pytest.fixture
def parts(bucket, tmp_path):
    made = parts_over(bucket, tmp_path / "data")
    yield made
    made.close()


def parts_over(bucket, folder):
    settings = Settings(data=folder, blobs=f"s3://{bucket}/originals", database_url=None)
    return Parts(settings, REPLACEMENTS)


EMBEDDER = FakeEmbedder()
REPLACEMENTS = Replacements(lambda _source: EMBEDDER, PlainParser())


def put(parts, content=TEXT, filename="note.txt"):
    upload = Upload(filename, [content[:1000], content[1000:]])
    return accept(parts.library, ANN, upload, limit_bytes=1 << 20)


def keys_in(bucket):
    """Return the keys of the originals, without the store's mark."""
    listed = boto3.client("s3").list_objects_v2(Bucket=bucket)
    keys = [item["Key"] for item in listed.get("Contents", [])]
    return [key for key in keys if not key.endswith(MARK)]


def test_an_upload_is_accepted_read_and_found(parts, bucket):
    accepted = put(parts)
    assert len(keys_in(bucket)) == 1
    _, file = open_content(parts.library, ANN.scope, accepted.document_id)
    with file:
        assert file.read() == TEXT
    parts.worker().run_until_idle()
    with parts.library.read(ANN.scope) as reader:
        assert reader.lexical(["lamp"], 5)


def test_what_one_process_stores_another_reads_at_once(parts, bucket):
    other = FsspecBlobs(f"s3://{bucket}/originals")
    assert other.names() == []
    name = parts.blobs.put([b"oil"])
    with other.open(name) as file:
        assert file.read() == b"oil"
    other.delete(name)
    with pytest.raises(NotFoundError):
        parts.blobs.open(name)


def test_a_refused_upload_and_a_deleted_document_leave_no_object(parts, bucket):
    with pytest.raises(TooLargeError):
        accept(parts.library, ANN, Upload("a.txt", [TEXT]), limit_bytes=10)
    assert keys_in(bucket) == []
    accepted = put(parts)
    delete_document(parts.library, ANN, accepted.document_id)
    assert keys_in(bucket) == []


def test_orphans_are_swept_by_age_and_nothing_else(parts, bucket):
    put(parts)
    orphan = parts.blobs.put([b"half a story"])
    assert sweep_originals(parts.store).moved == 0  # both are young: they may be on their way in
    assert sweep_orphans(parts.database, parts.blobs, grace=OLD).moved == 1
    assert len(parts.blobs.names()) == 1
    assert orphan not in parts.blobs.names()
    assert [key for key in keys_in(bucket) if orphan in key] == [
        f"originals/trash/{utc_now().date()}/{orphan}"
    ]
    assert recover_trash(parts.blobs, [orphan]) == [orphan]
    assert sweep_orphans(parts.database, parts.blobs, grace=OLD, trash_days=0).emptied == 1
    assert len(keys_in(bucket)) == 1


def test_another_store_on_the_same_root_is_refused_and_sweeps_nothing(parts, bucket, tmp_path):
    for number in range(40):
        put(parts, b"lamp %d" % number, f"{number}.txt")
    parts.store.check()
    other = parts_over(bucket, tmp_path / "other")
    with pytest.raises(StoreMismatchError):
        sweep_orphans(other.database, other.blobs, grace=OLD)
    with pytest.raises(StoreMismatchError):
        _ = other.library
    other.close()
    assert len(keys_in(bucket)) == 40


def test_a_backup_holds_the_objects_and_is_restored_into_a_folder(parts, tmp_path):
    accepted = put(parts)
    archive = tmp_path / "store.tar"
    assert backup(parts.database, parts.blobs, archive).originals == 1
    restore(archive, tmp_path / "again")
    settings = Settings(data=tmp_path / "again", blobs=None, database_url=None)
    again = Parts(settings, REPLACEMENTS)
    _, file = open_content(again.library, ANN.scope, accepted.document_id)
    with file:
        assert file.read() == TEXT
    again.close()
