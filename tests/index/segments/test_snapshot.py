"""The index on disk: it comes back as it was, or it is rebuilt."""

import json
import zlib

from index.db.sqlite_driver import driver
from index.types import Scope
from tests.fakes.store import Shelf

EVERYONE = Scope.of("default", [])


def search(library, shelf):
    with library.read(EVERYONE) as reader:
        hits = reader.dense(shelf.vector("lamp fog"), 10) + reader.lexical(["lamp", "fog"], 10)
        chunks = reader.chunks([hit.chunk for hit in hits])
        return [(c.filename, c.ordinal, h.score) for c, h in zip(chunks, hits, strict=True)]


def filled_shelf(folder):
    shelf = Shelf(folder)
    keys = [shelf.put(f"lamp {n}", "fog and bell", filename=f"{n}.txt") for n in range(12)]
    shelf.remove(keys[3])
    return shelf


def test_a_saved_index_comes_back_equal(tmp_path):
    shelf = filled_shelf(tmp_path)
    expected = search(shelf.library, shelf)
    assert shelf.library.save()
    again = shelf.open()
    assert again.index.newest.seq == shelf.library.index.newest.seq
    assert search(again, shelf) == expected


def test_changes_after_the_snapshot_are_replayed(tmp_path):
    shelf = filled_shelf(tmp_path)
    shelf.library.save()
    key = shelf.put("fog lamp lamp", filename="late.txt")
    again = shelf.open()
    assert any(name == "late.txt" for name, _, _ in search(again, shelf))
    shelf.remove(key)
    assert not any(name == "late.txt" for name, _, _ in search(again, shelf))


def test_a_flipped_byte_is_noticed_and_the_index_rebuilt(tmp_path):
    shelf = filled_shelf(tmp_path)
    expected = search(shelf.library, shelf)
    shelf.library.save()
    for turn in range(6):
        path = sorted((tmp_path / "index").rglob("*.npy"))[turn * 3]
        data = bytearray(path.read_bytes())
        data[-1] ^= 0x40
        path.write_bytes(data)
        again = shelf.open()
        assert again.index.newest.seq == 0
        assert search(again, shelf) == expected
        again.save()


def test_saving_twice_keeps_one_set_of_files(tmp_path):
    shelf = filled_shelf(tmp_path)
    shelf.library.save()
    first = {path.name for path in (tmp_path / "index").iterdir() if path.is_dir()}
    shelf.library.save()
    assert {path.name for path in (tmp_path / "index").iterdir() if path.is_dir()} == first


def test_a_rebuild_from_the_database_equals_the_running_index(tmp_path):
    shelf = filled_shelf(tmp_path)
    assert search(shelf.open(), shelf) == search(shelf.library, shelf)


def test_a_snapshot_of_another_store_is_not_used(tmp_path):
    shelf = filled_shelf(tmp_path / "one")
    shelf.library.save()
    (tmp_path / "two").mkdir()
    (tmp_path / "one" / "index").rename(tmp_path / "two" / "index")
    other = Shelf(tmp_path / "two")
    other.put("lamp", filename="mine.txt")
    assert {name for name, _, _ in search(other.open(), other)} == {"mine.txt"}


def test_a_snapshot_of_another_analyser_is_rebuilt_from_the_stored_text(tmp_path):
    shelf = Shelf(tmp_path)
    shelf.put("Bolt M12x60 holds.", filename="bolt.txt")
    expected = search(shelf.library, shelf)
    shelf.library.save()
    (manifest,) = (tmp_path / "index").rglob("manifest.json")
    body = {**json.loads(manifest.read_text())["body"], "analyser": "3"}
    checksum = zlib.crc32(json.dumps(body, sort_keys=True).encode())
    manifest.write_text(json.dumps({"checksum": checksum, "body": body}))
    again = shelf.open()
    assert again.index.newest.seq == 0
    assert search(again, shelf) == expected
    again.save()
    assert json.loads(manifest.read_text())["body"]["analyser"] != "3"


def test_a_snapshot_from_after_a_restored_database_is_not_used(tmp_path):
    shelf = filled_shelf(tmp_path)
    with driver().connect(tmp_path / "footnote.db") as connection:
        connection.execute("VACUUM INTO ?", (str(tmp_path / "old.db"),))
    shelf.put("lamp", filename="late.txt")
    shelf.library.save()
    shelf.database.engine.dispose()
    for name in ("footnote.db", "footnote.db-wal", "footnote.db-shm"):
        (tmp_path / name).unlink(missing_ok=True)
    (tmp_path / "old.db").rename(tmp_path / "footnote.db")
    restored = Shelf(tmp_path)
    assert not any(name == "late.txt" for name, _, _ in search(restored.library, restored))
