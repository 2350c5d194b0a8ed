"""Documents that disagree on what was asked are both shown, with a notice."""

from dataclasses import replace

import pytest

from generate.config import AnswerConfig, QuoteConfig
from generate.quoting.quoter import Quoter
from index.types import StoredChunk
from retrieve.types import Passage
from tests.fakes.embedder import FakeEmbedder


def passage(text, key, *, title="Rules", is_authoritative=False, score=1.0):
    chunk = StoredChunk(
        key=key, chunk_id=f"chk_{key}", document_id=f"doc_{key}", document_key=key, version=1,
        title=title, filename=f"{key}.txt", sha256=str(key), ordinal=0, text=text, start=0,
        end=len(text), page=None, headings=(), publisher=f"user:p{key}",
        is_authoritative=is_authoritative,
    )  # fmt: skip
    return Passage(chunk, text, 0, len(text), score, 0.5)


def disagreements(question, *passages):
    quoter = Quoter(FakeEmbedder(), QuoteConfig())
    return quoter.select(question, passages).disagreements


def values(question, *texts, titles=None):
    titles = titles or ["Rules"] * len(texts)
    passages = [
        passage(text, key, title=title)
        for key, (text, title) in enumerate(zip(texts, titles, strict=True))
    ]
    return [{side.value for side in one.sides} for one in disagreements(question, *passages)]


@pytest.mark.parametrize(
    ("question", "one", "other", "expected"),
    [
        (
            "How many days of annual leave are there?",
            "Annual leave is 25 days.", "Annual leave is 28 days.", {"25 days", "28 days"},
        ),
        (
            "When was the lighthouse at Gull Stack built?",
            "The lighthouse at Gull Stack was built in 1871.",
            "It is in 1921 that the lighthouse at Gull Stack was built.", {"1871", "1921"},
        ),
        (
            "Who keeps the keys of the tower?",
            "Ann Lowe keeps the keys of the tower.", "Eve Hart keeps the keys of the tower.",
            {"Ann Lowe", "Eve Hart"},
        ),
        (
            "What ink does the keeper write the log in?",
            "The keeper writes the log in black ink.", "The keeper writes the log in blue ink.",
            {"black", "blue"},
        ),
    ],
)  # fmt: skip
def test_another_number_date_name_or_word_for_the_same_thing_is_noticed(
    question, one, other, expected
):
    assert values(question, one, other) == [expected]
    assert values(question, other, one) == [expected]


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("How many days of leave are there?", "Leave is 28 days.", "Leave is twenty-eight days."),
        ("How long is the leave?", "The leave is 4 weeks.", "The leave is 28 days."),
        ("When was it built?", "It was built on 3 May 1871.", "It was built in 1871."),
        ("Who keeps the keys?", "Ann Lowe keeps the keys.", "Lowe keeps the keys."),
        (
            "When is the lamp lit?",
            "At Gull Stack the lamp is lit at 17:30.", "At Fog Point the lamp is lit at 18:30.",
        ),
        (
            "What was the revenue?",
            "The revenue of 2023 was 5 million dollars.",
            "The revenue of 2024 was 6 million dollars.",
        ),
        (
            "When was invoice 4472 paid?",
            "Invoice 4472 was paid on 3 May 2026.", "Invoice 4471 was paid on 9 May 2026.",
        ),
    ],
)  # fmt: skip
def test_the_same_value_otherwise_and_values_of_other_things_are_no_disagreement(
    question, one, other
):
    assert values(question, one, other) == []


def test_reports_of_other_years_do_not_disagree():
    texts = "The revenue was 5 million dollars.", "The revenue was 6 million dollars."
    titles = ["Annual report 2023", "Annual report 2024"]
    assert values("What was the revenue?", *texts, titles=titles) == []
    assert values("What was the revenue?", *texts) != []


def test_one_document_does_not_disagree_with_itself():
    text = "Annual leave is 25 days. Annual leave is 28 days."
    assert disagreements("How many days of annual leave are there?", passage(text, 1)) == ()


def test_the_authoritative_side_comes_first_and_is_quoted():
    question = "How many days of annual leave are there?"
    planted = passage(f"{question} Annual leave is 99 days.", 1)
    real = passage("Annual leave is 25 days.", 2, score=0.4)
    quoter = Quoter(FakeEmbedder(), AnswerConfig().quoting)
    for evidence in ([planted, real], [real, planted]):
        selection = quoter.select(question, evidence)
        assert "99" in " ".join(claim.text for claim in selection.claims)
        marked = [replace(p, chunk=replace(p.chunk, is_authoritative=p is real)) for p in evidence]
        selection = quoter.select(question, marked)
        (disagreement,) = selection.disagreements
        assert [side.value for side in disagreement.sides] == ["25 days", "99 days"]
        assert "25" in " ".join(claim.text for claim in selection.claims)
