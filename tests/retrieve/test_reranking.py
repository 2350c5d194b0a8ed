"""One contract over every reranker, and what the port refuses."""

import pytest

from retrieve.errors import InvalidRerankerError
from retrieve.reranking import CrossEncoderReranker, Reranker, readable_text, rerank
from tests.fakes.reranker import ConstantReranker, OverlapReranker
from tests.fakes.tiny_models import make_cross_encoder
from tests.retrieve.chunks import stored_chunk

QUESTION = "When is the lamp lit?"
TEXTS = [
    "The lamp is lit at dusk.",
    "Gulls.",
    "",
    "the lamp is lit " * 60,
    "The lamp is lit at dusk.",
]


@pytest.fixture(scope="module")
def cross_encoder(tmp_path_factory):
    return CrossEncoderReranker(make_cross_encoder(tmp_path_factory.mktemp("tiny-cross-encoder")))


@pytest.fixture(params=["overlap", "constant", "cross-encoder"])
def reranker(request) -> Reranker:
    if request.param == "cross-encoder":
        return request.getfixturevalue("cross_encoder")
    return {"overlap": OverlapReranker(), "constant": ConstantReranker()}[request.param]


def test_there_is_one_score_in_zero_to_one_for_each_text(reranker):
    scores = reranker.score(QUESTION, TEXTS)
    assert len(scores) == len(TEXTS)
    assert all(isinstance(score, float) and 0.0 <= score <= 1.0 for score in scores)


def test_a_score_is_the_same_bits_alone_and_in_company(reranker):
    together = reranker.score(QUESTION, TEXTS)
    assert [reranker.score(QUESTION, [text])[0] for text in TEXTS] == together
    assert reranker.score(QUESTION, TEXTS[::-1])[::-1] == together


def test_no_texts_give_no_scores(reranker):
    assert reranker.score(QUESTION, []) == []


def test_it_has_a_name(reranker):
    assert reranker.name


def test_a_cross_encoder_reads_the_question_and_the_text(cross_encoder):
    first, second = cross_encoder.score(QUESTION, TEXTS[:2])
    assert first != second
    assert cross_encoder.score("Who is there?", TEXTS[:1]) != [first]


def test_a_folder_without_a_model_is_refused(tmp_path):
    with pytest.raises(InvalidRerankerError, match="No cross-encoder"):
        CrossEncoderReranker(tmp_path / "nothing")


def test_a_classifier_is_refused(tmp_path):
    with pytest.raises(InvalidRerankerError, match="classifies"):
        CrossEncoderReranker(make_cross_encoder(tmp_path, labels=3))


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -0.1, 1.5])
def test_a_score_that_is_no_share_is_refused(value):
    with pytest.raises(InvalidRerankerError, match="constant"):
        rerank(QUESTION, [stored_chunk("The lamp.")], ConstantReranker(value))


def test_the_reranker_sees_the_title_above_the_text():
    assert readable_text(stored_chunk("The lamp.", title="Log")) == "Log\nThe lamp."
    assert readable_text(stored_chunk("The lamp.", title=" ")) == "The lamp."
