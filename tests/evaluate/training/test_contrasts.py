"""Contrasts: an altered question or text has no answer; one altered like the other keeps it."""

import pytest

from evaluate.training.contrasts import (
    ContrastMaker,
    ContrastShares,
    Related,
    Things,
    shared_names,
    without_answer,
)
from generate.quoting.reader_training import Example

TEXT = "The lamp at Anvil Point is lit at dusk. In 1894 the keeper of Anvil Point wrote the log."
ALWAYS = ContrastShares(1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0)


def example(question="When is the lamp at Anvil Point lit?", answer="at dusk", text=TEXT):
    start = text.index(answer)
    return Example(question, text, start, start + len(answer), "stations")


def contrasts(original, names=("Ferry Head",), related=None, words=()):
    maker = ContrastMaker(Things(names, words), related, ALWAYS)
    return list(maker.examples(original))


def test_the_example_itself_comes_first():
    assert contrasts(example())[0] == example()


def test_a_swapped_question_has_no_answer_and_one_swapped_like_its_text_has():
    made = contrasts(example())
    near_question = "When is the lamp at Ferry Head lit?"
    near_text = TEXT.replace("Anvil Point", "Ferry Head")
    assert Example(near_question, TEXT, None, None, "stations") in made
    assert Example(example().question, near_text, None, None, "stations") in made
    (answered,) = [one for one in made if one.text == near_text and one.start is not None]
    assert answered.question == near_question
    assert near_text[answered.start : answered.end] == "at dusk"


def test_a_number_is_swapped_for_another():
    original = example("Who wrote the log in 1894?", "the keeper")
    questions = {one.question for one in contrasts(original, names=()) if one.start is None}
    assert any(q.startswith("Who wrote the log in ") and "1894" not in q for q in questions)


def test_what_the_answer_holds_is_never_swapped():
    original = example("Where is the lamp of Anvil Point?", "at Anvil Point")
    assert all("Ferry Head" not in one.question + one.text for one in contrasts(original))


def test_an_example_without_an_answer_stays_as_it_is():
    original = Example("Who is the king?", TEXT, group="stations")
    assert contrasts(original) == [original]


def test_a_text_is_left_without_the_sentence_that_answers():
    shorter = without_answer(example())
    assert shorter.text == "In 1894 the keeper of Anvil Point wrote the log."
    assert shorter.start is None
    assert without_answer(example(text="It is lit at dusk.")) is None


def test_a_word_is_swapped_for_one_of_like_use_but_not_for_the_nearest():
    vectors = {"lamp": (1, 0, 0), "torch": (1, 0.1, 0), "bell": (1, 0.5, 0), "sea": (0, 0, 1)}
    related = Related(vectors)
    assert related.near("lamp", first=1, last=2) == ["bell"]
    assert related.near("unheard") == []


def test_an_opposite_word_takes_the_answer_away():
    original = example("Who was the first keeper?", "Ann", "Ann was the first keeper.")
    assert Example("Who was the last keeper?", original.text, None, None, "stations") in contrasts(
        original
    )


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_the_answer_stands_in_the_part_of_the_text_that_is_left(share):
    shares = ContrastShares(whole_text=share)
    for seed in range(20):
        maker = ContrastMaker(Things(("Ferry Head",), ()), None, shares, seed=seed)
        for one in maker.examples(example()):
            if one.start is not None:
                assert one.text[one.start : one.end] == "at dusk"


def test_the_same_seed_makes_the_same_examples():
    first, second = (
        list(ContrastMaker(Things(("Ferry Head",), ()), seed=4).examples(example()))
        for _ in range(2)
    )
    assert first == second


def test_names_are_found_as_the_question_writes_them():
    assert shared_names("when is anvil point lit?", TEXT) == ["anvil point"]
