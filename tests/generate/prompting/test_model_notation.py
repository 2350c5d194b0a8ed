"""A model's notation is removed from its words, and its thoughts are left out."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generate.llm.reasoning_filter import ReasoningFilter
from generate.prompting.model_notation import bare


@pytest.mark.parametrize(
    ("model_text", "expected"),
    [
        ("**The lamp** is *lit*.", "The lamp is lit."),
        ("See [the plan](https://a.example/?q=(1)) here.", "See the plan here."),
        ('![lamp](http://a.example/x.png "lamp") It is lit.', " It is lit."),
        ('Lit <img src="http://a.example/x"> now.', "Lit  now."),
        ("A List<String> holds 2*3*4.", "A List<String> holds 2*3*4."),
        ("- It is lit.", "It is lit."),
    ],
)
def test_a_sentence_keeps_its_words_and_no_link_or_image(model_text, expected):
    assert bare(model_text) == expected


@pytest.mark.parametrize(
    ("reply", "text"),
    [
        ("<think>\nIs it lit? Yes.\n</think>\n\nIt is lit. [1]", "\n\nIt is lit. [1]"),
        ("It is lit. [1]", "It is lit. [1]"),
        ("<think>It never ends", ""),
        ("<thick walls", "<thick walls"),
        ("<thi", "<thi"),
        ("", ""),
    ],
)
@given(size=st.integers(1, 40))
def test_thoughts_are_left_out_wherever_the_stream_is_cut(reply, text, size):
    thoughts = ReasoningFilter()
    pieces = [reply[i : i + size] for i in range(0, len(reply), size)]
    assert "".join(map(thoughts.visible_part, pieces)) + thoughts.rest() == text
