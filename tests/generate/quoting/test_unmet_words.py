"""A sentence that has the asked name, and nothing else of the question, is no answer."""

import pytest

from generate.quoting.candidates import Ranked, candidates
from generate.quoting.late_interaction import Likeness, WordLikeness
from generate.quoting.named_things import named_things
from generate.quoting.unmet_words import unmet_words
from tests.fakes.passages import passage

QUESTION = "When is the lamp at Gull Stack lit?"


def unmet(question, text, cosines):
    candidate = candidates([passage(text)])[0]
    words = None if cosines is None else WordLikeness(0, 0, 0, tuple(cosines.items()))
    entry = Ranked(candidate, 0.0, Likeness(0.0, words))
    return unmet_words(question, entry, named_things(question))


@pytest.mark.parametrize(
    ("text", "cosines", "expected"),
    [
        ("The bath at Gull Stack is checked.", {"lamp": 0.1, "lit": 0.2}, ("lamp", "lit")),
        ("The light of Gull Stack burns.", {"lamp": 0.6, "lit": 0.2}, ()),
        # The sentence after it has the word.
        ("Gull Stack is first. Its lamp is bright.", {"lamp": 0.1, "lit": 0.2}, ()),
        ("The bath at Gull Stack is checked.", None, ()),
    ],
)
def test_words_are_unmet_where_the_sentence_meets_none_of_them(text, cosines, expected):
    assert unmet(QUESTION, text, cosines) == expected


def test_a_question_that_names_nothing_has_no_unmet_words():
    assert unmet("When is the lamp lit?", "The bath is checked.", {"lamp": 0.1, "lit": 0.1}) == ()


def test_the_name_itself_is_not_among_them():
    cosines = {"Gull": 1.0, "Stack": 1.0, "lamp": 0.1}
    assert unmet(QUESTION, "The bath at Gull Stack is checked.", cosines) == ("lamp",)


@pytest.mark.parametrize(
    ("question", "cosines", "expected"),
    [
        ("What profession has Ida Holm?", {"profession": 0.1}, ()),
        ("What is the name of the cat of Ida Holm?", {"name": 0.1, "cat": 0.1}, ("cat",)),
    ],
)
def test_the_word_for_what_is_asked_for_is_met_by_the_answer(question, cosines, expected):
    assert unmet(question, "Ida Holm was a poet in Bergen.", cosines) == expected
