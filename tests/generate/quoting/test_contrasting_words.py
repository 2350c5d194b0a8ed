"""A sentence about the other of a pair is no answer: adults, the first quarter, the day shift."""

import pytest

from generate.config import QuoteConfig
from generate.quoting.contrasting_words import contrasts
from generate.quoting.named_things import NamedText
from generate.quoting.place_of_name import rival_in_place
from generate.quoting.quoter import Quoter
from tests.fakes.embedder import FakeEmbedder
from tests.fakes.passages import passage


def rivalled(question, text):
    return [thing.words for thing in contrasts(question) if thing.is_rivalled_in(NamedText(text))]


@pytest.mark.parametrize(
    ("question", "text", "expected"),
    [
        ("What does entry cost for children?", "Adults pay 30 crowns.", ["children"]),
        ("What does entry cost for children?", "Adults pay 30 crowns, children none.", []),
        ("What does entry cost for children?", "Kids pay nothing; adults 30.", []),
        ("Who reads the meter in the third quarter?", "In the first quarter Ola did.", ["third"]),
        ("Who reads the meter in the third quarter?", "In Q3 Ola reads it.", []),
        ("Who reads the meter in the 3rd quarter?", "Ola does in the third quarter.", []),
        ("When does the night shift begin?", "The day shift begins at six.", ["night"]),
        ("When does the night shift begin?", "It begins ten days later.", []),
        ("What does a year ticket cost?", "A month ticket costs 50.", ["year"]),
        ("How many times a year is it read?", "The month ticket costs 50.", []),
        ("When does the fair begin?", "The fair ends on Sunday.", ["begin"]),
        ("When does the fair begin and end?", "The fair ends on Sunday.", []),
        ("What is the minimum order?", "The maximum order is forty.", ["minimum"]),
        ("Was sind die Kosten?", "Adults pay.", []),
        ("?", "Adults pay.", []),
    ],
)
def test_a_word_is_missed_where_another_of_its_group_stands(question, text, expected):
    assert rivalled(question, text) == expected


@pytest.mark.parametrize(
    ("question", "text", "is_rival"),
    [
        ("When does the bus to Narvik leave?", "The bus to Oslo leaves at noon.", True),
        ("When does the bus to Narvik leave?", "Buses to Oslo leave at noon.", True),
        ("When does the bus to Narvik leave?", "The bus to the north leaves at noon.", False),
        ("When does the bus to Narvik leave?", "The bus leaves Oslo at noon.", False),
        ("Who is the mayor of the Hague?", "The mayor of Delft is new.", True),
    ],
)
def test_another_name_in_the_place_of_the_name_asked_for_is_a_rival(question, text, is_rival):
    start = max(question.find(name) for name in ("Narvik", "Hague"))
    assert bool(rival_in_place(question, start).search(text)) is is_rival


def test_a_name_without_a_place_has_no_rival():
    assert rival_in_place("Does Narvik have a harbour?", len("Does ")) is None


def select(question, *texts):
    passages = [passage(text, name=str(i)) for i, text in enumerate(texts)]
    return Quoter(FakeEmbedder(), QuoteConfig()).select(question, passages)


def test_what_no_sentence_tells_of_is_missing_and_no_answer():
    selection = select("What does entry cost for children?", "Entry costs 30 crowns for adults.")
    assert selection.missing == ("children",)
    assert not selection.is_answer


@pytest.mark.parametrize(
    ("question", "text", "only"),
    [
        ("What does a year ticket cost?", "A month ticket costs 50. A year ticket costs 400.",
         "A year ticket costs 400."),
        ("When does the bus to Narvik leave?",
         "The bus to Oslo leaves at eight. The bus to Narvik leaves at nine.",
         "The bus to Narvik leaves at nine."),
    ],
)  # fmt: skip
def test_a_sentence_about_the_other_goes_where_one_tells_of_what_was_asked(question, text, only):
    selection = select(question, text)
    assert [claim.text for claim in selection.claims] == [only]
    assert selection.is_answer
    assert selection.missing == ()


def test_the_letter_a_is_a_letter_where_it_stands_behind_a_noun():
    question = "How is hepatitis A treated?"
    assert select(question, "Hepatitis B is treated with rest.").missing == ("hepatitis A",)
    assert select("Is this a house?", "This is a house in Oslo.").missing == ()
