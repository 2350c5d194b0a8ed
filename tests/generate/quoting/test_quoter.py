"""The quoting answerer: few, verbatim, in order, and sure of itself only where it should be."""

from hypothesis import given
from hypothesis import strategies as st

from generate.config import QuoteConfig
from generate.quoting.candidates import candidates
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage

TOWER = (
    "The tower stands in the west of the town. It was built by Johan Berg in 1889. "
    "Visitors climb 312 steps to the top. A café is open in summer."
)
BAKERY = "The bakery sells bread. Its owner is Maria Lund. It opens at six."


def select(question, *texts, **config):
    passages = [passage(text, name=str(i)) for i, text in enumerate(texts)]
    return Quoter(FakeEmbedder(), QuoteConfig(**config)).select(question, passages)


def quotes(selection):
    return [claim.quotes[0].text for claim in selection.claims]


def test_the_sentence_with_the_answer_is_quoted():
    assert "It was built by Johan Berg in 1889." in quotes(
        select("Who built the tower?", TOWER, BAKERY)
    )


def test_the_kind_of_answer_decides_between_alike_sentences():
    text = "The bridge was opened with music and speeches. The bridge was opened in May 1904."
    assert "The bridge was opened in May 1904." in quotes(
        select("When was the bridge opened?", text, sentences=1)
    )


def test_no_more_sentences_than_configured_are_quoted():
    for most in (1, 2, 3):
        assert len(quotes(select("Who built the tower?", TOWER, BAKERY, sentences=most))) <= most


def test_quotes_come_in_the_order_of_the_document():
    selection = select("What do visitors climb in the tower Berg built?", TOWER, close_behind=99)
    starts = [claim.quotes[0].start for claim in selection.claims]
    assert len(starts) == 2
    assert starts == sorted(starts)


def test_the_same_words_are_quoted_once():
    assert len(
        quotes(select("When was it built by Johan Berg?", TOWER, TOWER, sentences=4))
    ) == len(set(quotes(select("When was it built by Johan Berg?", TOWER, TOWER, sentences=4))))


def test_a_question_that_the_evidence_covers_is_surer_than_one_it_does_not():
    covered = select("Who built the tower in 1889?", TOWER).confidence
    absent = select("Which enzymes digest lactose?", TOWER).confidence
    assert absent < 0.13 < covered


def test_no_evidence_means_no_claims_and_no_confidence():
    selection = select("Who built the tower?")
    assert selection.claims == ()
    assert selection.confidence == 0.0


def test_a_line_break_in_the_source_is_a_space_in_the_sentence():
    (claim,) = select("Who built the tower?", "The tower was built\nby Johan  Berg.").claims
    assert claim.text == "The tower was built by Johan Berg."
    assert claim.quotes[0].text == "The tower was built\nby Johan  Berg."


@given(st.text(min_size=1, max_size=300), st.text(max_size=60))
def test_every_quote_is_a_span_of_its_passage(text, question):
    for claim in select(question, text).claims:
        (quote,) = claim.quotes
        start = quote.start - quote.passage.start
        assert text[start : start + len(quote.text)] == quote.text != ""


def test_only_a_few_sentences_are_embedded():
    class Counting(FakeEmbedder):
        embedded = 0

        def embed(self, texts):
            self.embedded += len(texts)
            return super().embed(texts)

    embedder = Counting()
    text = " ".join(f"The tower number {i} was built in 18{i:02}." for i in range(60))
    Quoter(embedder, QuoteConfig(candidates=12)).select("Who built it?", [passage(text)])
    assert embedder.embedded == 13


def test_headings_and_page_numbers_are_no_candidates():
    pool = candidates([passage("Introduction\n\n17\n\nThe tower was built by Johan Berg.")])
    assert [candidate.text for candidate in pool] == ["The tower was built by Johan Berg."]


def test_a_list_item_is_quoted_without_its_bullet():
    pool = candidates([passage("- Close the storm shutters.\n\u2022 Fill both water tanks.")])
    assert [c.text for c in pool] == ["Close the storm shutters.", "Fill both water tanks."]
    assert [c.quote.text for c in pool] == [c.text for c in pool]
