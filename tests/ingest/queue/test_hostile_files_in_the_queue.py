"""Hostile files through upload, queue, worker and sandbox, to a state with a reason."""

from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.pipeline import IngestDependencies
from ingest.queue.jobs import get_job
from ingest.sandbox.parser import ParseLimits, SandboxedParser
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes import hostile
from tests.fakes.store import Shelf

LIMITS = ParseLimits(memory_bytes=1 << 30, cpu_seconds=15, wall_seconds=30, output_bytes=64 << 20)
ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann", "reader")
FAILING = {
    "bomb.zip": lambda: hostile.zip_bomb(2),
    "crowded.zip": lambda: hostile.crowded_zip(1_500),
    "laughs.docx": hostile.laughing_docx,
    "laughs.svg": hostile.laughing_svg,
    "nested.zip": hostile.nested_zip,
    "million.pdf": hostile.million_page_pdf,
    "loop.pdf": hostile.looping_pdf,
    "external.xml": lambda: hostile.external_xml("file:///etc/passwd"),
}


def upload(shelf, content, name):
    body = Upload(blocks=[content], filename=name)
    return accept(shelf.library, ANN, body, limit_bytes=64 << 20).job_id


def test_each_hostile_file_fails_alone_with_a_reason_and_the_next_is_searchable(tmp_path):
    shelf = Shelf(tmp_path)
    with SandboxedParser(LIMITS) as parser:
        jobs = {name: upload(shelf, make(), name) for name, make in FAILING.items()}
        sound = upload(shelf, b"The lamp is lit at dusk.", "sound.txt")
        dependencies = IngestDependencies(shelf.embedder, parser, ChunkingConfig())
        Worker(shelf.library, dependencies).run_until_idle(threads=2)
    ended = {name: get_job(shelf.database, ANN, job) for name, job in jobs.items()}
    assert {name: job.state for name, job in ended.items()} == dict.fromkeys(FAILING, "failed")
    assert all(job.reason for job in ended.values())
    assert get_job(shelf.database, ANN, sound).state == "succeeded"


def test_names_in_archives_and_mail_reach_no_file_through_the_queue(tmp_path):
    outside = tmp_path / "outside.txt"
    outside.write_text("untouched")
    shelf = Shelf(tmp_path / "store")
    jobs = [
        upload(shelf, hostile.traversing_zip(outside), "a.zip"),
        upload(shelf, hostile.traversing_mail(outside), "a.eml"),
    ]
    with SandboxedParser(LIMITS) as parser:
        dependencies = IngestDependencies(shelf.embedder, parser, ChunkingConfig())
        Worker(shelf.library, dependencies).run_until_idle(threads=2)
    assert [get_job(shelf.database, ANN, job).state for job in jobs] == ["succeeded"] * 2
    assert outside.read_text() == "untouched"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["outside.txt", "store"]
