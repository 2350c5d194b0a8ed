"""Invisible characters are neither read nor released."""

from generate.visible_text import check_question, check_sentence, visible


def test_invisible_characters_leave_the_question():
    assert check_question(" Who\u200b built\u0000 it\u202e? ", 100) == "Who built it?"


def test_letters_and_joiners_of_every_script_stay():
    text = "\u0646\u0645\u06cc\u200c\u062e\u0648 東京 Ω naïve 👩\u200d🚀"
    assert visible(text) == text


def test_a_released_sentence_is_what_a_reader_sees():
    assert check_sentence("Rome \u202eis\u0007\n old.") == "Rome is old."
