"""A title that any report may have gives way to the company and the period on its cover."""

import pytest

from ingest.titles import document_title

COVER = (
    "FORM 10-K\n\nFor the fiscal year ended September 28, 2024\n\nTindvik Nets, Inc.\n"
    "(Exact name of registrant as specified in its charter)"
)


@pytest.mark.parametrize("title", ["FORM 10-K", "10-K", "Annual Report", "UNITED STATES", ""])
def test_a_report_is_called_by_its_company_and_period(title):
    assert (
        document_title(title, "x.pdf", COVER)
        == "Tindvik Nets, Inc., FORM 10-K, fiscal year ended September 28, 2024"
    )


def test_a_company_is_known_by_its_form_in_a_line_of_its_own():
    text = "Annual Report\n\nHalden Rope Works AS\n\nfor the year ended 31 March 2025"
    title = document_title("Annual Report", "a.pdf", text)
    assert title == "Halden Rope Works AS, year ended 31 March 2025"


@pytest.mark.parametrize(
    ("title", "text"),
    [
        ("FORM 10-K", "Nothing is said of who reports."),
        ("FORM 10-K", "Tindvik Nets, Inc. makes nets for the fiscal year ended 1 May 2024."),
    ],
)
def test_without_a_cover_the_file_gives_the_name(title, text):
    assert document_title(title, "tindvik-10k.pdf", text) == "tindvik-10k"


def test_a_title_that_says_something_stays():
    assert document_title("Letter to shareholders", "x.pdf", COVER) == "Letter to shareholders"
