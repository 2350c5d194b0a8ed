import pytest

from evaluate.metrics.text import contains, exact_match, normalise, token_f1


def test_case_articles_and_punctuation_do_not_count():
    assert normalise("The  Norman\u2019s, a \u201cQuoted\u201d KING!") == "normans quoted king"


def test_exact_match_takes_any_reference():
    assert exact_match("the 10th century", ["1066", "10th Century."]).value == 1
    assert exact_match("in the 10th century", ["10th century"]).value == 0


def test_token_f1_takes_the_best_reference():
    assert token_f1("in the 10th century", ["1066", "10th century"]).value == pytest.approx(0.8)
    assert token_f1("nothing shared", ["1066"]).value == 0


def test_without_a_reference_there_is_no_score():
    assert exact_match("x", []).value is None
    assert token_f1("x", []).value is None


def test_containment_asks_for_whole_words_in_order():
    assert contains("He came to Northern France.", "northern france")
    assert not contains("He came to Northern France.", "france northern")
    assert not contains("unfranced", "france")
    assert not contains("anything", "the")
    assert contains("Ronald Robinson (1920\u20131999) wrote it.", "1999")
    assert contains("He lived in the U.S. then.", "US")


def test_a_letter_and_its_mark_are_one_letter_however_they_are_written():
    assert exact_match("Zoe\u0308", ["Zo\u00eb"]).value == 1
    assert token_f1("caf\u00e9 noir", ["cafe\u0301"]).value == pytest.approx(2 / 3)
