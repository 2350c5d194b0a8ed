"""A question is a follow-up only where it needs the turns before it; else nothing changes it."""

import pytest

from generate.prompting.followup_rules import needs_history, standalone_question
from generate.types import Turn

BEFORE = [
    Turn("user", "Which captain sailed the Alka to Tindvik in 1911?"),
    Turn("assistant", "Captain Moe sailed the Alka to Tindvik in 1911."),
]

NEEDS = [
    "And in winter?", "How long did it take?", "Why?", "What about 1912?", "Who built them?",
    "What does the other one cost?", "Where was she born?", "Is that allowed?", "What else?",
    "How much is the second one?", "Who owns this?", "When did they leave it?",
    "Und im Winter?", "Wie lange dauerte es damals für die Stadt?", "Wer hat ihn gebaut?",
    "Warum?", "Et en hiver ?", "Pourquoi ?", "Où est-ce que sa mère est née ?",
    "¿Y en invierno?", "¿Por qué?", "¿Cuándo nació su madre en el norte?",
    "E in inverno?", "Perché?", "Quando è nata sua madre?",
    "E no inverno?", "Por quê?", "Quando foi que ele saiu do porto?",
    "En in de winter?", "Waarom?", "Wanneer is hij uit de haven vertrokken?",
    "Peki ya kışın?", "Neden?", "Onun annesi ne zaman ve nerede doğdu?",  # noqa: RUF001 - Turkish
    "А зимой?", "Почему?", "Когда он родился?",  # noqa: RUF001 - Cyrillic
    "那冬天呢?", "它多少钱?", "为什么?",
]  # fmt: skip

ALONE = [
    "When is the lamp lit?", "Opening hours?", "Who won?", "Is it possible to moor overnight?",
    "Are there showers?", "Is there a lift?", "What does it cost to moor a dinghy?",
    "The fee never expires, correct?", "The pier closes at nine, doesn't it?",
    "Which boat sank and who raised it?", "How many berths are there in the harbour?",
    "What happens if a skipper loses her licence?", "What is the dose of vitamin K?",
    "Wann wird die Lampe angezündet?", "Gibt es Duschen im Hafen?",
    "Wie viel kostet ein Liegeplatz?",
    "Quand ouvre le port de plaisance ?",
    "¿Cuándo abre el puerto en la isla?", "Quando apre il porto di notte?",
    "Quando abre o porto da ilha?", "Wanneer gaat de haven open?",
    "Liman ne zaman ve nerede açılıyor?",  # noqa: RUF001 - Turkish
    "Когда открывается гавань?",
    "港口什么时候开放?", "灯塔有多高?",
]  # fmt: skip


@pytest.mark.parametrize("question", NEEDS)
def test_what_points_back_or_goes_on_needs_the_conversation(question):
    assert needs_history(question)
    assert standalone_question(question, BEFORE).startswith(question)
    assert "Alka" in standalone_question(question, BEFORE)


@pytest.mark.parametrize("question", ALONE)
def test_what_stands_alone_is_left_as_it_is(question):
    assert standalone_question(question, BEFORE) == question


def test_a_follow_up_of_a_follow_up_reaches_the_question_that_both_need():
    history = [*BEFORE, Turn("user", "And in winter?"), Turn("assistant", "Nobody did.")]
    assert "Tindvik" in standalone_question("Why?", history)
    assert "winter" in standalone_question("Why?", history)


def test_a_year_that_is_asked_for_takes_the_place_of_the_one_before():
    assert "1911" not in standalone_question("What about 1912?", BEFORE)
    assert "1911" in standalone_question("What about the Bris?", BEFORE)
