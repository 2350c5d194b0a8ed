"""Every embedder: unit rows, bits that do not depend on company, counts of its own tokens."""

import hashlib
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest

from index.embedding.converted_models import bundled_source
from index.embedding.embedder import TokenEmbedder
from index.embedding.onnx_embedder import OnnxEmbedder
from index.embedding.sentence_transformer import SentenceTransformerEmbedder
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.embedding_server import remote_at, running_embedding_server
from tests.fakes.tiny_models import make_sentence_transformer
from tests.house.sources import ROOT

TEXTS = [
    "The lamp is lit at dusk.",
    "Oil is measured every morning; the tank holds forty litres. " * 12,
    "",
    "\u706f\u53f0\u5b88",
    "na\u00efve caf\u00e9 \u2014 100 %",
]
LONG = "Oil is measured every morning; the tank holds forty litres. " * 60


@pytest.fixture(scope="module")
def bundled():
    return OnnxEmbedder.bundled(threads=2)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Another model's folder, converted at its first use."""
    work = tmp_path_factory.mktemp("model")
    return OnnxEmbedder.of_folder(make_sentence_transformer(work), cache=work / "cache")


@pytest.fixture(scope="module")
def sentence_transformers():
    return SentenceTransformerEmbedder(str(bundled_source()))


@pytest.fixture(scope="module")
def remote():
    with running_embedding_server() as server:
        yield remote_at(server)


@pytest.fixture(params=["fake", "bundled", "folder", "sentence_transformers", "remote"])
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
        lone_vector = embedder.embed([text])[0]
        assert lone_vector.tobytes() == together[number].tobytes()
        assert lone_vector.tobytes() == together[number + 2 * len(TEXTS)].tobytes()


def test_order_changes_no_bit(embedder):
    assert embedder.embed(TEXTS[::-1])[::-1].tobytes() == embedder.embed(TEXTS).tobytes()


def test_threads_that_embed_at_once_get_the_same_bits(embedder):
    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(lambda _: embedder.embed(TEXTS).tobytes(), range(8)))
    assert set(rows) == {embedder.embed(TEXTS).tobytes()}


def test_an_empty_text_has_a_vector_and_no_token(embedder):
    assert np.isfinite(embedder.embed([""])).all()
    assert embedder.count_tokens("") == 0


def test_tokens_are_counted_without_the_special_ones_and_beyond_what_the_model_sees(embedder):
    assert embedder.count_tokens("lamp") >= 1
    assert embedder.count_tokens(LONG) > embedder.max_tokens


def test_what_stands_after_the_last_token_that_is_seen_changes_nothing(embedder):
    if isinstance(embedder, TokenEmbedder):
        (whole,) = embedder.encode([LONG])
        assert len(whole.offsets) == embedder.max_tokens - 2
        end = whole.offsets[-1][1]
        assert embedder.embed([LONG[:end]]).tobytes() == embedder.embed([LONG]).tobytes()
    if embedder.name.startswith("server:"):
        return  # what a server does with a long text is its own affair
    assert embedder.embed([LONG + " A bell rings."]).tobytes() == embedder.embed([LONG]).tobytes()


@pytest.fixture(params=["fake", "bundled", "folder"])
def token_embedder(request):
    return FakeEmbedder() if request.param == "fake" else request.getfixturevalue(request.param)


def test_a_text_encoded_has_the_same_vector_bit_by_bit_and_a_unit_row_for_each_token(
    token_embedder,
):
    assert isinstance(token_embedder, TokenEmbedder)
    for text, row, one in zip(
        TEXTS, token_embedder.embed(TEXTS), token_embedder.encode(TEXTS), strict=True
    ):
        assert one.vector.tobytes() == row.tobytes()
        assert one.tokens.shape == (len(one.offsets), token_embedder.dimension)
        assert one.tokens.dtype == np.float32
        assert len(one.offsets) == min(
            token_embedder.count_tokens(text), token_embedder.max_tokens - 2
        )
        np.testing.assert_allclose(np.linalg.norm(one.tokens, axis=1), 1, atol=1e-5)
        assert all(0 <= start < end <= len(text) for start, end in one.offsets)


def test_company_changes_no_bit_of_a_tokens_state(token_embedder):
    for alone, together in zip(
        [token_embedder.encode([text])[0] for text in TEXTS],
        token_embedder.encode(TEXTS),
        strict=True,
    ):
        assert alone.tokens.tobytes() == together.tokens.tobytes()


def test_embedders_that_show_no_tokens_are_told_apart(sentence_transformers, remote):
    assert not isinstance(sentence_transformers, TokenEmbedder)
    assert not isinstance(remote, TokenEmbedder)


def test_the_converted_model_agrees_with_torch(bundled, sentence_transformers):
    ours, theirs = (e.embed(TEXTS) for e in (bundled, sentence_transformers))
    assert (ours * theirs).sum(1).min() > 0.98
    assert bundled.max_tokens == sentence_transformers.max_tokens
    counts = [[e.count_tokens(text) for text in TEXTS] for e in (bundled, sentence_transformers)]
    assert counts[0] == counts[1]


def test_another_process_gives_the_same_bits_without_torch(bundled):
    program = (
        "import hashlib, json, sys; from index.embedding.onnx_embedder import OnnxEmbedder; "
        "encoded = OnnxEmbedder.bundled(threads=1).encode(json.load(sys.stdin)); "
        "assert not {'torch', 'onnx'} & set(sys.modules); "
        "print(hashlib.sha256(b''.join(one.vector.tobytes() + one.tokens.tobytes() "
        "for one in encoded)).hexdigest())"
    )
    result = subprocess.run(
        [sys.executable, "-c", program],
        cwd=ROOT, input=json.dumps(TEXTS), stdout=subprocess.PIPE, text=True, check=True,
    )  # fmt: skip
    whole = b"".join(one.vector.tobytes() + one.tokens.tobytes() for one in bundled.encode(TEXTS))
    assert result.stdout.strip() == hashlib.sha256(whole).hexdigest()


def test_the_name_of_a_folders_vectors_changes_with_its_weights(folder, tmp_path):
    assert folder.name.startswith("onnx-int8:model@")
    assert not Path(folder.name).is_absolute()
