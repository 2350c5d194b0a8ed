"""A tenant is exported whole and deleted without a trace; others keep every byte."""

import json
import tarfile

import pytest
from sqlalchemy import update

from api.auth.api_keys import create_key, find_caller
from api.auth.groups import join_group
from api.cli import main
from api.errors import InvalidRequestError, TenantExistsError
from api.openai_compatible.file_batches import create_batch
from api.openai_compatible.store_schemas import StoreFileRequest
from api.tenants.deletion import delete_tenant
from api.tenants.export import export_tenant
from api.tenants.life_cycle import create_tenant, find_tenant
from index.db.tables.documents import Document
from index.db.tables.questions import StoredResponse
from index.errors import TenantSuspendedError
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from ingest.errors import HeldError
from ingest.lifecycle.collection_edits import CollectionSpec, create_collection
from ingest.partial_files import (
    PartialFileRules,
    PartialFileSpec,
    add_part,
    create_partial_file,
)
from ingest.upload import Upload, accept
from tests.fakes.store import Shelf


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    """Make a store with the same in two tenants."""
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    shelf = Shelf(tmp_path, url=url)
    create_tenant(shelf.database, "harbour")
    for tenant in ("harbour", "default"):
        shelf.put("lamp oil", tenant=tenant)
        upload(shelf, tenant)
        join_group(shelf.database, tenant, "user:ann", "hr/all")
    assert found(shelf, "harbour") == found(shelf, "default") == 1
    yield shelf
    shelf.database.engine.dispose()


def upload(shelf, tenant, name="note.txt"):
    ann = Actor(Scope.of(tenant, ["user:ann"]), "user:ann")
    return accept(shelf.library, ann, Upload(name, [b"The lamp."]), limit_bytes=100)


def found(shelf, tenant):
    with shelf.library.read(Scope.of(tenant, [])) as reader:
        return len(reader.lexical(["lamp"], 10))


def test_nothing_of_a_deleted_tenant_is_left_and_another_keeps_everything(shelf):
    token, _ = create_key(shelf.database, "harbour", "ann")
    before = find_tenant(shelf.database, "default").usage
    lefts = []
    receipt = delete_tenant(shelf.library, "harbour", lefts.append)
    assert lefts == [1, 0]
    assert receipt.is_erased
    assert (receipt.documents, receipt.deleted_rows["api_keys"], receipt.rows) == (2, 1, 0)
    assert find_caller(shelf.database, token) is None
    assert (found(shelf, "harbour"), found(shelf, "default")) == (0, 1)
    assert find_tenant(shelf.database, "default").usage == before
    assert len(list(shelf.library.blobs.names())) == 1
    shown = find_tenant(shelf.database, "harbour")
    assert (shown.state, shown.name, shown.deletion["documents"]) == ("deleted", "", 2)
    assert delete_tenant(shelf.library, "harbour") == receipt  # it looks again


def test_a_deleted_id_is_never_used_again(shelf):
    delete_tenant(shelf.library, "harbour")
    with pytest.raises(TenantExistsError):
        create_tenant(shelf.database, "harbour")
    with pytest.raises(TenantSuspendedError):
        create_key(shelf.database, "harbour", "ann")
    with pytest.raises(TenantSuspendedError):
        upload(shelf, "harbour")


def test_a_deletion_that_was_stopped_goes_on_where_it_ended(shelf):
    def stop(_left):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        delete_tenant(shelf.library, "harbour", stop)
    assert find_tenant(shelf.database, "harbour").state == "deleting"
    with pytest.raises(TenantSuspendedError):
        upload(shelf, "harbour", "other.txt")
    receipt = delete_tenant(shelf.library, "harbour")
    assert (receipt.is_erased, receipt.documents) == (True, 2)


def test_documents_under_a_legal_hold_keep_their_tenant(shelf):
    with shelf.database.write() as session:
        session.execute(update(Document).values(hold="court"))
    with pytest.raises(HeldError):
        delete_tenant(shelf.library, "harbour")
    assert find_tenant(shelf.database, "harbour").state == "active"
    with pytest.raises(InvalidRequestError):
        delete_tenant(shelf.library, "default")


def test_an_export_has_the_tenants_documents_and_groups_and_no_secret(shelf, tmp_path):
    token, key = create_key(shelf.database, "harbour", "ann")
    document_id = upload(shelf, "harbour").document_id
    archive = tmp_path / "harbour.tar"
    export = export_tenant(shelf.database, shelf.library.blobs, "harbour", archive)
    assert (export.documents, export.originals) == (2, 1)
    assert len(export.damaged) == 1  # the other one has no original in this test
    with tarfile.open(archive) as tar:
        files = {name: tar.extractfile(name).read() for name in tar.getnames()}
    assert files[f"originals/{document_id}.1"] == b"The lamp."
    lines = [json.loads(line) for line in files["documents.jsonl"].splitlines()]
    assert lines[1]["allow"] == ["user:ann"]
    assert json.loads(files["groups.jsonl"]) == {"group": "group:hr/all", "member": "user:ann"}
    assert not any(secret.encode() in b"".join(files.values()) for secret in (token, key.key_id))
    assert archive.stat().st_mode & 0o77 == 0


def use_openais_api(shelf, tenant):
    """Let ann have a response, a vector store with a batch, and an upload that is half there."""
    ann = Actor(Scope.of(tenant, ["user:ann"]), "user:ann")
    file = accept(
        shelf.library, ann, Upload("file.txt", [b"Oil."], purpose="assistants"), limit_bytes=100
    ).document_id  # fmt: skip
    spec = CollectionSpec(name="Lamps", idle_days=3, documents=[file])
    store = create_collection(shelf.database, ann, spec).collection_id
    batch = create_batch(shelf.database, ann, store, [StoreFileRequest(file_id=file)]).id
    rules = PartialFileRules(100, QueueCaps(), QueueCaps(), "own")
    whole = PartialFileSpec("half.txt", 10, "user_data")
    half = create_partial_file(shelf.database, ann, whole, rules).id
    add_part(shelf.library, ann, half, [b"half"])
    with shelf.database.write() as session:
        session.add(
            StoredResponse(
                id=f"resp_{tenant}", tenant=tenant, owner="user:ann", credential="key_secret",
                state="queued", echo={}, messages=[], places=[], request={"input": "When?"},
            )
        )  # fmt: skip
    return {
        "responses": f"resp_{tenant}", "collections": store, "file_batches": batch,
        "uploads": half, "documents": file,
    }  # fmt: skip


def test_what_came_through_openais_api_is_exported_and_deleted_too(shelf, tmp_path):
    ids = use_openais_api(shelf, "harbour")
    others = use_openais_api(shelf, "default")
    archive = tmp_path / "harbour.tar"
    export_tenant(shelf.database, shelf.library.blobs, "harbour", archive)
    with tarfile.open(archive) as tar:
        texts = {name: tar.extractfile(f"{name}.jsonl").read().decode() for name in ids}
    for name, text in texts.items():
        assert ids[name] in text
        assert others[name] not in text
        assert "key_secret" not in text
    [store] = [json.loads(line) for line in texts["collections"].splitlines()]
    assert (store["idle_days"], store["documents"][0]["document_id"]) == (3, ids["documents"])
    assert '"purpose": "assistants"' in texts["documents"]
    before = set(shelf.library.blobs.names())
    receipt = delete_tenant(shelf.library, "harbour")
    assert receipt.is_erased
    for table in ("responses", "collections", "file_batches", "file_parts", "partial_files"):
        assert receipt.deleted_rows[table] == 1
    left = set(shelf.library.blobs.names())
    assert len(left) == 3  # the other tenant's two files and its part
    assert left < before
    again = tmp_path / "default.tar"
    export_tenant(shelf.database, shelf.library.blobs, "default", again)
    with tarfile.open(again) as tar:
        assert others["uploads"] in tar.extractfile("uploads.jsonl").read().decode()


def test_the_command_line_exports_and_deletes(tmp_path, capsys):
    data = ["--data", str(tmp_path / "data"), "--json"]
    assert main(["admin", "tenant", "create", "harbour", *data]) == 0
    assert main(["admin", "tenant", "export", "harbour", str(tmp_path / "out.tar"), *data]) == 0
    assert main(["admin", "tenant", "delete", "harbour", *data]) == 2
    capsys.readouterr()
    assert main(["admin", "tenant", "delete", "harbour", "--yes", *data]) == 0
    assert json.loads(capsys.readouterr().out)["is_erased"]
