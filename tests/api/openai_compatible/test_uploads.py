"""Uploads by the official client: what comes in parts is a file like any other."""

import hashlib
from datetime import timedelta

import openai
import pytest
from openai import OpenAI
from sqlalchemy import update

from index.db.tables.base import utc_now
from index.db.tables.openai_files import PartialFile
from ingest.partial_files import expire_partial_files
from tests.api.conftest import House

LAMP = b"The lamp burns rape oil. It is lit at dusk."


SIZE = len(LAMP)


def begin(client, *, size=SIZE, **fields):
    details = {"filename": "lamp.txt", "mime_type": "text/plain", "purpose": "assistants", **fields}
    return client.uploads.create(bytes=size, **details)


@pytest.mark.own_service
def test_parts_in_the_order_that_is_named_become_a_file(house, ann, ann_client):
    upload = begin(ann_client, expires_after={"anchor": "created_at", "seconds": 3600})
    assert (upload.status, upload.expires_at - upload.created_at) == ("pending", 3600)
    end = ann_client.uploads.parts.create(upload.id, data=LAMP[20:])
    start = ann_client.uploads.parts.create(upload.id, data=LAMP[:20])
    assert (start.object, start.upload_id) == ("upload.part", upload.id)
    done = ann_client.uploads.complete(
        upload.id, part_ids=[start.id, end.id], md5=hashlib.md5(LAMP).hexdigest()
    )
    assert (done.status, done.file.purpose, done.file.bytes) == (
        "completed", "assistants", len(LAMP),
    )  # fmt: skip
    assert done.file.expires_at - done.file.created_at == 3600
    ann_client.files.wait_for_processing(done.file.id, poll_interval=0.05)
    assert ann_client.files.content(done.file.id).read() == LAMP
    found = ann.post("/v1/search", json={"query": "rape oil"}).json()["passages"]
    assert found[0]["document_id"] == done.file.id
    again = ann_client.uploads.complete(upload.id, part_ids=[start.id, end.id])
    assert again.file.id == done.file.id
    assert len(house.service.store.blobs.names()) == 1
    root = house.person("root", role="admin")
    rows = root.get("/v1/admin/audit", params={"object": upload.id}).json()["items"]
    acts = sorted(row["act"] for row in rows)
    assert acts == ["upload-complete", "upload-create", "upload-part", "upload-part"]


def test_the_client_cuts_a_file_up_by_itself(ann_client, tmp_path):
    path = tmp_path / "lamp.txt"
    path.write_bytes(LAMP)
    done = ann_client.uploads.upload_file_chunked(
        file=path, mime_type="text/plain", purpose="user_data", part_size=10,
        md5=hashlib.md5(LAMP).hexdigest(),
    )  # fmt: skip
    assert (done.status, done.file.filename, done.file.bytes) == (
        "completed", "lamp.txt", len(LAMP),
    )  # fmt: skip
    assert ann_client.files.content(done.file.id).read() == LAMP


def test_an_upload_goes_on_after_a_restart(tmp_path):
    def client_of(house):
        return OpenAI(
            api_key=key, base_url="http://localhost/v1", http_client=house.client, max_retries=0
        )

    with House(tmp_path / "data") as house:
        key = house.person("ann").key
        upload = begin(client_of(house))
        first = client_of(house).uploads.parts.create(upload.id, data=LAMP[:20])
    with House(tmp_path / "data") as house:
        last = client_of(house).uploads.parts.create(upload.id, data=LAMP[20:])
        done = client_of(house).uploads.complete(upload.id, part_ids=[first.id, last.id])
        assert client_of(house).files.content(done.file.id).read() == LAMP


def test_what_does_not_fit_is_an_error_of_the_clients_kind(ann_client):
    bad_request, too_large = openai.BadRequestError, openai.APIStatusError
    for fields, error, told in (
        ({"purpose": "batch"}, bad_request, ("purpose", "unsupported_parameter")),
        ({"bytes": 0}, bad_request, ("bytes", "invalid_value")),
        ({"extra_body": {"allow": ["user:bob"]}}, bad_request, ("allow", None)),
        ({"extra_body": {"parts": 2}}, bad_request, ("parts", "unknown_parameter")),
        ({"bytes": 100_001}, too_large, (None, "too_large")),
    ):
        size = fields.pop("bytes", len(LAMP))
        with pytest.raises(error) as refusal:
            begin(ann_client, size=size, **fields)
        assert refusal.value.param == told[0]
        assert told[1] in {None, refusal.value.code}
    upload = begin(ann_client)
    part = ann_client.uploads.parts.create(upload.id, data=LAMP)
    for call, code in (
        (lambda: ann_client.uploads.parts.create(upload.id, data=b""), "empty_file"),
        (lambda: ann_client.uploads.complete(upload.id, part_ids=["part_0"]), "parts_mismatch"),
        (
            lambda: ann_client.uploads.complete(upload.id, part_ids=[part.id], md5="0" * 32),
            "parts_mismatch",
        ),
    ):
        with pytest.raises(openai.BadRequestError) as refusal:
            call()
        assert refusal.value.code == code
    ann_client.uploads.cancel(upload.id)
    with pytest.raises(openai.BadRequestError) as refusal:
        ann_client.uploads.parts.create(upload.id, data=LAMP)
    assert refusal.value.code == "upload_closed"


@pytest.mark.own_service
def test_an_upload_expires_after_an_hour_and_is_nobody_elses(house, ann_client, bob_client):
    upload = begin(ann_client)
    part = ann_client.uploads.parts.create(upload.id, data=LAMP)
    refusals = []
    for upload_id in (upload.id, "upload_0123456789abcdef01234567"):
        for call in (
            lambda name: bob_client.uploads.parts.create(name, data=LAMP),
            lambda name: bob_client.uploads.complete(name, part_ids=[part.id]),
            bob_client.uploads.cancel,
        ):
            with pytest.raises(openai.NotFoundError) as refusal:
                call(upload_id)
            refusals.append(refusal.value.response.content)
    assert len(set(refusals)) == 1
    with house.service.database.write() as session:
        session.execute(update(PartialFile).values(expires_at=utc_now() - timedelta(seconds=1)))
    with pytest.raises(openai.BadRequestError) as refusal:
        ann_client.uploads.complete(upload.id, part_ids=[part.id])
    assert "expired" in refusal.value.message
    expire_partial_files(house.service.pipelines.current.library)
    assert house.service.store.blobs.names() == []
