"""SQLite and PostgreSQL behave the same: one contract, two stores."""

import threading

import pytest

from index.types import Scope
from tests.fakes.store import Shelf

EVERYONE = Scope.of("default", [])


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    url = request.getfixturevalue("empty_postgres_url") if request.param == "postgresql" else None
    shelf = Shelf(tmp_path, url=url)
    yield shelf
    shelf.database.engine.dispose()


def names(library, *terms):
    with library.read(EVERYONE) as reader:
        hits = reader.lexical(list(terms), 50)
        return [chunk.filename for chunk in reader.chunks([hit.chunk for hit in hits])]


def test_put_move_and_remove_are_seen_by_another_library_at_once(shelf):
    other = shelf.open()
    key = shelf.put("lamp oil", filename="a.txt")
    assert names(other, "lamp") == ["a.txt"]
    shelf.move(key, allow=["user:bob"])
    assert names(other, "lamp") == []
    shelf.move(key, allow=["tenant:all"])
    assert names(other, "lamp") == ["a.txt"]
    shelf.remove(key)
    assert names(other, "lamp") == []


def test_boxes_texts_neighbours_and_vectors_are_read_back(shelf):
    shelf.put("one lamp", "two fog", "three bell", filename="a.txt")
    with shelf.library.read(EVERYONE) as reader:
        hit = reader.lexical(["fog"], 1)[0]
        chunk = reader.chunks([hit.chunk])[0]
        assert [c.text for c in reader.neighbours(chunk, 1)] == [
            "one lamp",
            "two fog",
            "three bell",
        ]
        assert reader.document_text(chunk.document_key, chunk.start, chunk.end) == "two fog"
        assert reader.boxes(chunk.document_key, 0, 5) == []
        assert reader.vectors([hit.chunk, hit.chunk]).shape == (2, shelf.embedder.dimension)


def test_no_committed_change_is_ever_skipped_by_a_follower(shelf):
    """Two writers interleave; a follower that reads all the while must see every document."""
    writers = [
        threading.Thread(
            target=lambda n=n: [shelf.put("lamp", filename=f"{n}-{i}.txt") for i in range(10)]
        )
        for n in range(3)
    ]
    follower = shelf.open()
    for writer in writers:
        writer.start()
    seen = 0
    while any(writer.is_alive() for writer in writers):
        now = len(names(follower, "lamp"))
        assert now >= seen
        seen = now
    assert len(names(follower, "lamp")) == 30


def test_a_change_that_is_not_committed_is_not_seen(shelf):
    follower = shelf.open()
    entered, leave = threading.Event(), threading.Event()

    def hold():
        from index.db.change_log import record_change

        with shelf.database.write() as session:
            record_change(session, 999, [], "put")
            entered.set()
            leave.wait(20)

    shelf.put("lamp", filename="a.txt")
    writer = threading.Thread(target=hold)
    writer.start()
    entered.wait(20)
    assert names(follower, "lamp") == ["a.txt"]
    before = follower.index.newest.seq
    leave.set()
    writer.join()
    names(follower, "lamp")
    assert follower.index.newest.seq == before + 1
