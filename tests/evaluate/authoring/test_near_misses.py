"""A near miss asks for something of the same kind that its document does not tell of."""

from evaluate.authoring.near_misses import near_misses

QUESTIONS = [
    "When was order KX-4410 sent?",
    "What did the crew of Tindvik earn in 1931?",
    "How much vitamin K is in kale?",
    "How many kilometres is the road to Skarholm?",
]
TEXTS = [
    "Order KX-4410 was sent in May.", "In 1931 the crew of Tindvik earned 12 crowns.",
    "Kale has vitamin K.", "The road to Skarholm is 7 kilometres long.",
]  # fmt: skip


def test_one_thing_is_swapped_for_one_that_the_text_lacks():
    misses = list(near_misses(QUESTIONS, TEXTS, seed=3))
    assert {miss.swap for miss in misses} == {"code", "number", "letter", "name", "unit"}
    for miss in misses:
        text = TEXTS[QUESTIONS.index(miss.original)]
        assert miss.asked_for in miss.question
        assert miss.question != miss.original
        assert miss.asked_for not in text


def test_the_same_seed_makes_the_same_questions():
    assert list(near_misses(QUESTIONS, TEXTS)) == list(near_misses(QUESTIONS, TEXTS))


def test_a_question_that_names_nothing_has_no_near_miss():
    assert list(near_misses(["Why is the lamp lit?"], ["It is dark."])) == []
