"""Financial statements are asked about in short forms and by other names of their lines."""

import pytest

from generate.config import QuoteConfig
from generate.quoting.quoter import Quoter
from generate.quoting.statement_terms import spell_out
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage

INCOME = (
    "Statements of income\n\n(in millions of crowns)\n\n | 2024 | 2023\n"
    "Net sales | 4,377 | 4,105\nCost of sales | 2,741 | 2,588\n"
    "Research and development | 287 | 254\nNet income | 447 | 383"
)


def select(question):
    return Quoter(FakeEmbedder(), QuoteConfig()).select(question, [passage(INCOME)])


@pytest.mark.parametrize(
    ("question", "full"),
    [
        ("What was R&D in FY2023?", "What was research and development in fiscal year 2023?"),
        ("EPS for FY'24?", "earnings per share for fiscal year 2024?"),
        ("PP&E in fiscal 2022?", "property, plant and equipment in fiscal year 2022?"),
        ("Which FYLDE route is fiscal?", "Which FYLDE route is fiscal?"),
    ],
)
def test_short_forms_are_spelled_out(question, full):
    assert spell_out(question) == full


@pytest.mark.parametrize(
    ("question", "row", "cell"),
    [
        ("What was the revenue in FY2024?", "Net sales | 4,377 | 4,105", "4,377"),
        ("What did they spend on R&D in 2023?", "Research and development | 287 | 254", "254"),
        ("What was the net profit in fiscal 2023?", "Net income | 447 | 383", "383"),
    ],
)
def test_a_line_is_found_by_another_of_its_names(question, row, cell):
    (claim,) = select(question).claims
    assert claim.text == row
    (span,) = claim.highlights
    assert claim.text[span.start : span.end] == cell


def test_a_row_leans_on_the_header_with_the_unit_and_the_statement():
    (claim,) = select("What was the net income in 2024?").claims
    assert claim.context is not None
    assert claim.context.text == INCOME[: INCOME.index("\nNet sales")]


def test_the_line_with_the_unit_is_no_answer():
    claims = select("Which statements are in millions of crowns?").claims
    assert all("in millions" not in claim.text for claim in claims)
