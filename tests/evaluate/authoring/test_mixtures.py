"""Statements of a question and a value, and which of them the verifier lets stand."""

import json
from pathlib import Path

import pytest

from evaluate.authoring.mixtures import BOUND, MIXED, mixtures, statement
from evaluate.datasets.loading import load_questions
from generate.verification.verifier import AlignmentVerifier, judge
from index.embedding.onnx_embedder import OnnxEmbedder

SAMPLES = Path(__file__).parents[3] / "samples" / "evaluation"


@pytest.fixture(scope="module")
def lines():
    rows = (SAMPLES / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["_id"]: row["text"] for row in map(json.loads, rows)}
    return list(mixtures(load_questions(SAMPLES).samples, texts))


@pytest.mark.parametrize(
    ("question", "value", "expected"),
    [
        ("What did the first lighthouse cost?", "9 crowns", "The first lighthouse cost 9 crowns."),
        ("Who opened the bridge?", "Ann Berg", "Ann Berg opened the bridge."),
        ("Which station joined last?", "Long Ness", "Long Ness station joined last."),
        ("In what year was it built?", "1934", "It built was in 1934."),
        ("What is the price for adults?", "9 crowns", "The price for adults is 9 crowns."),
        ("How many steps does it have?", "142", "It have 142 steps."),
        ("Is there a lift?", "no", None),
    ],
)
def test_a_statement_has_the_questions_words_and_the_value(question, value, expected):
    assert statement(question, value) == expected


def test_a_mixtures_value_is_of_another_sentence_than_the_answers(lines):
    kinds = [line["kind"] for line in lines]
    assert kinds.count(BOUND) >= 30
    assert kinds.count(MIXED) >= 15
    answers = {answer for sample in load_questions(SAMPLES).samples for answer in sample.answers}
    for line in lines:
        if line["kind"] == MIXED:
            assert line["label"] == "not_supported"
            assert not any(line["claim"] == f"{answer}." for answer in answers)


def test_equal_questions_make_equal_lines(lines):
    rows = (SAMPLES / "corpus.jsonl").read_text(encoding="utf-8").splitlines()
    texts = {row["_id"]: row["text"] for row in map(json.loads, rows)}
    assert list(mixtures(load_questions(SAMPLES).samples, texts)) == lines


def test_few_mixtures_have_full_support_and_most_statements_do(lines):
    verifier = AlignmentVerifier(OnnxEmbedder.bundled(threads=1))
    shares = {}
    for kind in (BOUND, MIXED):
        of_kind = [line for line in lines if line["kind"] == kind]
        verdicts = [
            judge(verifier, line["claim"], line["evidence"], [line["passage"]]).verdict
            for line in of_kind
        ]
        shares[kind] = verdicts.count("supported") / len(verdicts)
    assert shares[MIXED] <= 0.1
    assert shares[BOUND] >= 0.5
