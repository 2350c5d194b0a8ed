"""Google Drive: who may read a file there, and nobody else, may read it here."""

import pytest

from index.access.classes import readable
from index.db.tables.documents import Document
from index.egress.address_policy import networks
from index.egress.fetcher import Fetcher, FetchLimits
from index.types import Actor, Scope
from ingest.connectors.connector_sync import ConnectorSync
from ingest.connectors.drive_client import DriveClient
from ingest.connectors.google_drive import DriveLimits, GoogleDrive
from ingest.connectors.reader_map import ReaderMap
from ingest.errors import ConnectorError
from ingest.lifecycle.source_registry import SourceSpec, keep_source
from ingest.sync.local_target import LocalSource
from tests.fakes.drive import GOOGLE, running_drive, user
from tests.fakes.sources import SourceShelf, run
from tests.fakes.store import Shelf

LIMITS = DriveLimits()
CURATOR = Actor(Scope.of("default", ["user:cora"]), "user:cora", "curator")
PEOPLE = ReaderMap(
    {
        "Ann@example.org": "user:ann",
        "bob@example.org": "user:bob",
        "harbour@example.org": "group:drive/harbour",
        "domain:example.org": "group:staff/all",
        "anyone": "tenant:all",
    }
)
GROUP = {"type": "group", "role": "commenter", "emailAddress": "harbour@example.org"}
DOMAIN = {"type": "domain", "role": "reader", "domain": "example.org"}
LINK = {"type": "anyone", "role": "reader", "allowFileDiscovery": False}


@pytest.fixture
def place():
    with running_drive() as place:
        yield place


@pytest.fixture
def drive(place):
    return place[0]


@pytest.fixture
def connect(place):
    drive, web = place

    def connect(people=PEOPLE, *, pauses=None, token=None, size=100_000, limits=LIMITS):
        fetcher = Fetcher(
            allowed_networks=networks(["127.0.0.0/8"]),
            limits=FetchLimits(size=size),
            resolver=lambda host, port: ["127.0.0.1"],
        )
        client = DriveClient(
            fetcher,
            lambda: token or drive.token,
            api=web.url("/drive/v3"),
            pause=(pauses if pauses is not None else []).append,
        )
        return GoogleDrive("root", client, people, limits)

    return connect


# In a real store.


class Office:
    """A store with a source that is kept in step, and the people who look into it."""

    def __init__(self, folder, connect, allow):
        self.library = Shelf(folder).library
        self.connect = connect
        spec = SourceSpec("drive", "gdrive://root", allow)
        self.source = keep_source(self.library, CURATOR, spec)
        self.target = LocalSource(self.library, CURATOR, self.source.source_id, limit=100_000)

    def sync(self):
        events = ConnectorSync(self.connect(), self.target, self.source).run()
        return [(event.action, event.path) for event in events]

    def readers(self, *people):
        """Return which of the people sees which file."""
        with self.library.database.read() as session:
            return {
                name: sorted(
                    session.scalars(
                        Document.__table__.select()
                        .with_only_columns(Document.source_path)
                        .where(readable(Scope.of("default", [f"user:{name}"])))
                    )
                )
                for name in people
            }


@pytest.fixture
def office(tmp_path, connect):
    office = Office(tmp_path, connect, ["tenant:all"])
    yield office
    office.library.database.engine.dispose()


def test_a_file_that_ann_alone_may_read_there_only_ann_may_read_here(drive, office):
    drive.put("secret", "secret.txt", "For Ann.", people=["ann"])
    drive.put("shared", "shared.txt", "For both.", people=["ann", "bob", "eve"])
    office.sync()
    assert office.readers("ann", "bob", "eve", "cora") == {
        "ann": ["secret", "shared"], "bob": ["shared"], "eve": [], "cora": [],
    }  # fmt: skip


def test_a_permission_that_is_taken_away_there_is_gone_here_with_the_next_run(drive, office):
    drive.put("plan", "plan.txt", "The plan.", people=["ann", "bob"])
    office.sync()
    assert office.readers("ann", "bob") == {"ann": ["plan"], "bob": ["plan"]}
    drive.files["plan"].permissions = [user("ann")]
    assert office.sync() == [("changed", "plan")]
    assert office.readers("ann", "bob") == {"ann": ["plan"], "bob": []}
    drive.files["plan"].permissions = []
    office.sync()
    assert office.readers("ann", "bob", "cora") == {"ann": [], "bob": [], "cora": ["plan"]}


def test_a_permission_that_is_taken_away_is_gone_though_the_file_cannot_be_read(drive, office):
    drive.put("plan", "plan.txt", "The plan.", people=["ann", "bob"])
    office.sync()
    drive.put("plan", "plan.txt", "The new plan.", people=["ann"])
    drive.answers["files/plan"] = [(403, "cannotDownloadFile")]
    assert office.sync() == [("failed", "plan")]
    assert office.readers("ann", "bob") == {"ann": ["plan"], "bob": []}
    assert office.sync() == [("changed", "plan")]
    assert office.readers("ann", "bob") == {"ann": ["plan"], "bob": []}


def test_a_listing_that_fails_half_way_changes_nothing(drive, office):
    for name in ("a", "b", "c", "d", "e"):
        drive.put(name, f"{name}.txt", name, people=["ann"])
    office.sync()
    drive.remove("a")
    drive.files["c"].permissions = [user("bob")]
    for end, refusal in (("files", (404, "notFound")), ("c/permissions", (404, "notFound"))):
        drive.answers[end] = [refusal]
        with pytest.raises(ConnectorError, match="cannot be listed"):
            office.sync()
    drive.is_incomplete = True
    with pytest.raises(ConnectorError, match="could not search"):
        office.sync()
    assert office.readers("ann", "bob") == {"ann": ["a", "b", "c", "d", "e"], "bob": []}
    drive.is_incomplete = False
    assert sorted(office.sync()) == [("changed", "c"), ("deleted", "a")]


# Permissions and principals.


@pytest.mark.parametrize(
    ("permissions", "allow", "readers"),
    [
        ([user("ann", role="owner")], ["tenant:all"], {"user:ann"}),
        ([user("ANN")], ["tenant:all"], {"user:ann"}),
        ([GROUP, user("bob")], ["tenant:all"], {"group:drive/harbour", "user:bob"}),
        ([DOMAIN], ["tenant:all"], {"group:staff/all"}),
        ([{**DOMAIN, "domain": "other.example"}], ["tenant:all"], {"user:ann"}),
        # a link that anyone may follow is the source's list, never more
        ([LINK], ["group:staff/all"], {"group:staff/all"}),
        ([LINK, user("bob")], ["group:staff/all"], {"group:staff/all"}),
        # the source's own list admits nobody else, whatever Drive says
        ([user("bob")], ["group:staff/all"], {"user:ann"}),
        # permissions that do not let anybody read
        ([user("bob", deleted=True)], ["tenant:all"], {"user:ann"}),
        ([user("bob", view="metadata")], ["tenant:all"], {"user:ann"}),
        ([user("bob", role="futureRole")], ["tenant:all"], {"user:ann"}),
        ([{"type": "user", "role": "reader"}], ["tenant:all"], {"user:ann"}),
        ([{"type": "robot", "role": "reader"}], ["tenant:all"], {"user:ann"}),
    ],
)
def test_permissions_are_principals_that_narrow_the_source(
    drive, connect, permissions, allow, readers
):
    """The source belongs to ``user:ann``, whose alone a file is that nobody here may read."""
    drive.put("a", "a.txt", "A.")
    drive.files["a"].permissions = permissions
    shelf = SourceShelf()
    run(connect(), shelf, allow=allow)
    assert set(shelf.documents["a"].allow) == readers


def test_a_long_list_of_permissions_is_read_to_its_end(drive, connect):
    drive.put("a", "a.txt", "A.", people=["eve", "eve", "eve", "eve", "ann"])
    (file,) = connect().list_files()
    assert file.readers.allow == {"user:ann"}


def test_without_a_readers_file_nobody_is_anybody(drive, connect):
    drive.put("a", "a.txt", "A.", people=["ann"])
    drive.files["a"].permissions.append(LINK)
    (file,) = connect(ReaderMap({})).list_files()
    assert file.readers.allow == set()


def test_permissions_that_this_account_may_not_see_admit_nobody(drive, connect):
    drive.put("a", "a.txt", "A.", people=["ann"])
    drive.files["a"].refusal = "insufficientFilePermissions"
    (file,) = connect().list_files()
    assert file.readers.allow == set()
    drive.files["a"].refusal = "accessNotConfigured"
    with pytest.raises(ConnectorError):
        connect().list_files()


def test_a_readers_file_has_principals_or_is_refused(tmp_path):
    path = tmp_path / "readers.yaml"
    path.write_text("ann@example.org: user:ann\nanyone: tenant:all\n")
    readers = ReaderMap.read(path)
    assert readers.readers(["Ann@Example.org", "bob@example.org"]).allow == {"user:ann"}
    for text in ("ann: 3", "[ann]", "ann: everybody", "ann: {", "ann: [user:ann]"):
        path.write_text(text)
        with pytest.raises(ConnectorError):
            ReaderMap.read(path)
    with pytest.raises(ConnectorError):
        ReaderMap.read(tmp_path / "none.yaml")


# Files.


@pytest.mark.parametrize(
    ("kind", "filename"),
    [
        ("document", "Rules.docx"), ("spreadsheet", "Rules.xlsx"),
        ("presentation", "Rules.pptx"), ("drawing", "Rules.pdf"),
    ],
)  # fmt: skip
def test_googles_formats_are_exported(drive, connect, kind, filename):
    drive.put("doc", "Rules", "exported", kind=f"{GOOGLE}{kind}")
    drive.put("form", "Form", kind=f"{GOOGLE}form")
    connector = connect()
    (file,) = connector.list_files()
    with connector.open_file(file) as opened:
        assert (opened.filename, b"".join(opened.blocks)) == (filename, b"exported")
    path, query = drive.requests[-1]
    assert path == "files/doc/export"
    assert query["mimeType"].startswith("application/")


def test_a_new_name_or_new_content_is_a_new_mark(drive, connect):
    drive.put("doc", "Rules", "One.", kind=f"{GOOGLE}document")
    drive.put("file", "a.txt", "A.")
    before = {file.path: file.mark for file in connect().list_files()}
    drive.put("doc", "Rules", "Two.", kind=f"{GOOGLE}document")
    drive.put("file", "b.txt", "A.")
    after = {file.path: file.mark for file in connect().list_files()}
    assert all(before[path] != after[path] for path in before)


def test_a_file_that_is_too_large_fails_alone(drive, connect):
    drive.put("large", "large.txt", "x" * 3000)
    drive.put("sheet", "Sheet", kind=f"{GOOGLE}spreadsheet")
    drive.put("small", "small.txt", "Small.")
    drive.answers["sheet/export"] = [(403, "exportSizeLimitExceeded")]
    shelf = SourceShelf()
    connector = connect(size=2000)
    assert run(connector, shelf) == [("added", "small"), ("failed", "large"), ("failed", "sheet")]


def test_a_folder_with_too_much_in_it_is_not_taken_in_part(drive, connect):
    for name in ("a", "b", "c"):
        drive.put(name, name, name)
    with pytest.raises(ConnectorError, match="more than 2 files"):
        connect(limits=DriveLimits(files=2)).list_files()


@pytest.mark.parametrize("folder", ["", "a'b", "../x", "a b"])
def test_only_an_id_is_a_folder(folder):
    with pytest.raises(ConnectorError):
        GoogleDrive(folder, None, PEOPLE)


# Requests.


@pytest.mark.parametrize(
    "refusal", [(429, "rateLimitExceeded"), (403, "userRateLimitExceeded"), (503, "backendError")]
)
def test_a_request_is_repeated_with_longer_pauses_until_it_is_too_much(drive, connect, refusal):
    drive.put("a", "a.txt", "A.", people=["ann"])
    drive.answers = {"a/permissions": [refusal] * 5}
    pauses = []
    (file,) = connect(pauses=pauses).list_files()
    assert file.readers.allow == {"user:ann"}
    assert pauses == [1, 2, 4, 8, 16]
    drive.answers = {"a/permissions": [refusal] * 6}
    with pytest.raises(ConnectorError):
        connect().list_files()


def test_a_token_that_is_refused_is_said_so_and_never_shown(drive, connect):
    pauses = []
    with pytest.raises(ConnectorError, match="Give a new one") as caught:
        connect(token="wr0ng-t0ken", pauses=pauses).list_files()
    assert "wr0ng-t0ken" not in str(caught.value)
    assert pauses == []


def test_the_token_goes_to_no_other_site_that_a_download_leads_to(place, connect):
    drive, web = place
    drive.put("a", "a.txt", "A.")
    connector = connect()
    (file,) = connector.list_files()
    seen = []

    def elsewhere(handler):
        from tests.fakes.web import send

        if handler.headers["Host"].startswith("other.example"):
            seen.append(handler.headers["Authorization"])
            return send(handler, 200, b"A.", {})
        return send(handler, 302, b"", {"Location": f"http://other.example:{web.port}/a"})

    drive.answer = elsewhere
    with connector.open_file(file) as opened:
        assert b"".join(opened.blocks) == b"A."
    assert seen == [None]
