"""``footnote verify`` finds damage, changes nothing, and goes on where it was stopped."""

import json
import os
import time

import pytest
from alembic import command
from sqlalchemy import select, update

from api.cli import main
from api.operations.scrub import STATE_FILE, ScrubDependencies, scrub
from index.db.alembic_runner import config
from index.db.database import Database
from index.db.tables.access import ClassPrincipal
from index.db.tables.documents import ChunkRow, Document, Vector, Version
from index.documents import get_text
from index.errors import TextDamagedError
from index.integrity.damage import Throttle
from index.storage.blob_store import FolderBlobs
from index.storage.store_identity import check_store
from index.types import Actor, Scope
from ingest.chunking.chunker import ChunkingConfig
from ingest.pipeline import IngestDependencies
from ingest.upload import Upload, accept
from ingest.worker import Worker
from tests.fakes.parsers import PlainParser
from tests.fakes.store import Shelf

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
TEXT = "The lamp of tower {} is lit at dusk, and its log is written in ink."


@pytest.fixture
def shelf(tmp_path):
    shelf = Shelf(tmp_path / "data")
    for number in range(3):
        upload = Upload(f"note-{number}.txt", [TEXT.format(number).encode()])
        accept(shelf.library, ANN, upload, limit_bytes=1 << 20)
    worker = Worker(
        shelf.library, IngestDependencies(shelf.embedder, PlainParser(), ChunkingConfig())
    )
    worker.run_until_idle(threads=1)
    check_store(shelf.database, shelf.library.blobs)
    yield shelf
    shelf.database.engine.dispose()


def dependencies(shelf, blobs=None, throttle=None):
    return ScrubDependencies(
        shelf.database, blobs or shelf.library.blobs, shelf.folder, throttle or Throttle()
    )


def originals(shelf):
    return sorted((shelf.folder / "blobs").glob("??/*"))


def found(shelf):
    report = scrub(dependencies(shelf))
    return [(one.part, one.detail) for one in report.damage]


def test_a_store_as_it_was_written_is_sound(shelf):
    report = scrub(dependencies(shelf))
    assert (report.is_sound, report.damage, report.notes) == (True, (), ())
    assert (report.documents, report.originals, report.resumed) == (3, 3, False)
    assert not (shelf.folder / STATE_FILE).exists()


@pytest.mark.parametrize(
    ("statement", "detail"),
    [
        (update(Document).values(title="Lamq"), "a row of documents does not match its seal"),
        (update(Version).values(text="Lamq"), "the text does not match its digest"),
        (update(Version).values(sha256="0" * 64), "a row of versions does not match its seal"),
        (update(ChunkRow).values(text="Lamq"), "chunk 0 does not match its digest"),
        (update(ChunkRow).values(start=3), "a row of chunks does not match its seal"),
        (update(Vector).values(data=b"\0" * 128), "a row of vectors does not match its seal"),
        (
            update(ClassPrincipal).values(principal="user:eve"),
            "the access list is not as it was made",
        ),
    ],
)
def test_a_changed_row_is_found(shelf, statement, detail):
    with shelf.database.write() as session:
        session.connection().execute(statement)
    assert ("rows", detail) in found(shelf)


def test_a_damaged_text_is_not_served(shelf):
    with shelf.database.write() as session:
        document_id = session.scalars(select(Document.id)).first()
        session.connection().execute(update(Version).values(text="The lamp is lit at dawn."))
    with pytest.raises(TextDamagedError, match="footnote verify"):
        get_text(shelf.library, ANN.scope, document_id)


def test_a_damaged_chunk_leaves_no_search(shelf):
    with shelf.library.read(ANN.scope) as reader:
        assert len(reader.chunks([hit.chunk for hit in reader.lexical(["lamp"], 9)])) == 3
    with shelf.database.write() as session:
        session.connection().execute(update(ChunkRow).values(text="The lamp is lit at dawn."))
    with shelf.library.read(ANN.scope) as reader, pytest.raises(TextDamagedError):
        reader.chunks([hit.chunk for hit in reader.lexical(["lamp"], 9)])


def test_damage_that_sqlite_knows_of_is_found(shelf):
    with shelf.database.engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    shelf.database.engine.dispose()
    path = shelf.folder / "footnote.db"
    data = bytearray(path.read_bytes())
    data[8192:8292] = b"\xff" * 100
    path.write_bytes(data)
    assert any(part == "database" for part, _ in found(shelf))


def test_damaged_and_missing_originals_are_found_and_orphans_are_a_note(shelf):
    first, second, _ = originals(shelf)
    first.write_bytes(b"X" + first.read_bytes()[1:])
    second.unlink()
    orphan = shelf.library.blobs.put([b"nobody's"])
    old = time.time() - 10 * 86_400
    os.utime(shelf.folder / "blobs" / orphan[:2] / orphan, (old, old))
    report = scrub(dependencies(shelf))
    assert {(one.subject, one.detail) for one in report.damage} == {
        (first.name, "its SHA-256 does not match"),
        (second.name, "it is missing"),
    }
    assert [(one.part, one.subject) for one in report.notes] == [("orphans", orphan)]


@pytest.mark.parametrize("name", ["manifest.json", "vectors.npy", "posting.npy", "alive-*.npy"])
def test_a_flipped_byte_of_the_index_is_found(shelf, name):
    path = next((shelf.folder / "index").rglob(name))
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)
    assert [part for part, _ in found(shelf)] == ["index"]


def test_an_index_that_disagrees_with_the_database_is_found(shelf):
    with shelf.database.write() as session:
        session.connection().execute(update(ChunkRow).values(ordinal=5))
    assert any(part == "index" and "not as in the database" in why for part, why in found(shelf))


class StoppingBlobs(FolderBlobs):
    """Are interrupted at the second original; count what is opened."""

    def __init__(self, folder, *, stop_at):
        super().__init__(folder)
        self.opened = []
        self._stop_at = stop_at

    def open(self, name):
        self.opened.append(name)
        if len(self.opened) == self._stop_at:
            raise KeyboardInterrupt
        return super().open(name)


def test_a_stopped_run_goes_on_where_it_was_and_keeps_what_it_found(shelf):
    first = originals(shelf)[0]
    first.write_bytes(b"damaged")
    blobs = StoppingBlobs(shelf.folder / "blobs", stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        scrub(dependencies(shelf, blobs))
    later = StoppingBlobs(shelf.folder / "blobs", stop_at=0)
    report = scrub(dependencies(shelf, later))
    assert [path.name for path in originals(shelf)[1:]] == later.opened
    assert [one.subject for one in report.damage] == [first.name]
    assert (report.originals, report.resumed) == (3, True)


def test_a_restart_looks_at_everything(shelf):
    blobs = StoppingBlobs(shelf.folder / "blobs", stop_at=2)
    with pytest.raises(KeyboardInterrupt):
        scrub(dependencies(shelf, blobs))
    later = StoppingBlobs(shelf.folder / "blobs", stop_at=0)
    assert scrub(dependencies(shelf, later), is_restarting=True).originals == 3
    assert len(later.opened) == 3


def test_a_damaged_state_file_begins_at_the_start(shelf):
    (shelf.folder / STATE_FILE).write_bytes(b'{"stage": "ind\xff')
    assert scrub(dependencies(shelf)).originals == 3


def test_a_rate_lets_so_many_bytes_pass_a_second():
    pauses = []
    throttle = Throttle(100, now=lambda: sum(pauses), sleep=pauses.append)
    for _ in range(5):
        throttle.take(50)
    assert sum(pauses) == pytest.approx(2.5)


def test_the_command_has_exit_codes_for_cron_and_an_object_for_programs(shelf, capsys):
    folder = str(shelf.folder)
    assert main(["verify", "--data", folder, "--rate", "100000000"]) == 0
    assert capsys.readouterr().out == "No damage: 3 documents, 3 originals.\n"
    originals(shelf)[0].write_bytes(b"damaged")
    assert main(["verify", "--data", folder, "--json"]) == 1
    report = json.loads(capsys.readouterr().out)
    assert (report["is_sound"], report["damage"][0]["part"]) == (False, "originals")
    assert main(["verify", "--data", folder + "-nowhere"]) == 2


@pytest.mark.integration
def test_a_store_on_postgresql_is_verified_row_by_row(postgres_url, tmp_path):
    database = Database(postgres_url)
    database.create()
    shelf = Shelf(tmp_path / "data", url=postgres_url)
    shelf.put("The lamp is lit.", "Oil.")
    shelf.library.save()
    with shelf.database.write() as session:
        session.connection().execute(update(ChunkRow).values(text="Lamq"))
    details = {one.detail for one in scrub(dependencies(shelf)).damage}
    assert {"chunk 0 does not match its digest", "it is missing"} <= details
    database.engine.dispose()
    shelf.database.engine.dispose()


def test_a_store_of_an_older_version_is_not_taken_for_a_damaged_one(shelf, capsys):
    command.downgrade(config(shelf.database.engine), "0026")
    assert main(["verify", "--data", str(shelf.folder)]) == 1
    printed = capsys.readouterr()
    assert "Run `footnote doctor --migrate`" in printed.err
    assert "DAMAGE" not in printed.out
    assert main(["doctor", "--migrate", "--data", str(shelf.folder)]) == 0
    assert main(["verify", "--data", str(shelf.folder)]) == 0
