"""A table is read with the caption above it, and a header of two rows gives one name a column."""

import pytest

from index.text.table_headers import (
    caption_start,
    cells_of,
    header_of_table,
    is_unit_line,
    joined_header,
)

ROWS = "Boat | Berth\nAlka | 14"


@pytest.mark.parametrize(
    ("above", "caption"),
    [
        ("Table 1: Berths in winter.\n\n", "Table 1: Berths in winter."),
        ("Berths of the harbour\n", "Berths of the harbour"),
        ("Berths are let by the month.\n\n", ""),
        (
            "Statement of income\n\n(in millions of crowns)\n\n",
            "Statement of income\n\n(in millions",
        ),
        ("Berths of the harbour\n\n\n", ""),
        ("Old | Rows\n", ""),
    ],
)
def test_the_caption_is_the_line_directly_above(above, caption):
    text = f"The harbour has two piers.\n\n{above}{ROWS}"
    start = caption_start(text, text.index(ROWS))
    assert text[start:].startswith(caption or ROWS)


def test_a_header_of_two_rows_names_each_column_with_its_group():
    names = joined_header("To | Single | Single | Return", "To | Adult | Child | Adult")
    assert names == ("To", "Single Adult", "Single Child", "Return Adult")
    assert not joined_header("To | Single | Return", "To | Adult | Child")
    assert not joined_header("Cod | 1 | 1", "Cod | 2 | 3"), "rows of figures are no header"
    assert not joined_header(ROWS.split("\n", maxsplit=1)[0], ROWS.split("\n")[1])


def test_a_title_row_is_no_header():
    start, header = header_of_table(f"Berths on 30 June\n{ROWS}")
    assert (start, header) == (18, "Boat | Berth")
    assert header_of_table("Only words.\nAnd more.") == (0, "")


def test_an_empty_first_cell_counts():
    assert cells_of("| 2024 | 2023") == ("", "2024", "2023")


@pytest.mark.parametrize(
    "line",
    ["(in millions)", "(In thousands, except per share data)", "All amounts are in euros",
     "Dollars in millions", "in %"],
)  # fmt: skip
def test_a_line_with_the_unit_is_known(line):
    assert is_unit_line(line)
    assert not is_unit_line("In winter the pier is closed.")
