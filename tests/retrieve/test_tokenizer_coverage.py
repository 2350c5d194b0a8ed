"""How far an embedding model reads what a question is written in."""

import pytest

from index.embedding.onnx_embedder import OnnxEmbedder
from retrieve.config import RetrievalConfig
from retrieve.retrieve import RetrievalDependencies, retrieve
from retrieve.tokenizer_coverage import familiarity
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.store import Shelf
from tests.retrieve.test_retrieve import ANN


@pytest.fixture(scope="module")
def model():
    return OnnxEmbedder.bundled(threads=1)


class SpellingEmbedder(FakeEmbedder):
    """Knows no letters together, and finds the wrong document nearest to every question."""

    def count_tokens(self, text):
        return len(text)

    def _embed_one(self, text):
        return super()._embed_one("fog" if "?" in text or "fog" in text else text)


@pytest.mark.parametrize(
    "question",
    [
        "When is the lamp of the lighthouse lit?",
        "Wann wird die Lampe des Leuchtturms angezündet?",
        "¿Cuándo se enciende la lámpara del faro?",
        "2026?",
    ],
)
def test_a_model_reads_the_scripts_of_its_vocabulary(question, model):
    assert familiarity(question, model) == 1.0


@pytest.mark.parametrize(
    "question",
    [
        "Когда зажигают лампу маяка?",
        "متى يضاء مصباح المنارة؟",
        "दीपस्तंभ का दीपक कब जलाया जाता है?",
        "灯塔的灯什么时候点亮?",
    ],
)
def test_a_model_spells_other_scripts_out(question, model):
    assert familiarity(question, model) < 0.1


def test_what_is_partly_read_counts_in_part(model):
    assert 0.0 < familiarity("Когда зажигают лампу in the house?", model) < 1.0


def test_the_weight_of_meaning_falls_with_familiarity_and_never_rises():
    config = RetrievalConfig(dense_weight=0.6, unread_weight=0.1, standing_out=0.0)
    assert [config.dense_weight_of(familiarity, 1.0) for familiarity in (0.0, 0.5, 1.0)] == [
        0.1,
        0.35,
        0.6,
    ]
    words_only = RetrievalConfig(dense_weight=0.0, unread_weight=0.1)
    assert words_only.dense_weight_of(0.0, 0.5) == words_only.dense_weight_of(1.0, 0.5) == 0.0


def test_the_weight_of_meaning_falls_where_one_chunk_stands_out_by_its_words():
    config = RetrievalConfig(dense_weight=0.8, standing_out=0.4, unread_weight=0.1)
    weights = [config.dense_weight_of(1.0, peak) for peak in (0.0, 0.5, 1.0)]
    assert weights == pytest.approx([0.8, 0.6, 0.4])
    assert config.dense_weight_of(0.0, 1.0) == 0.1
    assert RetrievalConfig(dense_weight=0.2, standing_out=0.4).dense_weight_of(1.0, 1.0) == 0.0


def test_a_question_that_is_spelled_out_is_ranked_by_its_words(tmp_path):
    shelf = Shelf(tmp_path, embedder=SpellingEmbedder())
    shelf.put("fog comes in from the sea.", filename="fog.txt")
    shelf.put("The keeper lights the lamp.", filename="lamp.txt")
    dependencies = RetrievalDependencies(shelf.library, shelf.embedder, RetrievalConfig())
    passages = retrieve("Who lights the lamp?", ANN, dependencies, top_k=2).passages
    assert [passage.chunk.filename for passage in passages] == ["lamp.txt", "fog.txt"]
