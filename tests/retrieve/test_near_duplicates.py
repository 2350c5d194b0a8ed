"""Copies are dropped, conflicting versions are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieve.near_duplicates import shingles_of, without_copies
from tests.retrieve.chunks import stored

RULE = (
    "The keeper lights the lamp at dusk and puts it out at dawn. In fog the horn sounds every "
    "{} seconds, and the keeper writes the hour, the wind and the state of the sea in the log "
    "before the relief boat comes in, whatever the weather may be."
)


def kept(*texts, threshold=0.9):
    chunks = [stored(text, key=number) for number, text in enumerate(texts)]
    return [chunk.key for chunk in without_copies(chunks, threshold=threshold)]


def test_the_better_ranked_of_two_copies_is_kept():
    assert kept("Something else entirely.", RULE.format(30), RULE.format(30)) == [0, 1]


def test_case_punctuation_and_spacing_do_not_hide_a_copy():
    text = RULE.format(30)
    assert kept(text, text.upper().replace(",", " ").replace(" ", "  ")) == [0]


def test_one_changed_word_in_a_long_passage_is_still_a_copy():
    text = RULE.format(30) + " " + RULE.format(30).replace("keeper", "warden")
    assert kept(text, text.replace("relief", "supply", 1)) == [0]


def test_a_changed_figure_is_a_conflict_and_not_a_copy():
    assert kept(RULE.format(30), RULE.format(60)) == [0, 1]


@pytest.mark.parametrize("negation", ["not ", "never ", "doesn't "])
def test_a_negation_makes_another_statement(negation):
    text = RULE.format(30)
    assert kept(text, text.replace("keeper lights", f"keeper {negation}lights")) == [0, 1]


def test_passages_that_share_a_sentence_are_both_kept():
    common = "The keeper writes the hour in the log."
    assert kept(f"{common} Gulls nest on the north cliff.", f"{common} Oil is stored below.") == [
        0,
        1,
    ]


def test_short_texts_are_compared_whole():
    assert kept("Yes.", "yes", "No.") == [0, 2]


def test_a_threshold_above_one_keeps_everything():
    assert kept("The same.", "The same.", threshold=1.1) == [0, 1]


def test_no_chunks_give_no_chunks():
    assert kept() == []


words = st.lists(st.sampled_from(["sea", "wind", "not", "lamp", "30"]), max_size=8).map(" ".join)


@given(st.lists(words, max_size=8), st.floats(0.1, 1.0))
def test_what_is_kept_agrees_with_the_definition(texts, threshold):
    expected: list[int] = []
    for at, text in enumerate(texts):
        mine = shingles_of(text.split())
        turns = [w for w in text.split() if w in {"not", "30"}]
        for other in expected:
            theirs = shingles_of(texts[other].split())
            same = [w for w in texts[other].split() if w in {"not", "30"}] == turns
            if same and len(mine & theirs) / len(mine | theirs) >= threshold:
                break
        else:
            expected.append(at)
    assert kept(*texts, threshold=threshold) == expected
