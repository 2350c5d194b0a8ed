"""Every connector lists whole, marks what changed, reads what it lists, and only narrows access."""

import secrets
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import boto3
import pytest

from index.egress.address_policy import networks
from index.egress.fetcher import Fetcher
from index.types import AccessList
from ingest.connectors.connector import ConnectedFile, OpenedFile
from ingest.connectors.drive_client import DriveClient
from ingest.connectors.git_repository import GitRepository
from ingest.connectors.google_drive import GoogleDrive
from ingest.connectors.mail_folder import MailAddress, MailFolder
from ingest.connectors.object_store import ObjectStore
from ingest.connectors.reader_map import ReaderMap
from ingest.connectors.sitemap import CrawlLimits, Sitemap
from ingest.errors import ConnectorError
from tests.fakes.drive import running_drive
from tests.fakes.mail_server import running_mailbox
from tests.fakes.sources import SourceShelf, run
from tests.fakes.web import running_web


@dataclass
class Place:
    """A place that a test fills, and a way to look at it afresh."""

    connect: Callable[[], object]
    put: Callable[[str, str], None]
    remove: Callable[[str], None]
    break_it: Callable[[], None]
    paths: Callable[[str], str] = lambda name: name
    """The path of a file's name in the listing."""
    text: Callable[[str, str], str] = lambda name, text: text
    """The content of a file that has a text."""
    filename: Callable[[str], str] = lambda name: name.rpartition("/")[2]


@pytest.fixture
def bucket(s3_environment, monkeypatch):
    for name, value in s3_environment.items():
        monkeypatch.setenv(name, value)
    client, name = boto3.client("s3"), f"b{secrets.token_hex(6)}"
    client.create_bucket(Bucket=name)
    client.put_object(Bucket=name, Key="elsewhere/no.txt", Body=b"Not in the folder.")
    client.put_object(Bucket=name, Key="docs/.hidden/no.txt", Body=b"Hidden.")
    where = [f"s3://{name}/docs"]
    return Place(
        lambda: ObjectStore(where[0]),
        lambda path, text: client.put_object(Bucket=name, Key=f"docs/{path}", Body=text.encode()),
        lambda path: client.delete_object(Bucket=name, Key=f"docs/{path}"),
        lambda: where.insert(0, f"s3://{name}gone/docs"),
    )


@pytest.fixture
def repository(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()

    def git(*arguments):
        identity = ("-c", "user.name=Ann", "-c", "user.email=ann@example.org")
        subprocess.run(
            ["git", "-C", folder, *identity, *arguments], check=True, capture_output=True
        )

    git("init", "--quiet", "--initial-branch=main")
    (folder / "docs" / ".hidden").mkdir(parents=True)
    (folder / "no.txt").write_text("Not in the folder.")
    (folder / "docs" / ".hidden" / "no.txt").write_text("Hidden.")
    (folder / "docs" / "link.txt").symlink_to("/etc/hostname")

    def commit():
        git("add", "--all")
        git("commit", "--quiet", "--allow-empty", "--message", "Change")

    def put(path, text):
        (folder / "docs" / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / "docs" / path).write_text(text)
        commit()

    def remove(path):
        (folder / "docs" / path).unlink()
        commit()

    commit()
    return Place(
        lambda: GitRepository(f"file://{folder}", "main", "docs"),
        put,
        remove,
        lambda: folder.rename(tmp_path / "gone"),
        lambda name: f"docs/{name}",
    )


@pytest.fixture
def site():
    with running_web() as web:
        pages: dict[str, int] = {}
        fetcher = Fetcher(
            allowed_networks=networks(["127.0.0.0/8"]), resolver=lambda host, port: ["127.0.0.1"]
        )

        def write_sitemap():
            entries = "".join(
                f"<url><loc>{web.url('/' + path)}</loc><lastmod>{version}</lastmod></url>"
                for path, version in pages.items()
            )
            entries += f"<url><loc>{web.url('/private/no.txt')}</loc></url>"
            entries += "<url><loc>http://other.example/no.txt</loc></url>"
            space = "http://www.sitemaps.org/schemas/sitemap/0.9"
            web.text("/sitemap.xml", f'<urlset xmlns="{space}">{entries}</urlset>')

        def put(path, text):
            pages[path] = pages.get(path, 0) + 1
            web.text(f"/{path}", text, Content_Type="text/plain")
            write_sitemap()

        def remove(path):
            del pages[path]
            del web.pages[f"/{path}"]
            write_sitemap()

        web.text("/robots.txt", "User-agent: *\nDisallow: /private/\n")
        write_sitemap()
        yield Place(
            lambda: Sitemap(web.url("/sitemap.xml"), fetcher, pause=lambda seconds: None),
            put,
            remove,
            lambda: web.text("/sitemap.xml", "<urlset><url>"),
            lambda name: web.url(f"/{name}"),
        )


@pytest.fixture
def drive():
    with running_drive() as (drive, web):
        fetcher = Fetcher(
            allowed_networks=networks(["127.0.0.0/8"]), resolver=lambda host, port: ["127.0.0.1"]
        )
        client = DriveClient(fetcher, lambda: drive.token, api=web.url("/drive/v3"))
        drive.folder("below")
        drive.put("elsewhere", "no.txt", "Not in the folder.", parent="none")
        drive.put("hidden", ".no.txt", "Hidden.")
        drive.put("link", "no.txt", parent="below", kind="application/vnd.google-apps.shortcut")

        def put(path, text):
            folder, _, name = path.rpartition("/")
            drive.put(name.replace(".", "-"), name, text, parent=folder or "root")

        def break_it():
            drive.answers["files"] = [(404, "notFound")]

        yield Place(
            lambda: GoogleDrive("root", client, ReaderMap({})),
            put,
            lambda path: drive.remove(path.rpartition("/")[2].replace(".", "-")),
            break_it,
            lambda path: path.rpartition("/")[2].replace(".", "-"),
        )


@pytest.fixture
def mailbox(tmp_path):
    with running_mailbox(tmp_path) as mailbox:
        address = MailAddress("ann@example.org", "localhost", "INBOX", mailbox.port)

        def break_it():
            mailbox.is_broken = True

        yield Place(
            lambda: MailFolder(address, lambda: "s3cret", context=mailbox.context),
            mailbox.put,
            mailbox.remove,
            break_it,
            lambda name: f"<{name}>",
            lambda name, text: f"Message-ID: <{name}>\r\nFrom: a@example.org\r\n\r\n{text}",
            {"a.txt": "message-1.eml", "below/b.txt": "message-2.eml"}.get,
        )


@pytest.fixture(params=["bucket", "repository", "site", "drive", "mailbox"])
def place(request):
    return request.getfixturevalue(request.param)


def content(connector, file):
    with connector.open_file(file) as opened:
        return opened.filename, b"".join(opened.blocks).decode()


def test_it_lists_what_is_there_and_opens_each_file(place):
    place.put("a.txt", "The lamp.")
    place.put("below/b.txt", "The boat.")
    connector = place.connect()
    files = {file.path: file for file in connector.list_files()}
    assert set(files) == {place.paths("a.txt"), place.paths("below/b.txt")}
    for name, text in (("a.txt", "The lamp."), ("below/b.txt", "The boat.")):
        expected = place.filename(name), place.text(name, text)
        assert content(connector, files[place.paths(name)]) == expected


def test_a_mark_changes_with_the_bytes_and_stays_with_them(place):
    place.put("a.txt", "Old.")
    place.put("b.txt", "The same.")
    before = {file.path: file.mark for file in place.connect().list_files()}
    place.put("a.txt", "New!")
    after = {file.path: file.mark for file in place.connect().list_files()}
    assert None not in before.values()
    assert before[place.paths("a.txt")] != after[place.paths("a.txt")]
    assert before[place.paths("b.txt")] == after[place.paths("b.txt")]


def test_a_place_that_cannot_be_listed_is_an_error_and_never_an_empty_list(place):
    place.put("a.txt", "The lamp.")
    place.break_it()
    with pytest.raises(ConnectorError):
        place.connect().list_files()


# Bringing in step.


def test_a_place_is_brought_in_step_and_what_did_not_change_is_not_read(place):
    shelf = SourceShelf()
    place.put("a.txt", "A.")
    place.put("b.txt", "B.")
    a, b, c = map(place.paths, ("a.txt", "b.txt", "c.txt"))
    assert run(place.connect(), shelf) == [("added", a), ("added", b)]
    assert run(place.connect(), shelf) == []
    place.put("a.txt", "A, later.")
    place.put("c.txt", "C.")
    place.remove("b.txt")
    assert run(place.connect(), shelf) == [("added", c), ("changed", a), ("deleted", b)]
    assert shelf.documents[a].sha256 == place.text("a.txt", "A, later.")
    assert shelf.puts.count(b) == 1


class Fixed:
    """A connector whose files a test chooses."""

    def __init__(self, *files, broken=()):
        self.files, self.broken = files, broken

    def list_files(self):
        return list(self.files)

    def open_file(self, file):
        from contextlib import nullcontext

        if file.path in self.broken:
            raise ConnectorError("It cannot be read.")
        return nullcontext(OpenedFile(file.path, [b"x"]))


def test_a_file_that_fails_keeps_its_document_and_an_empty_place_deletes_nothing():
    shelf = SourceShelf()
    one, two = ConnectedFile("a", "1"), ConnectedFile("b", "1")
    run(Fixed(one, two), shelf)
    later = ConnectedFile("a", "2")
    assert run(Fixed(later, two, broken=["a"]), shelf) == [("failed", "a")]
    assert set(shelf.documents) == {"a", "b"}
    assert run(Fixed(), shelf) == [("failed", ".")]
    assert set(shelf.documents) == {"a", "b"}


@pytest.mark.parametrize(
    ("readers", "allow", "deny"),
    [
        (None, {"group:staff/all"}, set()),
        (AccessList.of(["tenant:all"]), {"group:staff/all"}, set()),
        (AccessList.of(["user:bob"]), {"user:ann"}, set()),
        (AccessList.of(["group:staff/all"], ["user:bob"]), {"group:staff/all"}, {"user:bob"}),
    ],
)
def test_readers_of_a_place_only_narrow_the_configured_list(readers, allow, deny):
    shelf = SourceShelf()
    run(Fixed(ConnectedFile("a", "1", readers)), shelf)
    assert (set(shelf.documents["a"].allow), set(shelf.documents["a"].deny)) == (allow, deny)


def test_other_readers_bring_a_file_in_again_though_its_bytes_stayed():
    shelf = SourceShelf()
    run(Fixed(ConnectedFile("a", "1")), shelf)
    narrower = AccessList.of(["group:staff/all"], ["user:bob"])
    assert run(Fixed(ConnectedFile("a", "1", narrower)), shelf) == [("changed", "a")]
    assert run(Fixed(ConnectedFile("a", "1", narrower)), shelf) == []


# What is particular to one of them.


@pytest.mark.parametrize(
    ("address", "branch"),
    [
        ("ext::sh -c id", None), ("--upload-pack=id", None), ("/etc", None),
        ("https://git.example/x.git", "--output=x"), ("http://git.example/x.git", None),
        ("https://ann:token@git.example/x.git", None), ("https://token@git.example/x.git", None),
        ("ssh://ann:word@git.example/x.git", None),
    ],
)  # fmt: skip
def test_git_is_given_no_address_that_could_run_something_or_shows_a_password(address, branch):
    with pytest.raises(ConnectorError):
        GitRepository(address, branch)


def sitemap(web, limits=None, pauses=None):
    fetcher = Fetcher(
        allowed_networks=networks(["127.0.0.0/8"]), resolver=lambda host, port: ["127.0.0.1"]
    )
    wait = pauses.append if pauses is not None else (lambda seconds: None)
    return Sitemap(web.url("/sitemap.xml"), fetcher, limits or CrawlLimits(), wait)


def urlset(web, *paths):
    return "<urlset>" + "".join(f"<url><loc>{web.url(p)}</loc></url>" for p in paths) + "</urlset>"


def test_a_site_is_read_as_slowly_as_it_asks_and_not_at_all_where_that_is_too_slow():
    with running_web() as web:
        web.text("/sitemap.xml", urlset(web, "/a", "/b", "/c"))
        web.text("/robots.txt", "User-agent: *\nCrawl-delay: 7\n")
        for path in ("/a", "/b", "/c"):
            web.text(path, "<p>x</p>", Content_Type="text/html")
        pauses = []
        connector = sitemap(web, pauses=pauses)
        names = [content(connector, file)[0] for file in connector.list_files()]
        assert names == ["a.html", "b.html", "c.html"]
        assert pauses == [7, 7]
        web.text("/robots.txt", "User-agent: footnote\nCrawl-delay: 31\n")
        with pytest.raises(ConnectorError, match="31 s"):
            sitemap(web).list_files()


def test_an_index_is_followed_packed_too_and_the_number_of_pages_is_limited():
    import gzip

    with running_web() as web:
        packed = gzip.compress(urlset(web, "/a", "/b").encode())
        web.pages["/one.xml.gz"] = lambda handler: _send(handler, packed)
        index = f"<sitemap><loc>{web.url('/one.xml.gz')}</loc></sitemap>"
        web.text("/sitemap.xml", f"<sitemapindex>{index}</sitemapindex>")
        paths = [file.path for file in sitemap(web).list_files()]
        assert paths == [web.url("/a"), web.url("/b")]
        with pytest.raises(ConnectorError, match="more than 1 pages"):
            sitemap(web, CrawlLimits(pages=1)).list_files()


def test_an_index_that_names_sitemaps_without_end_is_not_followed():
    """One that names itself doubles with each level; one that names many is read to the bound."""
    with running_web() as web:
        itself = f"<sitemap><loc>{web.url('/sitemap.xml')}</loc></sitemap>"
        web.text("/sitemap.xml", f"<sitemapindex>{itself * 50}</sitemapindex>")
        with pytest.raises(ConnectorError, match="more than 20 sitemaps"):
            sitemap(web, CrawlLimits(sitemaps=20)).list_files()
        web.text("/one.xml", urlset(web, "/a"))
        one = f"<sitemap><loc>{web.url('/one.xml')}</loc></sitemap>"
        web.text("/sitemap.xml", f"<sitemapindex>{one * 19}</sitemapindex>")
        assert len(sitemap(web, CrawlLimits(sitemaps=20)).list_files()) == 1


def _send(handler, body):
    from tests.fakes.web import send

    send(handler, 200, body, {"Content-Type": "application/gzip"})


def test_a_robots_file_that_cannot_be_read_stops_the_crawl_and_one_that_is_not_there_does_not():
    from tests.fakes.web import send

    with running_web() as web:
        web.text("/sitemap.xml", urlset(web, "/a"))
        assert len(sitemap(web).list_files()) == 1
        web.pages["/robots.txt"] = lambda handler: send(handler, 503, b"", {})
        with pytest.raises(ConnectorError, match=r"robots\.txt"):
            sitemap(web).list_files()


def test_a_page_that_leads_to_another_site_is_not_taken():
    with running_web() as web:
        web.text("/sitemap.xml", urlset(web, "/a"))
        web.redirect("/a", f"http://other.example:{web.port}/b")
        web.text("/b", "Not ours.")
        connector = sitemap(web)
        (file,) = connector.list_files()
        with pytest.raises(ConnectorError, match="another site"):
            content(connector, file)


def test_a_sitemap_that_is_a_bomb_of_entities_is_refused(tmp_path: Path):
    with running_web() as web:
        web.text(
            "/sitemap.xml",
            '<!DOCTYPE x [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]>'
            "<urlset><url><loc>&b;</loc></url></urlset>",
        )
        with pytest.raises(ConnectorError):
            sitemap(web).list_files()
