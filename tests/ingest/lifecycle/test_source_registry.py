"""A folder kept in step, in the store on this machine and in a service alike."""

import os
from datetime import timedelta

import pytest
from sqlalchemy import select

from api.cli.folder_sync import RemoteSource
from api.cli.http_client import Remote
from index.access.classes import readable
from index.db.tables.base import utc_now
from index.db.tables.documents import Document, Version
from index.errors import ForbiddenError, NotFoundError
from index.types import AccessList, Actor, Scope
from ingest.errors import HeldError
from ingest.lifecycle.deletion_receipt import deletion_receipt
from ingest.lifecycle.document_edits import DocumentEdit, edit_document
from ingest.lifecycle.management import delete_document
from ingest.lifecycle.retention import Governance, expire_documents
from ingest.lifecycle.source_registry import (
    SourceSpec,
    documents_of,
    forget_source,
    get_source,
    keep_source,
    list_sources,
)
from ingest.sync.folder_scan import FolderFile, Permissions, look, open_below, posix_access
from ingest.sync.folder_sync import FolderSync
from ingest.sync.local_target import LocalSource
from tests.api.conftest import House

CURATOR = Actor(Scope.of("default", ["user:cora"]), "user:cora", "curator")
OTHER = Actor(Scope.of("default", ["user:otto"]), "user:otto", "curator")
ALL = AccessList.of(["tenant:all"])


class Served(Remote):
    """A remote whose requests reach a service in this process."""

    def __init__(self, person):
        self._person = person

    def call(self, method, path, **content):
        response = self._person.request(method, path, **content)
        assert response.is_success, response.text
        return response.json() if response.content else {}


@pytest.fixture
def house(tmp_path):
    with House(tmp_path / "data", workers=0) as house:
        yield house


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "shelf"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("The lamp burns whale oil.")
    (folder / "deep" / "b.txt").write_text("The boat comes on Tuesdays.")
    return folder


@pytest.fixture
def library(house):
    return house.service.pipelines.current.library


@pytest.fixture
def source(library, folder):
    return keep_source(library, CURATOR, SourceSpec("folder", str(folder), ["tenant:all"]))


@pytest.fixture(params=["here", "service"])
def target(request, house, library, source):
    if request.param == "here":
        return LocalSource(library, CURATOR, source.source_id, limit=100_000)
    return RemoteSource(Served(house.person("cora", role="curator")), source.source_id)


def steps(sync):
    return [(event.action, event.path) for event in sync.step()]


def work(house):
    worker = house.service.pipelines.current.ingestion.worker()
    while worker.run_once():
        pass


def test_a_folder_is_brought_in_and_kept_in_step(house, folder, target, library, source):
    sync = FolderSync(folder, target, lambda file: ALL)
    assert steps(sync) == [("added", "a.txt"), ("added", "deep/b.txt")]
    assert steps(sync) == []
    (folder / "a.txt").write_text("The lamp burns paraffin.")
    (folder / "deep" / "b.txt").unlink()
    (folder / "c.txt").write_text("New.")
    assert steps(sync) == [("changed", "a.txt"), ("added", "c.txt"), ("deleted", "deep/b.txt")]
    work(house)
    documents = documents_of(library, CURATOR, source.source_id)
    assert [item.path for item in documents] == ["a.txt", "c.txt"]


def test_a_document_is_taken_from_readers_without_a_new_version(folder, target, library, source):
    steps(FolderSync(folder, target, lambda file: ALL))
    (document, _) = documents_of(library, CURATOR, source.source_id)
    ann = AccessList.of(["user:ann"], ["user:eve"])
    target.restrict(document.document_id, ann)
    with library.database.read() as session:
        ids = {
            name: session.scalars(
                select(Document.id).where(readable(Scope.of("default", [f"user:{name}"])))
            ).all()
            for name in ("ann", "bob")
        }
    assert document.document_id in ids["ann"]
    assert document.document_id not in ids["bob"]
    # the source's own list stays as it was, so that the next run sees that it differs
    (document, _) = documents_of(library, CURATOR, source.source_id)
    assert document.allow == ["tenant:all"]


def test_after_a_restart_nothing_is_sent_again_and_what_went_meanwhile_is_deleted(folder, target):
    steps(FolderSync(folder, target, lambda file: ALL))
    (folder / "a.txt").unlink()
    assert steps(FolderSync(folder, target, lambda file: ALL)) == [("deleted", "a.txt")]


def test_changed_permissions_change_the_access_list_without_a_new_version(
    folder, target, library, source
):
    sync = FolderSync(folder, target, lambda file: ALL)
    steps(sync)
    narrow = AccessList.of(["user:cora"])
    again = FolderSync(folder, target, lambda file: narrow)
    assert steps(again) == [("changed", "a.txt"), ("changed", "deep/b.txt")]
    documents = documents_of(library, CURATOR, source.source_id)
    assert {tuple(item.allow) for item in documents} == {("user:cora",)}


def readers(library, source):
    document_id = documents_of(library, CURATOR, source.source_id)[0].document_id
    candidates = ("cora", "ann", "otto")
    scopes = {name: Scope.of("default", [f"user:{name}"]) for name in candidates}
    return {name for name, scope in scopes.items() if readable_text(library, scope, document_id)}


def readable_text(library, scope, document_id):
    with library.database.read() as session:
        statement = select(Version.text).join(Document, Document.key == Version.document_key)
        conditions = Document.id == document_id, Version.number == Document.version, readable(scope)
        return session.scalar(statement.where(*conditions))


def test_a_wider_list_is_for_the_new_version_and_a_narrower_one_for_both(
    house, folder, library, target, source
):
    (folder / "deep" / "b.txt").unlink()
    few, many = AccessList.of(["user:cora", "user:otto"]), AccessList.of(["tenant:all"])
    steps(FolderSync(folder, target, lambda file: few))
    work(house)
    assert readers(library, source) == {"cora", "otto"}
    (folder / "a.txt").write_text("For all to read now.")
    steps(FolderSync(folder, target, lambda file: many))
    assert readers(library, source) == {"cora", "otto"}
    work(house)
    assert readers(library, source) == {"cora", "otto", "ann"}
    (folder / "a.txt").write_text("Not for Otto.")
    steps(FolderSync(folder, target, lambda file: AccessList.of(["tenant:all"], ["user:otto"])))
    assert readers(library, source) == {"cora", "ann"}
    work(house)
    assert readers(library, source) == {"cora", "ann"}


def test_a_list_set_by_hand_stays_until_the_source_gives_another(
    house, folder, library, target, source
):
    (folder / "deep" / "b.txt").unlink()
    steps(FolderSync(folder, target, lambda file: ALL))
    work(house)
    document_id = documents_of(library, CURATOR, source.source_id)[0].document_id
    edit_document(library, CURATOR, document_id, DocumentEdit(allow=["user:cora"]))
    assert steps(FolderSync(folder, target, lambda file: ALL)) == []
    (folder / "a.txt").write_text("A new version, under the list that was set by hand.")
    steps(FolderSync(folder, target, lambda file: ALL))
    work(house)
    assert readers(library, source) == {"cora"}
    access = AccessList.of(["user:cora", "user:ann"])
    assert steps(FolderSync(folder, target, lambda file: access)) == [("changed", "a.txt")]
    assert readers(library, source) == {"cora", "ann"}


def test_a_list_set_by_hand_holds_for_the_version_on_its_way(house, folder, library, source):
    target = LocalSource(library, CURATOR, source.source_id, limit=100_000)
    (folder / "deep" / "b.txt").unlink()
    steps(FolderSync(folder, target, lambda file: AccessList.of(["user:cora"])))
    work(house)
    (folder / "a.txt").write_text("For all to read.")
    steps(FolderSync(folder, target, lambda file: ALL))
    document_id = documents_of(library, CURATOR, source.source_id)[0].document_id
    edit_document(library, CURATOR, document_id, DocumentEdit(allow=["user:cora", "user:otto"]))
    work(house)
    assert readers(library, source) == {"cora", "otto"}


def test_a_folder_that_is_empty_all_of_a_sudden_deletes_nothing(folder, target):
    sync = FolderSync(folder, target, lambda file: ALL)
    steps(sync)
    for path in ("a.txt", "deep/b.txt"):
        (folder / path).unlink()
    assert steps(sync) == [("failed", ".")]
    assert len(target.list_documents()) == 2


def test_a_file_that_is_being_written_is_left_until_it_rests(folder, target):
    sync = FolderSync(folder, target, lambda file: ALL, patient=True)
    assert steps(sync) == []
    (folder / "a.txt").write_text("More and more and more.")
    assert steps(sync) == [("added", "deep/b.txt")]
    assert steps(sync) == [("added", "a.txt")]


def test_links_are_neither_listed_nor_opened(folder, tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("secret")
    (folder / "link.txt").symlink_to(secret)
    (folder / "out").symlink_to(tmp_path)
    os.mkfifo(folder / "pipe")
    (folder / ".hidden").write_text("x")
    assert sorted(look(folder)) == ["a.txt", "deep/b.txt"]
    for path in ("link.txt", "out/secret.txt"):
        with pytest.raises(OSError):
            open_below(folder, path)


def test_a_files_mode_says_who_may_read(folder):
    (folder / "a.txt").chmod(0o640)
    file = look(folder)["a.txt"]
    access = posix_access(file, ALL, "user:cora")
    assert access.allow == {
        "user:cora",
        f"user:posix-{file.permissions.user}",
        f"group:posix/{file.permissions.group}",
    }
    (folder / "a.txt").chmod(0o644)
    assert "tenant:all" in posix_access(look(folder)["a.txt"], ALL, "user:cora").allow


def posix_reader(file, user, *groups):
    principals = [f"user:posix-{user}", *(f"group:posix/{group}" for group in groups)]
    return posix_access(file, ALL, "user:cora").admits(Scope.of("default", principals))


def file_of_mode(mode, *folders):
    return FolderFile("a/b.txt", 1, 1, Permissions(0o100000 | mode, 1000, 100), folders)


def test_who_is_in_the_group_has_only_what_the_group_may():
    file = file_of_mode(0o604)
    assert posix_reader(file, 1000)
    assert posix_reader(file, 2000)
    assert not posix_reader(file, 2000, 100)
    assert not posix_reader(file_of_mode(0o064), 1000, 100)
    assert posix_reader(file_of_mode(0o064), 2000, 100)


def test_a_file_is_for_whom_every_folder_on_the_way_lets_pass():
    closed, grouped, open_ = (Permissions(0o40000 | mode, 0, 7) for mode in (0o700, 0o750, 0o755))
    assert posix_reader(file_of_mode(0o644, open_), 2000)
    assert not posix_reader(file_of_mode(0o644, open_, closed), 2000, 7)
    assert posix_reader(file_of_mode(0o644, grouped), 2000, 7)
    assert not posix_reader(file_of_mode(0o644, grouped, open_), 2000)
    assert posix_access(file_of_mode(0o644, closed), ALL, "user:cora").allow >= {"user:cora"}


def test_the_modes_of_the_folders_are_looked_at(folder):
    (folder / "deep").chmod(0o700)
    file = look(folder)["deep/b.txt"]
    assert [f"{part.mode & 0o777:o}" for part in file.folders] == [
        f"{folder.stat().st_mode & 0o777:o}", "700",
    ]  # fmt: skip


def test_a_source_is_its_owners_alone_and_readers_have_none(library, source):
    assert [view.source_id for view in list_sources(library, CURATOR)] == [source.source_id]
    assert list_sources(library, OTHER) == []
    for act in (get_source, documents_of, forget_source):
        with pytest.raises(NotFoundError):
            act(library, OTHER, source.source_id)
    reader = Actor(CURATOR.scope, CURATOR.owner, "reader")
    with pytest.raises(ForbiddenError):
        keep_source(library, reader, SourceSpec("folder", "/elsewhere"))


def test_nobody_uploads_into_anothers_source(house, source):
    fields = {"source": source.source_id, "source_path": "x.txt"}
    for user, role in (("otto", "curator"), ("cora", "reader")):
        assert house.person(user, role=role).upload("x", **fields).status_code == 404


def put(library, source, path="a.txt", text=b"The lamp burns oil."):
    LocalSource(library, CURATOR, source.source_id, limit=1000).put(path, [text], ALL)
    return documents_of(library, CURATOR, source.source_id)[0].document_id


def test_provenance_and_governance_are_shown_with_the_document(house, library, folder):
    spec = SourceSpec("folder", str(folder), ["tenant:all"], (), "CC BY 4.0", 30)
    document_id = put(library, keep_source(library, CURATOR, spec))
    work(house)
    view = house.person("ann").get(f"/v1/documents/{document_id}").json()
    assert view["source"] == {"kind": "folder", "path": "a.txt"}
    assert view["licence"] == "CC BY 4.0"
    assert view["expires_at"] is not None
    assert view["owner"] == "user:cora"
    assert view["provenance"].keys() >= {"parser", "embedder", "sha256", "accepted_at"}


def test_an_expired_document_is_deleted_with_a_receipt_unless_it_is_held(library, source):
    document_id = put(library, source)
    now = utc_now()
    hold = DocumentEdit(governance=Governance(expires_at=now, hold="case 12"))
    edit_document(library, CURATOR, document_id, hold)
    assert expire_documents(library, now=now + timedelta(days=1)) == []
    with pytest.raises(HeldError, match="case 12"):
        delete_document(library, CURATOR, document_id)
    release = DocumentEdit(governance=Governance(hold=""))
    edit_document(library, CURATOR, document_id, release)
    receipts = expire_documents(library, now=now + timedelta(days=1))
    assert [receipt.document_id for receipt in receipts] == [document_id]
    assert deletion_receipt(library, CURATOR.scope, document_id).is_gone


def test_only_curators_hold_and_only_who_may_change_governs(house):
    ann = house.person("ann")
    document_id = ann.upload("mine", allow="tenant:all").json()["document_id"]
    path = f"/v1/documents/{document_id}"
    assert ann.request("PATCH", path, json={"hold": "case"}).status_code == 403
    patch = {"licence": "internal", "expires_at": "2099-01-01T00:00:00Z"}
    house.service.pipelines.current.ingestion.worker().run_once()
    assert ann.request("PATCH", path, json=patch).json()["licence"] == "internal"
    assert house.person("bob").request("PATCH", path, json=patch).status_code == 403
    curator = house.person("cora", role="curator")
    assert curator.request("PATCH", path, json={"hold": "case"}).json()["hold"] == "case"
    assert ann.request("DELETE", path).status_code == 409


def test_a_url_source_is_fetched_and_fetched_again(tmp_path):
    from tests.fakes.web import running_web

    with running_web() as web, House(tmp_path, workers=0, egress_allow=["127.0.0.0/8"]) as house:
        cora = house.person("cora", role="curator")
        web.text("/rules.txt", "The lamp is lit at dusk.")
        body = {"kind": "url", "location": web.url("/rules.txt", "127.0.0.1")}
        answer = cora.post("/v1/sources", json={**body, "allow": ["tenant:all"]}).json()
        work(house)
        again = cora.post(f"/v1/sources/{answer['source']['source_id']}/refresh").json()
        assert again == answer["upload"]
        web.text("/rules.txt", "The lamp is lit at noon.")
        newer = cora.post(f"/v1/sources/{answer['source']['source_id']}/refresh").json()
        assert newer["document_id"] == again["document_id"]
        assert newer["version"] == 2
        assert house.person("ann").post("/v1/sources", json=body).status_code == 403


def test_a_url_to_an_inner_address_is_refused(house):
    cora = house.person("cora", role="curator")
    for location in ("http://127.0.0.1:1/x", "file:///etc/passwd"):
        answer = cora.post("/v1/sources", json={"kind": "url", "location": location})
        assert answer.json()["code"] == "url-refused"
        assert answer.status_code == 422


def test_a_url_that_is_refused_becomes_no_source_and_changes_no_rules(tmp_path):
    from tests.fakes.web import running_web

    with running_web() as web, House(tmp_path, workers=0, egress_allow=["127.0.0.0/8"]) as house:
        cora = house.person("cora", role="curator")
        web.text("/a.txt", "The lamp is lit at dusk.")
        web.redirect("/detour", "http://10.0.0.1/inner")
        good = {"kind": "url", "location": web.url("/a.txt", "127.0.0.1")}
        cora.post("/v1/sources", json=good)
        before = cora.get("/v1/sources").json()
        statuses = {
            "http://10.0.0.1/": 422, "http://xn--/": 422, web.url("/detour", "127.0.0.1"): 422,
            web.url("/absent", "127.0.0.1"): 502,
        }  # fmt: skip
        for location, status in statuses.items():
            answer = cora.post("/v1/sources", json={"kind": "url", "location": location})
            assert answer.status_code == status
        del web.pages["/a.txt"]
        assert cora.post("/v1/sources", json={**good, "licence": "none"}).status_code == 502
        assert cora.get("/v1/sources").json() == before
