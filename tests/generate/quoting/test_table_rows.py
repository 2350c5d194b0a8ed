"""A question finds a row by a cell that names it, and the cell by the name of its column."""

from dataclasses import replace

import pytest

from generate.answer import answer
from generate.config import QuoteConfig
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage
from tests.generate.conftest import BOB

BOATS = (
    "Boat | Skipper | Berth | Built\n"
    "Alka | Dr. Vik Moe | 14 | 1988\n"
    "Bris | Prof. Ida Lie | 15 | 1992\n"
    "Terne | Ola St. Clair | 16 | 2004"
)
CATCH = "Fish | 2019 | 2020\nCod | 410 | 395\nHerring | 80 | 122"


def select(question, *texts):
    passages = [passage(text, name=str(i)) for i, text in enumerate(texts)]
    return Quoter(FakeEmbedder(), QuoteConfig()).select(question, passages)


@pytest.mark.parametrize(
    ("question", "table", "row", "cell"),
    [
        ("Who is skipper of the Bris?", BOATS, "Bris | Prof. Ida Lie | 15 | 1992", "Prof. Ida Lie"),
        ("In which berth lies the Terne?", BOATS, "Terne | Ola St. Clair | 16 | 2004", "16"),
        ("When was the Alka built?", BOATS, "Alka | Dr. Vik Moe | 14 | 1988", "1988"),
        ("Which boat lies in berth 15?", BOATS, "Bris | Prof. Ida Lie | 15 | 1992", "Bris"),
        ("How much herring was caught in 2020?", CATCH, "Herring | 80 | 122", "122"),
        ("How much cod was landed in 2019?", CATCH, "Cod | 410 | 395", "410"),
    ],
)  # fmt: skip
def test_the_row_is_found_by_its_key_and_the_cell_by_its_column(question, table, row, cell):
    (claim,) = select(question, "The harbour keeps lists.", table).claims
    assert claim.text == row
    (span,) = claim.highlights
    assert claim.text[span.start : span.end] == cell
    assert claim.context is not None
    assert claim.context.text == table.split("\n")[0]


def test_a_row_that_is_not_there_is_no_other_row():
    selection = select("How much herring was caught in 2021?", CATCH)
    assert selection.missing == ("2021",)
    assert not selection.is_answer


def test_a_header_is_never_the_answer():
    assert all("Skipper" not in claim.text for claim in select("Which skipper?", BOATS).claims)


def test_a_passage_from_the_middle_of_a_table_has_no_header_but_its_rows():
    rows = passage("KV-10 | Shackle | 4 | 12\nKV-11 | Swivel | 5 | 13", start=900)
    (claim,) = Quoter(FakeEmbedder(), QuoteConfig()).select("What is KV-10?", [rows]).claims
    assert claim.text == "KV-10 | Shackle | 4 | 12"
    assert claim.is_far_row


FARES = (
    "To | Single | Single | Return | Return\nTo | Adult | Child | Adult | Child\n"
    "Osvik | 42 | 21 | 76 | 38\nLong Holm | 67 | 34 | 121 | 60"
)


def test_two_rows_of_a_header_name_a_column_together():
    (claim,) = select("What does a child pay for a return to Osvik?", FARES).claims
    assert claim.text == "Osvik | 42 | 21 | 76 | 38"
    (span,) = claim.highlights
    assert claim.text[span.start : span.end] == "38"
    assert claim.context.text == "\n".join(FARES.split("\n")[:2])


def test_an_initial_tells_two_people_apart():
    doctors = "Name | Hours\nDr. A. Keller | 8-12\nDr. H. Keller | 9-15"
    (claim,) = select("What are the hours of Dr. A. Keller?", doctors).claims
    assert claim.text == "Dr. A. Keller | 8-12"


def test_a_surname_finds_its_row():
    duty = "Keeper | January | February\nTor Brekke | 8 | 13\nNils Dahl | 16 | 7"
    (claim,) = select("How often was Brekke on duty in February?", duty).claims
    assert claim.text == "Tor Brekke | 8 | 13"


def test_a_row_far_below_knows_its_caption():
    rows = passage("KV-10 | Shackle | 4\nKV-11 | Swivel | 5", start=900)
    context = "Stores > Stock on 30 June 2025 > Article | Name | Shelf"
    rows = replace(rows, chunk=replace(rows.chunk, context=context))
    selection = Quoter(FakeEmbedder(), QuoteConfig()).select(
        "On which shelf is KV-11 on 30 June 2025?", [rows]
    )
    assert not selection.missing
    assert [claim.text for claim in selection.claims] == ["KV-11 | Swivel | 5"]


def test_a_row_far_below_leans_on_the_caption_and_the_header(shelf, make_parts):
    rows = "\n".join(f"KV-{i} | Shackle {i} mm | {i % 9}" for i in range(10, 160))
    shelf.put(f"Stock on 30 June\n\nArticle | Name | Shelf\n{rows}", filename="stores.txt")
    reply = answer("On which shelf is KV-150?", BOB, make_parts())
    (sentence,) = [s for s in reply.sentences if s.text.startswith("KV-150")]
    assert sentence.context is not None
    assert sentence.context.text == "Stock on 30 June\n\nArticle | Name | Shelf"
