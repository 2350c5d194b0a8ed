"""Every fitted weight has an output that is written down here: another weight gives another one.

The figures say nothing about quality. Who fits a weight again measures (docs/quality.md), and then
writes down what these tests print.
"""

from dataclasses import astuple

import pytest

from generate.config import AnswerConfig
from generate.quoting.answerability import EvidenceFeatures, confidence
from generate.quoting.candidates import (
    FIRST,
    candidates,
    lexical_features,
    rank,
    rarity_of_terms,
    weigh,
)
from generate.verification.verifier import AlignmentVerifier, verdict_of
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage

PASSAGES = [
    passage(
        "Ann Lund lit the lamp at dusk in 1897. The tank holds forty litres of oil. "
        "A bell is rung in thick fog every two minutes."
    ),
    passage("Oil for the lamp is measured each morning by the keeper.", name="b", start=0),
]
QUESTION = "When did the keeper light the lamp with oil?"


class WholesAlone:
    """A fake embedder that shows no tokens."""

    def __init__(self):
        self._fake = FakeEmbedder()
        self.name, self.dimension = self._fake.name, self._fake.dimension
        self.max_tokens = self._fake.max_tokens

    def embed(self, texts):
        return self._fake.embed(texts)

    def count_tokens(self, text):
        return self._fake.count_tokens(text)


@pytest.mark.parametrize(
    ("features", "expected"),
    [
        ((0.6, 0.7, 0.5, 0.8, 0, 0, 0), 0.57590861),
        ((0.9, 0.8, 1.0, 1.0, 0, 0, 0, 1), 0.72690975),
        ((0.9, 0.9, 1.0, 1.0, 1, 0, 0), 0.71033261),
        ((0.9, 0.9, 1.0, 1.0, 0, 0.4, 0), 0.55749456),
        ((0.9, 0.9, 1.0, 1.0, 0, 0, 1), 0.25105378),
        ((0.6, 0.7, 0.5, 0.8, 0, 0, 0, 0, 0.2, 6.0, 1), 0.12174589),
        ((0.9, 0.8, 1.0, 1.0, 0, 0, 0, 1, 0.1, 9.0, 1), 0.13728800),
        ((0.9, 0.9, 1.0, 1.0, 1, 0, 0, 0, 0.3, 9.0, 1), 0.09647673),
        ((0.9, 0.9, 1.0, 1.0, 0, 0.4, 0, 0, 0.3, 9.0, 1), 0.05083488),
        ((0.9, 0.9, 1.0, 1.0, 0, 0, 1, 0, 0.6, 12.0, 1), 0.01697321),
    ],
)
def test_the_estimate_that_evidence_answers(features, expected):
    assert confidence(EvidenceFeatures(*features)) == pytest.approx(expected, abs=1e-7)


def test_the_order_of_sentences_by_words_alone():
    pool = candidates(PASSAGES)
    lexical = lexical_features(QUESTION, pool, rarity_of_terms(QUESTION, pool))
    expected = [13.542576, 11.7541209, 11.410677, 16.3341319]
    assert weigh(lexical, FIRST).tolist() == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("embedder", "expected"),
    [
        (FakeEmbedder(), [16.802116, 13.898094, 11.156628, 6.908152]),
        (WholesAlone(), [16.817987, 13.626404, 11.648843, 9.289476]),
    ],
)
def test_the_order_of_sentences_by_words_and_meaning(embedder, expected):
    ranking = rank(QUESTION, candidates(PASSAGES), embedder, 8)
    assert [one.score for one in ranking] == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize(
    ("claim", "expected"),
    [
        ("The lamp is lit at dusk by the keeper.", 0.6608106),
        ("In a storm Bert Olsen measures oil for the bell.", 0.0490987),
        ("Visitors of 1903 and 1904 saw a bell near the mill.", 0.0023586),
        ("The tank does not hold forty litres of oil.", 0.1693626),
    ],
)
def test_the_score_of_a_claim(claim, expected):
    evidence = [
        "Ann Lund lit the lamp at dusk.", "The tank holds forty litres of oil.",
        "A bell is rung in thick fog.",
    ]  # fmt: skip
    judgement = AlignmentVerifier(FakeEmbedder()).verify(claim, evidence)
    assert judgement.score == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("score", "verdict"),
    [(0.5, "supported"), (0.499, "partial"), (0.2, "partial"), (0.199, "unsupported")],
)
def test_the_scores_between_verdicts(score, verdict):
    assert verdict_of(score) == verdict


def test_the_cuts_of_the_answering_stage():
    config = AnswerConfig()
    assert (config.confidence, config.confidence_after, config.history_share) == (0.14, 0.05, 0.2)
    assert config.off_topic_confidence == 0.0002
    assert config.passages == 8
    assert astuple(config.quoting) == (2, 8, 4, 6.0)
