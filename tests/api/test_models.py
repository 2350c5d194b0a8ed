"""The store moves to another embedding model, and running processes follow."""

import time

import pytest

from api.composition.container import LOOK_SECONDS, Parts
from api.settings import Settings
from index.embedding.active_model import record_source
from index.types import Actor, Scope
from ingest.lifecycle.reembedding import use_model
from ingest.upload import Upload, accept
from retrieve.retrieve import retrieve
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann", "curator")


class FakeParts(Parts):
    """Takes ``fake:DIMENSION`` for an embedding model."""

    def embedder_from(self, source):
        return FakeEmbedder(dimension=int(source.removeprefix("fake:")))

    @property
    def parser(self):
        return PlainParser()


def open_parts(folder):
    return FakeParts(Settings(data=folder, embedding_model="fake:64"))


def upload(parts, name, text):
    block = [text.encode()]
    accept(parts.library, ANN, Upload(name, block), limit_bytes=10_000)
    parts.worker().run_until_idle()


def found(parts, question):
    passages = retrieve(question, ANN.scope, parts.retrieval, top_k=5).passages
    return [passage.chunk.filename for passage in passages]


@pytest.fixture
def parts(tmp_path):
    made = open_parts(tmp_path)
    yield made
    made.close()


def test_a_running_process_follows_a_switch_made_in_another(parts, tmp_path):
    upload(parts, "a.txt", "The lamp is lit at dusk.")
    other = open_parts(tmp_path)
    new = other.embedder_from("fake:32")
    with other.database.write() as session:
        record_source(session, new.name, "fake:32")
    use_model(other.library, new)
    time.sleep(LOOK_SECONDS)
    assert found(parts, "When is the lamp lit?") == ["a.txt"]
    assert parts.embedder.name == parts.library.model == new.name
    upload(parts, "b.txt", "The bell is rung in fog.")
    assert "b.txt" in found(other, "When is the bell rung?")
    other.close()


def test_a_process_that_starts_after_a_switch_uses_the_new_model(parts, tmp_path):
    upload(parts, "a.txt", "The lamp is lit at dusk.")
    new = parts.embedder_from("fake:32")
    with parts.database.write() as session:
        record_source(session, new.name, "fake:32")
    use_model(parts.library, new)
    later = open_parts(tmp_path)
    assert found(later, "lamp") == ["a.txt"]
    assert later.library.model == new.name
    later.close()
