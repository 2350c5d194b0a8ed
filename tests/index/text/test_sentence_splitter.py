from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.text.sentence_splitter import split_sentences


def sentences(text):
    return [text[start:end] for start, end in split_sentences(text)]


@pytest.mark.parametrize(
    "expected",
    [
        ["It rained.", "We stayed in."],
        ["Is it safe?", "Yes!", "Go on."],
        ["The dose was 3.5 mg per day.", "It was well tolerated."],
        ["Dr. J. K. Smith et al. (2004) found it.", "Others did not."],
        ["See Fig. 3 and Eq. 12, e.g. the upper curve.", "The lower one is flat."],
        ["They lived in the U.S. Virgin Islands for years.", "Then they left."],
        ["It was made in the U.S.", "The price fell."],
        ["They took vitamin C.", "The control group did not."],
        ["She asked: “Why now?”", "Nobody knew."],
        ["(It was late.)", "We left."],
        ["Intake fell over time.12,13", "Later work disagreed."],
        ["It was shown before.[4]", "We repeat it."],
        ["Is the answer no.", "The next one is yes."],
        ["Apples, pears, etc. and so on.", "More fruit followed."],
        ["Version 2.0.1 of pkg.mod fixed it.", "Upgrade now."],
        ["Wait... then it stopped."],
    ],
)
def test_english_sentences_are_told_apart(expected):
    assert sentences(" ".join(expected)) == expected


def test_chinese_and_japanese_full_stops_need_no_space():
    assert sentences("今天下雨。我们在家。「好吗\uff1f」他问。") == [
        "今天下雨。",
        "我们在家。",
        "「好吗\uff1f」",
        "他问。",
    ]


def test_danda_and_arabic_question_mark_end_sentences():
    assert len(sentences("यह पहला है। यह दूसरा है।")) == 2
    assert len(sentences("ما هذا؟ هذا كتاب.")) == 2


def test_an_empty_line_ends_a_sentence_without_a_full_stop():
    assert sentences("A heading\n\nA paragraph.") == ["A heading", "A paragraph."]


def test_a_wrapped_line_does_not_end_a_sentence():
    assert sentences("It goes on\nover the line. Next.") == ["It goes on\nover the line.", "Next."]


def test_list_items_and_rows_stand_alone():
    assert sentences("- one\n- two\n1. three\n2. four") == ["- one", "- two", "1. three", "2. four"]
    assert sentences("a | b\nc | d") == ["a | b", "c | d"]


def test_a_full_stop_in_a_cell_does_not_end_the_row():
    rows = ["Name | Street", "Dr. Lund | Kirkeg. 4, St. Olav", "Prof. Berg | Havneg. 9."]
    assert sentences("\n".join([*rows, "They moved. Both are well."])) == [
        *rows, "They moved.", "Both are well.",
    ]  # fmt: skip


@given(st.text(alphabet=st.sampled_from("aB1.?! \n\t|-。\"'()[]é"), max_size=200))
def test_spans_hold_every_character_that_is_not_white_space(text):
    spans = split_sentences(text)
    assert "".join("".join(sentences(text)).split()) == "".join(text.split())
    assert all(a < b for a, b in spans)
    assert all(first[1] <= second[0] for first, second in pairwise(spans))


def test_a_long_text_splits_in_linear_time():
    text = "word " * 100_000 + "x." + " J." * 20_000 + "." * 100_000 + "|" * 50_000
    assert split_sentences(text)
