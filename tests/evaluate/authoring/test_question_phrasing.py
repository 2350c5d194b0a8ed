import pytest

from evaluate.authoring.question_phrasing import (
    definition_question,
    heading_question,
    short_answer,
    speaks_of,
    stands_alone,
    subject,
    table_question,
)


@pytest.mark.parametrize(
    ("term", "verb", "rest", "question"),
    [
        ("the tower", "is", "42 metres high", "How high is the tower?"),
        ("Ada Byron", "was", "the first chair of the club", "Who was Ada Byron?"),
        ("Gull Stack", "is", "a lighthouse of 1931", "What is Gull Stack?"),
        ("a watch", "lasts", "four hours", "How long does a watch last?"),
        ("the boat", "leaves", "the harbour at 06:30", "When does the boat leave?"),
        ("the boat", "leaves", "nothing behind", None),
        ("lamps", "are", "650 watt", None),
        ("the lens", "carries", "two mirrors", "What does the lens carry?"),
    ],
)
def test_a_definition_is_asked_for_as_people_ask(term, verb, rest, question):
    assert definition_question(term, verb, rest) == question


@pytest.mark.parametrize(
    ("rest", "answer"),
    [
        ("86 litres, and the lens floats on it", "86 litres"),
        ("290 crowns a month and is paid from November", "290 crowns a month"),
        ("a red, white and blue flag", "a red, white and blue flag"),
    ],
)
def test_an_answer_ends_where_the_sentence_speaks_of_something_else(rest, answer):
    assert short_answer(rest) == answer


@pytest.mark.parametrize(
    ("heading", "question"),
    [
        ("During the storm", "According to “Plan”, what happens during the storm?"),
        ("In winter", "According to “Plan”, what applies in winter?"),
        ("2.1 The log", "What does “Plan” say about the log?"),
        ("Gull Stack", "What does “Plan” say about Gull Stack?"),
        ("NASA", "What does “Plan” say about NASA?"),
        ("Watches", "What does “Plan” say about watches?"),
        ("To book a visit", None),
    ],
)
def test_a_heading_becomes_a_sentence_whatever_it_begins_with(heading, question):
    assert heading_question("Plan", heading, "There are six watches.") == question


def test_a_column_keeps_its_abbreviation_and_its_number():
    assert table_question("Monthly pay", "Keeper") == "What is the monthly pay for “Keeper”?"
    assert table_question("ID", "Keeper") == "What is the ID for “Keeper”?"
    assert table_question("Hours", "Monday") == "What are the hours for “Monday”?"


def test_a_document_may_tell_of_what_it_has_all_the_words_of():
    assert speaks_of("In a storm we close the shutters.", "Before the storm")
    assert not speaks_of("We close the shutters.", "Before the storm")
    assert stands_alone("The great storm")
    assert not stands_alone("What she carries")


def test_a_sentence_s_subject_is_written_as_within_a_sentence():
    assert subject("The lamp", "") == "the lamp"
    assert subject("Lamps at Long Ness", "All lamps burn.") == "lamps at Long Ness"
    assert subject("Saint Brannoc", "Saint Brannoc is high.") == "Saint Brannoc"
