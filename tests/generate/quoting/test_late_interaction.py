"""Word by word: what is asked for is looked for in the sentence, the rarest word first."""

import numpy as np
import pytest

from generate.config import QuoteConfig
from generate.quoting.candidates import candidates, rank
from generate.quoting.late_interaction import compare, cosines
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage

RARITIES = {"lamp": 1.0, "keeper": 3.0, "light": 0.5}


class WholeTexts:
    """An embedder that shows no tokens."""

    def __init__(self):
        self._inner = FakeEmbedder()
        self.name, self.dimension = self._inner.name, self._inner.dimension
        self.max_tokens = self._inner.max_tokens

    def embed(self, texts):
        return self._inner.embed(texts)

    def count_tokens(self, text):
        return self._inner.count_tokens(text)


def words(question, text, rarities=None):
    (one,) = compare(question, [text], rarities or RARITIES, FakeEmbedder())
    return one.words


def test_a_sentence_with_every_word_of_the_question_misses_nothing():
    alike = words("Who is the lamp keeper?", "The lamp keeper is who lights it.")
    assert alike.content_similarity == pytest.approx(1, abs=1e-4)
    assert alike.content_distance == pytest.approx(0, abs=1e-4)


def test_a_rare_word_counts_for_more_than_a_common_one():
    rare = words("Who is the lamp keeper?", "The keeper sleeps.")
    common = words("Who is the lamp keeper?", "The lamp burns.")
    assert rare.content_similarity > common.content_similarity
    assert rare.content_distance < common.content_distance


def test_words_that_ask_are_compared_apart_from_what_they_ask_for():
    alike = words("Who is the keeper?", "Who is the baker?")
    assert alike.other_similarity == pytest.approx(1, abs=1e-4)
    assert alike.content_similarity < 0.9


def test_an_embedder_without_tokens_compares_wholes_alone():
    texts = ["The lamp keeper sleeps.", "Bread is sold."]
    with_tokens = compare("Who is the keeper?", texts, RARITIES, FakeEmbedder())
    without = compare("Who is the keeper?", texts, RARITIES, WholeTexts())
    assert [one.words for one in without] == [None, None]
    assert [one.whole for one in without] == [one.whole for one in with_tokens]


@pytest.mark.parametrize("embedder", [FakeEmbedder(), WholeTexts()])
def test_both_kinds_of_embedder_find_the_sentence_and_are_sure(embedder):
    text = "The tower was built by Johan Berg in 1889. Visitors climb 312 steps to the top."
    selection = Quoter(embedder, QuoteConfig(sentences=1)).select(
        "Who built the tower in 1889?", [passage(text)]
    )
    assert [claim.text for claim in selection.claims] == [text[:42]]
    assert selection.confidence > 0.15


@pytest.mark.parametrize(("question", "text"), [("?", "The lamp burns."), ("Who?", "...")])
def test_a_question_or_a_sentence_without_words_has_no_likeness(question, text):
    alike = words(question, text)
    assert 0 <= alike.content_distance <= 4
    assert rank(question, candidates([passage(text)]), FakeEmbedder(), 8)


def test_cosines_are_those_of_float64_to_within_a_millionth():
    chance = np.random.default_rng(3)
    rows = chance.normal(size=(7, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    exact = rows.astype(np.float64) @ rows.T.astype(np.float64)
    np.testing.assert_allclose(cosines(rows, rows), exact, atol=1e-6)


def test_the_order_of_components_changes_no_bit_of_a_cosine():
    chance = np.random.default_rng(4)
    rows = chance.normal(size=(5, 384)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    mixed = rows[:, chance.permutation(384)]
    assert cosines(rows, rows).tobytes() == cosines(mixed, mixed).tobytes()
