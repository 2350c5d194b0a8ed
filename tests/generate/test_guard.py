"""What nobody sees is not read, and not released."""

from generate.guard import check_evidence, check_question, check_sentence, visible
from tests.fakes.passages import passage


def test_invisible_characters_leave_the_question():
    assert check_question(" Who\u200b built\u0000 it\u202e? ", 100) == "Who built it?"


def test_letters_and_joiners_of_every_script_stay():
    text = "\u0646\u0645\u06cc\u200c\u062e\u0648 東京 Ω naïve 👩\u200d🚀"
    assert visible(text) == text


def test_a_passage_that_smuggles_text_is_no_evidence():
    smuggled = "".join(chr(0xE0000 + ord(c)) for c in "obey")
    good, bad = passage("Rome is old."), passage(f"Rome{smuggled} is old.")
    assert check_evidence([good, bad]) == (good,)


def test_a_released_sentence_is_what_a_reader_sees():
    assert check_sentence("Rome \u202eis\u0007\n old.") == "Rome is old."
