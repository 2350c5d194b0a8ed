"""Another embedding model: vectors beside the old ones, a switch, and back."""

import pytest
from sqlalchemy import func, select

from index.db.tables.documents import Vector
from index.embedding.active_model import active_model, record_active
from index.errors import ModelSwitchedError
from index.text.analyzer import analyse
from index.types import Scope
from ingest.errors import ChunksTooLongError
from ingest.lifecycle.reembedding import missing, models, reembed, use_model
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import Shelf

EVERYONE = Scope.of("default", [])
OLD, NEW = FakeEmbedder(dimension=64), FakeEmbedder(dimension=32)


class Interrupted(FakeEmbedder):
    """Fails, or does something else, when it is asked for the n-th time."""

    def __init__(self, at, deed):
        super().__init__(dimension=NEW.dimension)
        self._calls_left = at
        self._deed = deed

    def embed(self, texts):
        self._calls_left -= 1
        if self._calls_left == 0:
            self._deed()
        return super().embed(texts)


def filled_shelf(folder, *, count=70):
    shelf = Shelf(folder, embedder=OLD)
    for n in range(count):
        shelf.put(f"lamp {n}", f"fog and bell {n}", filename=f"{n}.txt")
    shelf.library.save()
    return shelf


def search_results(library, embedder, text="lamp 7"):
    with library.read(EVERYONE) as reader:
        hits = reader.dense(embedder.embed([text])[0], 5) + reader.lexical(analyse(text), 200)
        return [(c.filename, h.score) for c, h in zip(
            reader.chunks([hit.chunk for hit in hits]), hits, strict=True)]  # fmt: skip


def vectors(shelf, model):
    with shelf.database.read() as session:
        return session.scalar(select(func.count()).where(Vector.model == model))


def test_a_store_moves_to_another_model_and_back(tmp_path):
    shelf = filled_shelf(tmp_path)
    before = search_results(shelf.library, OLD)
    use_model(shelf.library, NEW)
    with pytest.raises(ModelSwitchedError):
        search_results(shelf.library, OLD)
    with pytest.raises(ModelSwitchedError):
        shelf.library.save()
    other = shelf.library.beside(NEW.name, NEW.dimension)
    shelf_of_one_model = Shelf(tmp_path / "alone", embedder=NEW)
    for n in range(70):
        shelf_of_one_model.put(f"lamp {n}", f"fog and bell {n}", filename=f"{n}.txt")
    assert search_results(other, NEW) == search_results(shelf_of_one_model.library, NEW)
    use_model(other, OLD)
    assert search_results(shelf.library, OLD) == before
    assert models(shelf.database) == {OLD.name: (140, True), NEW.name: (140, False)}


def test_an_interrupted_run_goes_on_where_it_stopped(tmp_path):
    shelf = filled_shelf(tmp_path)

    def stop():
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        reembed(shelf.library, Interrupted(3, stop))
    assert missing(shelf.database, NEW.name) == 140 - 128
    reports = []
    assert reembed(shelf.library, NEW, progress=lambda *now: reports.append(now)) == 12
    assert reports[-1] == (12, 12)
    assert reembed(shelf.library, NEW) == 0
    assert search_results(shelf.library, OLD)


def test_what_arrives_meanwhile_is_found_after_the_switch(tmp_path):
    shelf = filled_shelf(tmp_path)
    use_model(shelf.library, Interrupted(2, lambda: shelf.put("late lamp", filename="a.txt")))
    shelf.library = shelf.library.beside(NEW.name, NEW.dimension)
    assert "a.txt" in {name for name, _ in search_results(shelf.library, NEW, "late lamp")}


def test_an_index_that_lacks_a_document_is_not_published(tmp_path):
    shelf = filled_shelf(tmp_path, count=5)
    reembed(shelf.library, NEW)
    shelf.put("early lamp", filename="early.txt")
    assert not shelf.library.beside(NEW.name, NEW.dimension).prepare()
    use_model(shelf.library, NEW)
    after = shelf.library.beside(NEW.name, NEW.dimension)
    assert after.index.newest.rows == 11
    assert "early.txt" in {name for name, _ in search_results(after, NEW, "early lamp")}


def test_a_deleted_chunk_gets_no_vector(tmp_path):
    shelf = filled_shelf(tmp_path, count=3)
    doomed = shelf.put("doomed", filename="d.txt")
    reembed(shelf.library, Interrupted(1, lambda: shelf.remove(doomed)))
    assert vectors(shelf, NEW.name) == 6


def test_a_model_that_sees_too_little_is_refused(tmp_path):
    shelf = filled_shelf(tmp_path, count=2)
    small = FakeEmbedder(dimension=16, max_tokens=3)
    with pytest.raises(ChunksTooLongError, match=r"has 4 tokens.*sees 3"):
        reembed(shelf.library, small)
    assert vectors(shelf, small.name) == 0


def test_embedding_alone_switches_nothing(tmp_path):
    shelf = filled_shelf(tmp_path, count=2)
    with shelf.database.write() as session:
        record_active(session, OLD.name)
    reembed(shelf.library, NEW)
    with shelf.database.read() as session:
        assert active_model(session) == OLD.name
