"""Files that mean harm end in text or in a clear reason, soon, and hurt nothing else."""

import os
import random
import resource
import signal
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from ingest.errors import BrokenDocumentError, ParseError, ParseLimitError
from ingest.sandbox.parser import ParseLimits, SandboxedParser
from tests.fakes import hostile
from tests.fakes.compound import outlook_message

SECONDS = 30
LIMITS = ParseLimits(
    memory_bytes=1 << 30, cpu_seconds=15, wall_seconds=SECONDS, output_bytes=64 << 20
)
SECRET = "canary-7f3a"


@pytest.fixture(scope="module")
def sandbox():
    with SandboxedParser(LIMITS) as parser:
        yield parser


@pytest.fixture
def canary(tmp_path):
    folder = tmp_path / "outside"
    folder.mkdir()
    path = folder / "secret.txt"
    path.write_text(SECRET)
    yield path
    assert path.read_text() == SECRET
    assert list(folder.iterdir()) == [path]


@pytest.fixture
def outcome(sandbox, tmp_path):
    """Read a file; return its text, or the error a person is shown; the next file is read well."""
    inside = tmp_path / "inside"
    inside.mkdir()

    def read_content(content, name):
        path = inside / "original"
        path.write_bytes(content)
        return read_path(path, name)

    def read_path(path, name):
        pid, started = sandbox.fork_server.pid, time.monotonic()
        before = sorted(inside.iterdir())
        try:
            result = sandbox.parse(path, name).text
        except ParseError as error:
            result = error
        assert time.monotonic() - started < SECONDS + 10
        assert sandbox.fork_server.pid == pid or pid is None
        assert sorted(inside.iterdir()) == before
        following = inside / "next"
        following.write_text("The next file.")
        assert sandbox.parse(following, "next.txt").text == "The next file."
        following.unlink()
        return result

    read_content.path = read_path
    return read_content


def harmless(result, *, most=1 << 20):
    """Tell whether a bomb ended in a reason, or in a text of ordinary size."""
    return isinstance(result, ParseError) or len(result) < most


@pytest.mark.parametrize(
    ("name", "make"),
    [
        ("bomb.zip", hostile.zip_bomb),
        ("nested.zip", hostile.nested_zip),
        ("crowded.zip", hostile.crowded_zip),
        ("laughs.docx", hostile.laughing_docx),
        ("laughs.xml", hostile.laughing_xml),
        ("laughs.svg", hostile.laughing_svg),
        ("loop.pdf", hostile.looping_pdf),
        ("million.pdf", hostile.million_page_pdf),
        ("endless.pdf", hostile.endless_pdf),
        ("deep.html", hostile.deep_html),
        ("deep.json", hostile.deep_json),
    ],
)
def test_a_bomb_does_not_go_off(outcome, name, make):
    assert harmless(outcome(make(), name))


@pytest.mark.parametrize(
    "make", [hostile.external_xml, hostile.external_docx, hostile.including_html]
)
@pytest.mark.parametrize("name", ["a.xml", "a.docx", "a.html", "a.svg"])
def test_a_file_cannot_name_another_and_get_its_content(outcome, canary, make, name):
    result = outcome(make(canary.as_uri()), name)
    assert SECRET not in str(result)


def test_a_file_cannot_have_an_address_called(outcome):
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x"
        for make in (hostile.external_xml, hostile.external_docx, hostile.including_html):
            outcome(make(address), "a.xml")
        with pytest.raises(TimeoutError):
            server.accept()


def test_names_inside_an_archive_are_no_paths(outcome, canary):
    assert SECRET not in str(outcome(hostile.traversing_zip(canary), "a.zip"))


def test_names_of_attachments_are_no_paths(outcome, canary):
    assert SECRET not in str(outcome(hostile.traversing_mail(canary), "a.eml"))


def test_names_of_attachments_in_outlook_files_are_no_paths(outcome, canary):
    names = ("../" * 20 + str(canary).lstrip("/"), str(canary), f"..\\..\\{canary.name}")
    message = outlook_message(
        "Trip", "We leave.", dict.fromkeys(names, b"Overwritten by a message.")
    )
    result = outcome(message, "a.msg")
    assert result.count("Overwritten by a message.") == len(names)
    assert canary.read_text() == SECRET


def test_two_gigabytes_of_nothing_end_soon(outcome, tmp_path):
    path = tmp_path / "inside" / "sparse"
    with path.open("wb") as file:
        file.truncate(2 << 30)
    assert isinstance(outcome.path(path, "sparse.txt"), ParseError)


def test_a_polyglot_is_read_as_one_of_its_types(outcome):
    result = str(outcome(hostile.polyglot(), "a.pdf"))
    assert ("of the PDF" in result) != ("of the archive" in result)


def test_a_text_of_one_long_line_is_text_or_over_a_limit(outcome):
    result = outcome(hostile.one_line(), "long.txt")
    assert isinstance(result, ParseLimitError) or result.startswith("word word")


@pytest.mark.parametrize("kind", sorted(hostile.MAGIC_NUMBERS))
def test_a_false_magic_number_is_told(outcome, kind):
    noise = random.Random(kind).randbytes(20_000)
    result = outcome(hostile.MAGIC_NUMBERS[kind] + noise, f"noise.{kind}")
    assert isinstance(result, (ParseError, str))
    assert str(result)


def test_this_process_does_not_grow_with_a_bomb(outcome):
    outcome(b"warm", "a.txt")
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert harmless(outcome(hostile.laughing_docx(), "a.docx"))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown < 200_000  # KiB


def test_a_file_that_changes_while_it_is_read_hurts_nobody(outcome, tmp_path):
    path = tmp_path / "inside" / "changing"
    path.write_bytes(hostile.polyglot())
    stop = threading.Event()

    def change():
        while not stop.is_set():
            path.write_bytes(b"%PDF-1.7 " + random.randbytes(1000))
            path.write_bytes(hostile.polyglot())

    writer = threading.Thread(target=change)
    writer.start()
    try:
        for _ in range(5):
            assert isinstance(outcome.path(path, "a.pdf"), (ParseError, str))
    finally:
        stop.set()
        writer.join()


def children_of(pid):
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def test_several_threads_go_on_while_one_child_crashes(tmp_path):
    slow, quick = tmp_path / "slow", tmp_path / "quick"
    slow.write_bytes(b"<p>One of very many paragraphs.</p>" * 300_000)
    quick.write_text("Quick words.")
    with SandboxedParser(LIMITS) as parser, ThreadPoolExecutor(4) as pool:
        assert parser.parse(quick, "a.txt").text == "Quick words."
        parser.fork_server.start()
        crashing = pool.submit(parser.parse, slow, "slow.html")
        while not (children := children_of(parser.fork_server.pid)):
            time.sleep(0.01)
        others = [pool.submit(parser.parse, quick, f"{i}.txt") for i in range(12)]
        os.kill(children[0], signal.SIGSEGV)
        assert [other.result().text for other in others] == ["Quick words."] * 12
        assert isinstance(crashing.exception(), BrokenDocumentError)
