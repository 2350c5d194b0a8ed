"""A question is rewritten before it is searched for."""

import pytest

from retrieve.errors import InvalidQuestionError
from retrieve.query import rewrite, search_terms


def test_white_space_is_joined_and_letters_are_composed():
    assert rewrite("  cafe\u0301 \n\t hours?  ", longest=100) == "caf\u00e9 hours?"


def test_a_question_that_is_well_formed_stays_as_it_is():
    assert rewrite("Who keeps the light?", longest=100) == "Who keeps the light?"


@pytest.mark.parametrize("empty", ["", "   ", "\n\t", "???", "\u200b\u200b", "\x00"])
def test_a_question_without_a_word_is_refused(empty):
    with pytest.raises(InvalidQuestionError) as error:
        rewrite(empty, longest=100)
    assert error.value.status == 422


@pytest.mark.parametrize(
    "question", ["\u706f\u53f0\u306f\u3069\u3053", "42", "\U0001f6a2?", "\u20ac"]
)
def test_any_script_any_digit_and_any_symbol_is_a_word(question):
    assert rewrite(question, longest=100) == question


@pytest.mark.parametrize("length", [101, 5_000])
def test_a_question_that_is_too_long_is_refused_with_the_limit(length):
    with pytest.raises(InvalidQuestionError, match="100 characters"):
        rewrite("a" * length, longest=100)


def test_a_question_of_exactly_the_limit_is_accepted():
    assert len(rewrite("a" * 100, longest=100)) == 100


def test_a_lone_surrogate_is_refused_and_not_passed_on():
    with pytest.raises(InvalidQuestionError, match="Unicode"):
        rewrite("light \ud800 house", longest=100)


def test_the_terms_leave_out_how_the_question_is_asked():
    assert search_terms("Where do you keep the oil for the lamps?") == ["keep", "oil", "lamp"]


def test_a_question_of_function_words_alone_keeps_them():
    assert search_terms("Who are we?") == ["who", "we"]
