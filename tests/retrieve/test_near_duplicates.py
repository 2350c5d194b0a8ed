"""Copies are dropped, conflicting versions are not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieve.near_duplicates import shingles_of, without_copies
from tests.retrieve.chunks import stored_chunk

RULE = (
    "The keeper lights the lamp at dusk and puts it out at dawn. In fog the horn sounds every "
    "{} seconds, and the keeper writes the hour, the wind and the state of the sea in the log "
    "before the relief boat comes in, whatever the weather may be."
)


def keep_distinct(*texts, threshold=0.9):
    chunks = [stored_chunk(text, key=number) for number, text in enumerate(texts)]
    return [chunk.key for chunk in without_copies(chunks, threshold=threshold)]


def test_the_better_ranked_of_two_copies_is_kept():
    assert keep_distinct("Something else entirely.", RULE.format(30), RULE.format(30)) == [0, 1]


def test_case_punctuation_and_spacing_do_not_hide_a_copy():
    text = RULE.format(30)
    assert keep_distinct(text, text.upper().replace(",", " ").replace(" ", "  ")) == [0]


def test_one_changed_word_in_a_long_passage_is_still_a_copy():
    text = RULE.format(30) + " " + RULE.format(30).replace("keeper", "warden")
    assert keep_distinct(text, text.replace("relief", "supply", 1)) == [0]


def test_a_changed_figure_is_a_conflict_and_not_a_copy():
    assert keep_distinct(RULE.format(30), RULE.format(60)) == [0, 1]


@pytest.mark.parametrize("negation", ["not ", "never ", "doesn't "])
def test_a_negation_makes_another_statement(negation):
    text = RULE.format(30)
    assert keep_distinct(text, text.replace("keeper lights", f"keeper {negation}lights")) == [0, 1]


def test_passages_that_share_a_sentence_are_both_kept():
    common = "The keeper writes the hour in the log."
    assert keep_distinct(
        f"{common} Gulls nest on the north cliff.", f"{common} Oil is stored below."
    ) == [
        0,
        1,
    ]


def test_short_texts_are_compared_whole():
    assert keep_distinct("Yes.", "yes", "No.") == [0, 2]


def test_a_threshold_above_one_keeps_everything():
    assert keep_distinct("The same.", "The same.", threshold=1.1) == [0, 1]


def test_no_chunks_give_no_chunks():
    assert keep_distinct() == []


def naive_words(text):
    """Split by hand, letter by letter: the tests' own reading of what a word is."""
    words, word = [], ""
    for character in f"{text.lower()} ":
        if character.isalnum() or (word and character in "'."):
            word += character
        elif word:
            words.append(word.rstrip("'."))
            word = ""
    return words


def naive_similarity(one, other):
    """Return Broder's resemblance of two texts, from its definition: runs of three words."""
    runs = []
    for words in (one, other):
        runs.append([])
        for start in range(len(words)):
            if start + 3 <= len(words):
                runs[-1].append(" ".join(words[start : start + 3]))
        if len(words) < 3:
            runs[-1].append(" ".join(words))
    either = sorted({*runs[0], *runs[1]})
    both = [run for run in either if run in runs[0] and run in runs[1]]
    return len(both) / len(either)


def naive_turns(words):
    negations = ["no", "not", "never", "none", "neither", "nor", "without", "except", "unless"]
    return [
        word
        for word in words
        if word in [*negations, "cannot"]
        or (word.endswith("n't") and word != "n't")
        or any(character.isdigit() for character in word)
    ]


def naively_kept(texts, threshold):
    subset = []
    for number, text in enumerate(texts):
        words = naive_words(text)
        copies = [
            other
            for other in subset
            if naive_turns(naive_words(texts[other])) == naive_turns(words)
            and naive_similarity(naive_words(texts[other]), words) >= threshold
        ]
        if not copies:
            subset.append(number)
    return subset


VOCABULARY = [
    "sea", "wind", "lamp", "keeper's", "Sea", "not", "cannot", "unless", "doesn't", "nothing",
    "30", "30.5", "a4", "oil.", "(rock)",
]  # fmt: skip
texts = st.lists(st.sampled_from(VOCABULARY), max_size=9).map(" ".join)
near_copies = st.tuples(texts, st.sampled_from(VOCABULARY), texts).map(" ".join)


@given(
    st.lists(texts | near_copies, max_size=8),
    st.sampled_from([0.1, 0.2, 0.25, 1 / 3, 0.5, 0.6, 0.75, 0.9, 1.0]),
)
def test_what_is_kept_is_what_a_comparison_of_every_pair_keeps(texts, threshold):
    assert keep_distinct(*texts, threshold=threshold) == naively_kept(texts, threshold)


@given(texts)
def test_shingles_are_the_runs_of_three_words(text):
    words = text.split()
    expected = {tuple(words[at : at + 3]) for at in range(len(words) - 2)}
    assert shingles_of(words) == (expected if len(words) > 3 else {tuple(words)})


def test_similarity_at_the_threshold_is_a_copy_and_below_it_is_not():
    """Three runs each, two in common: 2 of 4."""
    one, other = "the sea the wind lamp", "old the sea the wind"
    assert keep_distinct(one, other, threshold=0.5) == [0]
    assert keep_distinct(one, other, threshold=0.51) == [0, 1]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("The oil is cheap.", "The oil is not cheap."),
        ("He can stay.", "He cannot stay."),
        ("All but one left.", "All left unless one stayed."),
        ("Open with a key.", "Open without a key."),
        ("Rule 4a holds.", "Rule 4b holds."),
        ("It costs 1,000 crowns.", "It costs 1,001 crowns."),
        ("Either holds.", "Neither holds."),
        ("They aren't here.", "They are here."),
    ],
)
def test_a_turning_word_keeps_even_texts_that_share_a_run(one, other):
    assert keep_distinct(one, other, threshold=0.0001) == [0, 1]
    common_text = "The keeper writes the hour in the log. "
    assert keep_distinct(common_text + one, common_text + other, threshold=0.1) == [0, 1]


def test_a_curly_apostrophe_negates_like_a_straight_one():
    assert keep_distinct(
        "It doesn\u2019t burn at all.", "It does burn at all.", threshold=0.01
    ) == [0, 1]


def test_compatibility_forms_of_letters_do_not_hide_a_copy():
    assert keep_distinct("The \ufb01rst of\u00a0all", "the first of all") == [0]
