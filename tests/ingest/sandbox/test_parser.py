import io
import os
import shutil
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageDraw, ImageFont
from pypdfium2 import PdfDocument

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    NoSuchPageError,
    ParseLimitError,
    SandboxUnprovenError,
    UnsupportedTypeError,
)
from ingest.parse import parse_file
from ingest.sandbox import protocol as wire
from ingest.sandbox.parser import ForkServerProcess, ParseLimits, SandboxedParser, prove_confinement
from ingest.sandbox.self_test import Proof
from tests.conftest import missing
from tests.fakes.documents import zipped
from tests.fakes.pdf import column, write_pdf
from tests.ingest.parse.test_formats import message

PDF = write_pdf([column(["Some text on a page.", "And a second line of it."])])


@pytest.fixture(scope="module")
def fork_server():
    process = ForkServerProcess()
    yield process
    process.close()


@pytest.fixture
def sandbox(fork_server):
    return SandboxedParser(fork_server=fork_server)


@pytest.fixture
def file(tmp_path):
    def write(content, name="blob"):
        path = tmp_path / name
        path.write_bytes(content)
        return path

    return write


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.pdf", PDF),
        ("a.md", b"# Title\n\n- one\n- two\n"),
        ("a.html", b"<html><title>T</title><p>A paragraph.</p><table><tr><td>1<td>2</table>"),
        ("a.txt", "Plain \U0001f40d text.\n\nTwo.".encode()),
    ],
)
def test_a_child_reads_the_same_as_this_process(sandbox, file, name, content):
    path = file(content)
    assert sandbox.parse(path, name) == parse_file(path, name)


@pytest.mark.parametrize(
    ("content", "error"),
    [
        (b"", EmptyDocumentError),
        (write_pdf([[]]), EmptyDocumentError),
        (write_pdf([column(["x"])], encrypted=True), EncryptedDocumentError),
        (b"%PDF-1.4 rubbish", BrokenDocumentError),
        (b"\x1f\x8b\x08", UnsupportedTypeError),
    ],
)
def test_the_reason_of_a_failure_comes_back(sandbox, file, content, error):
    with pytest.raises(error) as local_error:
        parse_file(file(content), "a")
    with pytest.raises(error) as child_error:
        sandbox.parse(file(content), "a")
    assert str(child_error.value) == str(local_error.value)


def test_the_class_of_what_a_parser_raised_comes_back_for_the_log_and_not_for_people(sandbox, file):
    with pytest.raises(BrokenDocumentError) as caught:
        sandbox.parse(file(b"%PDF-1.4 rubbish"), "a.pdf")
    assert caught.value.__notes__ == ["PdfiumError"]
    assert "PdfiumError" not in str(caught.value)


@pytest.mark.parametrize("cause", ["", "a b", 'x", "code": "y', "E" * 81, "Err\u00f6r"])
def test_what_is_no_name_of_a_class_does_not_get_into_the_log(cause):
    with pytest.raises(BrokenDocumentError) as caught:
        wire.unpack_document(wire.pack_error("broken-document", "Damaged.", cause=cause))
    assert not hasattr(caught.value, "__notes__")


def test_pages_are_drawn_in_a_child(sandbox, file):
    small = sandbox.render_page(file(PDF), 1, scale=0.5)
    large = sandbox.render_page(file(PDF), 1, scale=1.0)
    assert small.startswith(b"\x89PNG")
    assert len(large) > len(small)


def test_a_page_that_is_not_there_is_not_drawn(sandbox, file):
    for path in (file(PDF), file(b"text", "text")):
        with pytest.raises(NoSuchPageError):
            sandbox.render_page(path, 2)
    with pytest.raises(ParseLimitError):
        sandbox.render_page(file(PDF), 1, scale=1000)


def scan(kind):
    """Draw a line of text as a picture, or fail loudly where nobody could read it."""
    if shutil.which("tesseract") is None:
        missing("Tesseract", "Run `make test`, or: apt-get install tesseract-ocr")
    picture = Image.new("RGB", (900, 200), "white")
    font = ImageFont.load_default(48)
    ImageDraw.Draw(picture).text((20, 60), "The lamp is lit", fill="black", font=font)
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "PDF"])
def test_text_in_a_picture_is_recognised_in_a_child(sandbox, file, kind):
    assert "lamp is lit" in sandbox.parse(file(scan(kind)), f"scan.{kind.lower()}").text


@pytest.mark.parametrize("kind", ["PNG", "PDF"])
def test_a_picture_in_an_archive_or_a_message_is_recognised_too(sandbox, file, kind):
    name = f"scan.{kind.lower()}"
    archive = zipped({"note.txt": "A note.", name: scan(kind)})
    mail = message(attachments=[(name, scan(kind))])
    for content, outer in ((archive, "a.zip"), (mail, "a.eml"), (zipped({name: scan(kind)}), "b")):
        assert "lamp is lit" in sandbox.parse(file(content), outer).text


def test_a_scanned_page_among_pages_of_text_is_recognised_in_its_place(sandbox, file):
    with PdfDocument.new() as whole, PdfDocument(scan("PDF")) as middle:
        for part in (PdfDocument(PDF), middle, PdfDocument(write_pdf([[]])), PdfDocument(PDF)):
            whole.import_pages(part)
        out = io.BytesIO()
        whole.save(out)
    parsed_document = sandbox.parse(file(out.getvalue()), "mixed.pdf")
    (scanned_block,) = [block for block in parsed_document.blocks if block.page == 2]
    assert "lamp is lit" in parsed_document.text[scanned_block.start : scanned_block.end]
    pages = [block.page for block in parsed_document.blocks]
    assert pages == sorted(pages)
    assert [warning[:20] for warning in parsed_document.warnings] == [
        "No text on page 3: b", "The text was recogni",
    ]  # fmt: skip


def test_several_threads_share_a_sandbox(sandbox, file):
    paths = [file(f"Text number {i}.".encode(), f"{i}.txt") for i in range(12)]
    with ThreadPoolExecutor(4) as pool:
        texts = list(pool.map(lambda path: sandbox.parse(path, path.name).text, paths))
    assert texts == [f"Text number {i}." for i in range(12)]


def slow_page():
    return b"<p>One of very many paragraphs.</p>" * 300_000


def test_too_much_wall_time_ends_the_child(fork_server, file):
    parser = SandboxedParser(ParseLimits(wall_seconds=1), fork_server=fork_server)
    with pytest.raises(ParseLimitError, match="longer than the 1 seconds"):
        parser.parse(file(slow_page()), "a.html")
    assert parser.parse(file(b"next", "b"), "b.txt").text == "next"


def test_too_much_computing_ends_the_child(fork_server, file):
    parser = SandboxedParser(ParseLimits(cpu_seconds=1), fork_server=fork_server)
    with pytest.raises(ParseLimitError, match="more than 1 seconds of computing"):
        parser.parse(file(slow_page()), "a.html")


def test_too_much_memory_ends_the_child(fork_server, file):
    parser = SandboxedParser(ParseLimits(memory_bytes=8 << 20), fork_server=fork_server)
    with pytest.raises(ParseLimitError, match=r"memory|large"):
        parser.parse(file(b"many words " * 2_000_000), "a.txt")
    assert parser.parse(file(b"next", "b"), "b.txt").text == "next"


def test_too_much_text_is_not_handed_over(fork_server, file):
    parser = SandboxedParser(ParseLimits(output_bytes=1000), fork_server=fork_server)
    with pytest.raises(ParseLimitError, match="more text"):
        parser.parse(file(b"many words " * 500), "a.txt")


def test_a_sandbox_that_was_killed_starts_again(sandbox, fork_server, file):
    fork_server.start()
    killed = fork_server.pid
    os.kill(killed, signal.SIGKILL)
    assert sandbox.parse(file(b"still here"), "a.txt").text == "still here"
    assert fork_server.pid != killed


def test_a_slow_file_does_not_hold_up_another(fork_server, sandbox, file):
    hurried = SandboxedParser(ParseLimits(wall_seconds=2), fork_server=fork_server)
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(hurried.parse, file(slow_page(), "slow"), "a.html")
        assert sandbox.parse(file(b"quick", "quick"), "b.txt").text == "quick"
        assert not slow.done()
        assert isinstance(slow.exception(), ParseLimitError)


@pytest.mark.parametrize("loads", ["all", "light"])
def test_the_preloaded_process_inherits_no_secrets_no_torch_and_no_spacy(monkeypatch, loads):
    monkeypatch.setenv("FOOTNOTE_SECRET", "hush")
    process = ForkServerProcess(loads)
    process.start()
    environment = Path(f"/proc/{process.pid}/environ").read_bytes()
    process.close()
    assert b"hush" not in environment
    script = (
        f"from ingest.sandbox.fork_server import preload; preload({loads!r}); "
        "import sys; print({'torch', 'spacy.language'} & {*sys.modules})"
    )
    process = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    assert process.stdout.strip() == b"set()"


def test_a_child_without_network_reaches_nothing():
    script = """
import socket, sys
from ingest.sandbox.confinement import leave_network
if not leave_network():
    print("not permitted")
    sys.exit()
try:
    socket.create_connection(("127.0.0.1", int(sys.argv[1])), timeout=2)
    print("connected")
except OSError:
    print("unreachable")
"""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = str(server.getsockname()[1])
        process = subprocess.run(
            [sys.executable, "-c", script, port], capture_output=True, check=True
        )
    if process.stdout.strip() == b"not permitted":
        pytest.skip("this kernel permits no network namespaces here")
    assert process.stdout.strip() == b"unreachable"


class LeakySandbox(SandboxedParser):
    """Finds that its children are not confined, as on a kernel without the means."""

    def prove(self):
        return [Proof({"landlock": False}, ("read a file outside",))]


def test_a_real_child_is_refused_every_way_out():
    for proof in prove_confinement():
        assert proof.layers["limits"]
        assert proof.layers["descriptors"]
        if proof.layers["landlock"] and proof.layers["seccomp"]:
            assert proof.open_doors == ()
        else:
            assert proof.open_doors


def test_where_children_are_not_confined_no_file_is_read(fork_server, file):
    leaky = LeakySandbox(fork_server=fork_server)
    with pytest.raises(SandboxUnprovenError, match="could read a file outside"):
        leaky.parse(file(b"text"), "a.txt")
    with pytest.raises(SandboxUnprovenError):
        leaky.render_page(file(PDF), 1)


def test_an_operator_may_read_files_without_a_proof(fork_server, file):
    leaky = LeakySandbox(fork_server=fork_server, allow_weak=True)
    assert leaky.parse(file(b"text"), "a.txt").text == "text"


def test_a_child_that_says_nothing_sensible_proves_nothing(fork_server):
    with pytest.raises(SandboxUnprovenError, match="did not report how it is confined"):
        SandboxedParser(ParseLimits(output_bytes=1), fork_server=fork_server).prove()


def unconfined(script, *arguments):
    """Run a script that confines itself; return what it printed."""
    prelude = """
import os, sys
from pathlib import Path
from ingest.sandbox import landlock, seccomp
import ctypes
ctypes.CDLL(None).prctl(38, 1, 0, 0, 0)
def tried(attempt):
    try:
        attempt()
        print("done")
    except OSError as error:
        print(error.errno)
"""
    whole = [sys.executable, "-c", prelude + script, *map(str, arguments)]
    return subprocess.run(whole, capture_output=True, check=True, text=True).stdout.split()


def test_the_filter_alone_refuses_calls_and_leaves_threads_and_reading(tmp_path):
    (tmp_path / "a").write_text("x")
    printed = unconfined(
        """
import socket, threading
print(seccomp.filter_calls(seccomp.SeccompFilter()))
folder = Path(sys.argv[1])
for attempt in (
    os.fork,
    lambda: os.execv("/bin/true", ["true"]),
    socket.socket,
    lambda: os.kill(os.getppid(), 0),
    lambda: (folder / "b").write_text("x"),
    lambda: (folder / "a").unlink(),
    lambda: (folder / "a").rename(folder / "c"),
    lambda: (folder / "a").chmod(0o777),
    (folder / "a").read_text,
    lambda: os.kill(os.getpid(), 0),
    lambda: threading.Thread(target=lambda: None).start(),
):
    tried(attempt)
""",
        tmp_path,
    )
    if printed[0] != "True":
        pytest.skip("this kernel or machine has no filter for system calls")
    assert printed[1:9] == ["1"] * 8
    assert printed[9:] == ["done"] * 3


def test_landlock_alone_leaves_what_is_named(tmp_path):
    for name in ("read", "scratch", "outside"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "a").write_text("x")
    printed = unconfined(
        """
folder = Path(sys.argv[1])
reach = landlock.Reach(readable=[folder / "read"], writable=[folder / "scratch"])
print(landlock.restrict(reach))
for attempt in (
    (folder / "read" / "a").read_text,
    lambda: (folder / "scratch" / "b").write_text("x"),
    (folder / "outside" / "a").read_text,
    lambda: (folder / "read" / "b").write_text("x"),
    lambda: (folder / "outside" / "a").unlink(),
    lambda: os.execv("/bin/true", ["true"]),
):
    tried(attempt)
""",
        tmp_path,
    )
    if printed[0] != "True":
        pytest.skip("this kernel has no Landlock")
    assert printed[1:] == ["done", "done", "13", "13", "13", "13"]


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"nonsense",
        wire.pack_bytes(b"not a document"),
        wire.pack_error("no-such-code", "x"),
        wire._frame(b"D", {"text": "short"}, b""),
        wire._frame(
            b"D",
            {
                "text": "short", "blocks": [["paragraph", 0, 99, 0, None]], "media_type": "t",
                "parser": "p", "title": None, "pages": None, "warnings": [],
            },
            b"",
        ),
    ],
)  # fmt: skip
def test_a_frame_that_is_not_sound_is_refused(frame):
    with pytest.raises(BrokenDocumentError, match="usable result"):
        wire.unpack_document(frame)
