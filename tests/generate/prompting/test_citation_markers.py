"""Sentences and their markers, read from a stream."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generate.prompting.citation_markers import (
    WrittenSentence,
    read_sentences,
)
from generate.prompting.reply_claims import best_span, read_claims
from tests.fakes.passages import passage


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Paris is big. [1] Rome is old. [2]", [("Paris is big.", (1,)), ("Rome is old.", (2,))]),
        ("Paris is big [1]. Rome is old [2].", [("Paris is big.", (1,)), ("Rome is old.", (2,))]),
        ("Paris is big.[1][3] Rome is old.", [("Paris is big.", (1, 3)), ("Rome is old.", ())]),
        ("Paris is big [1, 2; 4-6].", [("Paris is big.", (1, 2, 4, 5, 6))]),
        ("- **Rome** is old. [1]\n- It is big.", [("Rome is old.", (1,)), ("It is big.", ())]),
        ("[1]", []),
        ("It costs 1.5 million. [2]", [("It costs 1.5 million.", (2,))]),
        ("Brackets [like these] stay.", [("Brackets [like these] stay.", ())]),
        ("Lit \u30101\u3011. Dark [^2]. Cold [passage 3].",
         [("Lit.", (1,)), ("Dark.", (2,)), ("Cold.", (3,))]),
        ("Lit [[1]] now. Cold [2](https://a.example/b). Old [3\u2020handbook].",
         [("Lit now.", (1,)), ("Cold.", (2,)), ("Old.", (3,))]),
        ("Lit [1 and 2]. Far [12345].", [("Lit.", (1, 2)), ("Far.", (12345,))]),
        ("It is lit [1]\nIt costs 5 [2]\n", [("It is lit", (1,)), ("It costs 5", (2,))]),
        ("Lit at 5 p.m. [1] Dark at 6. [2]", [("Lit at 5 p.m.", (1,)), ("Dark at 6.", (2,))]),
        ("\u0e44\u0e1f\u0e15\u0e01 [1] \u0e23\u0e32\u0e04\u0e32 5 [2]",
         [("\u0e44\u0e1f\u0e15\u0e01", (1,)), ("\u0e23\u0e32\u0e04\u0e32 5", (2,))]),
    ],
)  # fmt: skip
def test_markers_belong_to_the_sentence_that_they_follow(text, expected):
    assert [(w.text, w.numbers) for w in read_sentences([text])] == expected


WORDS = st.sampled_from(
    ["Paris is big", "It cost 1.5", "Dr. Who", ". ", "! ", "\n\n", " ", "[1]", "[2, 3]", " [4]. ",
     "[", "- ", "* a", "| b | c |\n", "e.g. this", "\u30101\u3011", "[^2]", "[passage 3]", "[[1]]",
     "[1](a.b)", "]", ")", "\n"]
)  # fmt: skip


@given(st.lists(WORDS, max_size=16), st.integers(1, 9))
def test_where_the_stream_is_cut_changes_nothing(fragments, size):
    text = "".join(fragments)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert list(read_sentences(pieces)) == list(read_sentences([text]))


def test_a_sentence_is_yielded_before_the_stream_ends():
    pieces_read = []

    def pieces():
        for piece in ("Paris is big. [1]", " Rome is", " old. [2]"):
            pieces_read.append(piece)
            yield piece

    assert next(read_sentences(pieces())) == WrittenSentence("Paris is big.", (1,))
    assert len(pieces_read) == 2


def test_markers_of_other_passages_are_dropped():
    passages = [passage("Rome is old."), passage("Paris is big.", name="b")]
    (claim,) = read_claims(["Paris is big. [2][7][0]"], passages)
    assert [quote.passage.chunk.chunk_id for quote in claim.quotes] == ["b"]


def test_a_sentence_without_markers_is_tried_on_the_passage_with_its_words():
    passages = [passage("Rome is old."), passage("Paris is big.", name="b")]
    (claim,) = read_claims(["Paris is big."], passages)
    assert [quote.passage.chunk.chunk_id for quote in claim.quotes] == ["b"]


def test_the_best_span_is_one_sentence_where_one_is_enough():
    text = "Rome is old. Paris is a big city in France. Oslo is cold."
    quote = best_span("Paris is in France.", passage(text))
    assert quote.text == "Paris is a big city in France."
    assert quote.start == 100 + text.index("Paris")


def test_the_best_span_takes_the_neighbour_that_the_claim_also_needs():
    text = "Oslo is cold. The tower was built by Eiffel. It opened in 1889 to visitors."
    quote = best_span("The tower by Eiffel opened to visitors in 1889.", passage(text))
    assert quote.text == "The tower was built by Eiffel. It opened in 1889 to visitors."


def test_text_without_an_end_is_cut():
    sentences = list(read_sentences(["x" * 5000]))
    assert all(len(sentence.text) <= 2000 for sentence in sentences)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It is old 1 [3]AKIA now.", "It is old 1 AKIA now."),
        ("The key[1]opens [2][3]doors.", "The key opens doors."),
        ("The lamp is lit [1].", "The lamp is lit."),
        ("\u706f\u5854[1]\u5f88\u9ad8\u3002", "\u706f\u5854\u5f88\u9ad8\u3002"),
    ],
)
def test_a_marker_between_two_words_does_not_join_them(text, expected):
    assert [sentence.text for sentence in read_sentences([text])] == [expected]
