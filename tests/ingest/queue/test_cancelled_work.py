"""Work on hostile content ends soon after its job is cancelled, in the child and in the worker."""

import threading
import time
from pathlib import Path

import pytest

from index.detectors import screen
from index.types import Actor, Scope
from ingest.cancellation import TimeBudget, cancellable
from ingest.chunking.chunker import ChunkingConfig, chunk
from ingest.errors import BrokenDocumentError, JobNotRunnableError, ParseLimitError
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import cancel_job, get_job
from ingest.sandbox.parser import ParseLimits, SandboxedParser
from ingest.sandbox.protocol import pack_bytes, unpack_findings
from ingest.screening.detector import RuleDetector
from ingest.screening.sandboxed_rules import SHORT, SandboxedRules
from ingest.types import Block, ParsedDocument
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import Shelf

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann", "reader")
LIMITS = ParseLimits(cpu_seconds=300, wall_seconds=300)
CONTACTS = "".join(f"Ann,ann{i}@lamp.example,+44 20 7946 {i:04d}\n" for i in range(200))


def children_of(pid):
    return Path(f"/proc/{pid}/task/{pid}/children").read_text().split()


def until(condition, seconds=60):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come to pass"
        time.sleep(0.02)


def test_a_cancelled_job_ends_its_child_long_before_the_limit(tmp_path):
    shelf = Shelf(tmp_path)
    with SandboxedParser(LIMITS) as sandbox:
        sandbox.prove()
        deep = "".join(f"<table><tr><td>{'<b>' * 100}x" for _ in range(4_000))
        upload = Upload("deep.html", [deep.encode() * 40])
        job = accept(shelf.library, ANN, upload, limit_bytes=1 << 30).job_id
        dependencies = IngestDependencies(shelf.embedder, sandbox, ChunkingConfig())
        worker = Worker(shelf.library, dependencies)
        thread = threading.Thread(target=worker.run_once)
        thread.start()
        until(lambda: get_job(shelf.database, ANN, job).state == "running")
        until(lambda: sandbox.fork_server.pid and children_of(sandbox.fork_server.pid))
        cancel_job(shelf.database, ANN, job)
        began = time.monotonic()
        thread.join(timeout=60)
        assert not thread.is_alive()
        until(lambda: not children_of(sandbox.fork_server.pid))
        assert time.monotonic() - began < 30  # of the 300 that the limits leave
        assert get_job(shelf.database, ANN, job).state == "cancelled"
        assert sandbox.parse(_plain(tmp_path), "a.txt").text == "The lamp is lit."


def _plain(folder):
    path = folder / "a.txt"
    path.write_text("The lamp is lit.")
    return path


def test_the_rules_find_the_same_in_a_child():
    with SandboxedParser(LIMITS) as sandbox:
        rules = SandboxedRules(sandbox)
        assert len(CONTACTS) > SHORT
        assert list(rules.find(CONTACTS)) == screen(CONTACTS)
        assert rules.name == RuleDetector.name
        assert rules.find("\u00e4 ann@lamp.example" + " " * SHORT)[-1].start == 2


def test_screening_that_takes_too_long_is_ended_and_says_so():
    limits = ParseLimits(cpu_seconds=1, wall_seconds=30)
    with (
        SandboxedParser(limits) as sandbox,
        pytest.raises(ParseLimitError, match="Split it into smaller files"),
    ):
        sandbox.screen("a@1.1." * 10_000_000)


@pytest.mark.parametrize(
    "frame", [b'[["personal", "email", 0, 99]]', b'[["personal", "made-up", 0, 1]]', b"[[1]]", b"{"]
)
def test_findings_that_a_child_made_up_are_refused(frame):
    with pytest.raises(BrokenDocumentError):
        unpack_findings(pack_bytes(frame), 10)


def plain_document(text, kind="paragraph"):
    return ParsedDocument(text, (Block(kind, 0, len(text)),), "text/plain", "x")


def test_chunking_ends_when_its_job_is_lost():
    measured = []

    def is_lost():
        measured.append(1)
        return len(measured) > 5

    with cancellable(is_lost), pytest.raises(JobNotRunnableError):
        chunk(
            plain_document("The lamp is lit. " * 5_000), "t", FakeEmbedder(max_tokens=32),
            ChunkingConfig(), check_time=TimeBudget(60).check,
        )  # fmt: skip
    assert len(measured) == 6


def test_chunking_has_a_time_budget():
    with pytest.raises(ParseLimitError, match="Split it"):
        chunk(
            plain_document("The lamp is lit. " * 50), "t", FakeEmbedder(max_tokens=32),
            ChunkingConfig(), check_time=TimeBudget(-1).check,
        )  # fmt: skip


class CountingEmbedder(FakeEmbedder):
    """Adds up the characters that are measured."""

    def __init__(self, **options):
        super().__init__(**options)
        self.work = 0

    def count_tokens(self, text):
        self.work += len(text) + 1
        return super().count_tokens(text)


SHAPES = {
    "one word": lambda n: plain_document("a" * n),
    "words": lambda n: plain_document("ab " * (n // 3)),
    "sentences": lambda n: plain_document("It is lit. " * (n // 11)),
    "stops": lambda n: plain_document("." * n),
    "lines": lambda n: plain_document("a\n" * (n // 2), "table"),
    "a giant heading": lambda n: ParsedDocument(
        "h" * n + "\n\n" + "It is lit. " * (n // 11),
        (Block("heading", 0, n, 1), Block("paragraph", n + 2, n + 2 + n // 11 * 11)),
        "text/plain", "x",
    ),
    "ever deeper headings": lambda n: ParsedDocument(
        "head\n" * (n // 5),
        tuple(Block("heading", 5 * i, 5 * i + 4, i + 1) for i in range(n // 5)), "text/plain", "x",
    ),
}  # fmt: skip


@pytest.mark.parametrize("shape", SHAPES)
def test_the_work_of_chunking_grows_in_step_with_the_text(shape):
    def work(size):
        embedder = CountingEmbedder(max_tokens=64)
        chunks = chunk(SHAPES[shape](size), "t", embedder, ChunkingConfig())
        return embedder.work + sum(len(name) for one in chunks for name in one.headings)

    assert work(80_000) <= 2.5 * work(40_000)
