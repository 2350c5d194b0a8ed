"""The store moves to another embedding model, and running processes follow."""

import time

import pytest
from sqlalchemy import update

from api.cli import main
from api.composition.llm import load_registry
from api.composition.model_switch import LOOK_SECONDS, InUse
from api.composition.pipelines import pipelines_builder
from api.composition.replacements import Replacements
from api.composition.store import open_store
from api.settings import Settings
from index.db.tables.documents import Vector
from index.embedding.active_model import record_active, record_source
from index.embedding.converted_models import BUNDLED_NAME
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from index.errors import ModelSwitchedError
from index.types import Actor, Scope
from ingest.lifecycle.reembedding import use_model
from ingest.upload import Upload, accept
from retrieve.retrieve import retrieve
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.parsers import PlainParser
from tests.fakes.tiny_models import make_sentence_transformer

OLDER = "all-MiniLM-L6-v2-int16-2"
"""The bundled model as it was before onnxruntime."""

ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann", "curator")


def load(source):
    """Take ``fake:DIMENSION`` for an embedding model."""
    return FakeEmbedder(dimension=int(source.removeprefix("fake:")))


class Process:
    """A process that has a store open."""

    def __init__(self, folder, embedding_model="fake:64"):
        settings = Settings(data=folder, embedding_model=embedding_model)
        self.store = open_store(settings)
        self.database = self.store.database
        is_fake = embedding_model.startswith("fake:")
        replacements = Replacements(load if is_fake else None)
        registry = load_registry(settings)
        build = pipelines_builder(settings, self.store, registry, PlainParser(), replacements)
        self.pipelines = InUse(self.database, build)

    @property
    def library(self):
        return self.pipelines.current.library

    def upload(self, name, text):
        block = [text.encode()]
        accept(self.library, ANN, Upload(name, block), limit_bytes=10_000)
        self.pipelines.current.ingestion.worker().run_until_idle()

    def found(self, question):
        retrieval = self.pipelines.current.retrieval
        passages = retrieve(question, ANN.scope, retrieval, top_k=5).passages
        return [passage.chunk.filename for passage in passages]


@pytest.fixture
def process(tmp_path):
    process = Process(tmp_path)
    yield process
    process.store.close()


def test_a_running_process_follows_a_switch_made_in_another(process, tmp_path):
    process.upload("a.txt", "The lamp is lit at dusk.")
    other = Process(tmp_path)
    new = load("fake:32")
    with other.database.write() as session:
        record_source(session, new.name, "fake:32")
    use_model(other.library, new)
    time.sleep(LOOK_SECONDS)
    assert process.found("When is the lamp lit?") == ["a.txt"]
    assert process.pipelines.current.embedder.name == process.library.model == new.name
    process.upload("b.txt", "The bell is rung in fog.")
    assert "b.txt" in other.found("When is the bell rung?")
    other.store.close()


def test_a_process_that_starts_after_a_switch_uses_the_new_model(process, tmp_path):
    process.upload("a.txt", "The lamp is lit at dusk.")
    new = load("fake:32")
    with process.database.write() as session:
        record_source(session, new.name, "fake:32")
    use_model(process.library, new)
    later = Process(tmp_path)
    assert later.found("lamp") == ["a.txt"]
    assert later.library.model == new.name
    later.store.close()


def test_everything_that_depends_on_the_model_is_swapped_together(process):
    process.upload("a.txt", "The lamp is lit at dusk.")
    old = process.pipelines.current
    assert process.pipelines.current is old
    new = load("fake:32")
    with process.database.write() as session:
        record_source(session, new.name, "fake:32")
    use_model(process.library, new)
    time.sleep(LOOK_SECONDS)
    swapped = process.pipelines.current
    assert swapped is not old
    embedders = (
        swapped.embedder, swapped.ingestion.dependencies.embedder, swapped.retrieval.embedder,
    )  # fmt: skip
    assert {embedder.name for embedder in embedders} == {new.name} == {swapped.library.model}
    assert swapped.answering.retrieval.library is swapped.library
    assert swapped.answering.policy is old.answering.policy


def test_a_store_of_an_older_model_says_how_to_move_it_and_is_moved(process, tmp_path, capsys):
    process.upload("a.txt", "The lamp is lit at dusk.")
    with process.database.write() as session:
        session.execute(update(Vector).values(model=OLDER))
        record_active(session, OLDER)
    newer = Process(tmp_path, "bundled")
    with pytest.raises(ModelSwitchedError, match="footnote admin model use bundled"):
        newer.found("When is the lamp lit?")
    assert main(["admin", "model", "use", "bundled", "--data", str(tmp_path)]) == 0
    assert BUNDLED_NAME in capsys.readouterr().out
    time.sleep(LOOK_SECONDS)
    assert newer.found("When is the lamp lit?") == ["a.txt"]
    newer.store.close()


def test_a_store_that_torch_has_filled_goes_on_with_torch(tmp_path):
    folder = make_sentence_transformer(tmp_path)
    process = Process(tmp_path / "data", str(folder))
    with process.database.write() as session:
        record_active(session, "sentence-transformers:model")
    assert isinstance(process.pipelines.current.embedder, SentenceTransformerEmbedder)
    process.store.close()
