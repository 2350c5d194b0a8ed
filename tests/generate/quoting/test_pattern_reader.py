"""The words that answer, and what a sentence leans on."""

import pytest

from generate.config import QuoteConfig
from generate.quoting.antecedents import leans_on
from generate.quoting.pattern_reader import PatternReader
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.generate.prompting.test_citation_markers import passage


@pytest.mark.parametrize(
    ("question", "sentence", "words"),
    [
        ("How much does a ticket cost?", "A ticket costs 14 crowns on board.", "14 crowns"),
        ("When was the bridge opened?", "The bridge was opened in May 1904.", "May 1904"),
        ("Who built the tower?", "The tower was built by Johan Berg.", "Johan Berg"),
        ("Where is the Skarö pier?", "The pier of Skarö lies in Varnholm.", "Varnholm"),
    ],
)
def test_the_words_that_were_asked_for_are_found(question, sentence, words):
    (reading,) = PatternReader().read(question, sentence, [(0, len(sentence))])
    assert sentence[reading.start : reading.end] == words


def test_where_nothing_fits_nothing_is_highlighted():
    text = "It closes because of the ice."
    assert PatternReader().read("When does it close?", text, [(0, len(text))]) == [None]


def test_a_pronoun_leans_on_the_sentence_before():
    sentences = ["The tower stands in the west.", "It was built in 1889.", "The town is old."]
    assert [leans_on(sentences, i) for i in range(3)] == [None, 0, None]


def test_a_row_leans_on_its_header():
    rows = ["Prices of 2024.", "Ticket | Price", "Adult | 14", "Child | 7"]
    assert [leans_on(rows, i) for i in range(4)] == [None, None, 1, 1]


def test_it_that_stands_for_nothing_leans_on_nothing():
    assert leans_on(["The sea is cold.", "It is known that the ferry stops."], 1) is None


def test_a_highlight_is_found_again_where_white_space_was_joined():
    text = "The tower was built\n by  Johan\nBerg in spring."
    quoter = Quoter(FakeEmbedder(), QuoteConfig())
    (claim,) = quoter.select("Who built the tower?", [passage(text)]).claims
    (span,) = claim.highlights
    assert claim.text[span.start : span.end] == "Johan Berg"


def test_the_context_is_not_shown_where_it_is_quoted_itself():
    text = "The tower of Johan Berg stands in town. It was built as a tower by Johan Berg in 1889."
    quoter = Quoter(FakeEmbedder(), QuoteConfig(close_behind=99))
    claims = quoter.select("Who built the tower?", [passage(text)]).claims
    assert len(claims) == 2
    assert all(claim.context is None for claim in claims)
