"""A question is searched for without what it tells a writer, and part by part."""

import pytest

from generate.answer import answer
from generate.prompting.question_parts import question_parts, without_instructions
from tests.generate.conftest import BOB


@pytest.mark.parametrize(
    ("question", "searched"),
    [
        ("Assume you are a harbour pilot. How deep is the bay?", "How deep is the bay?"),
        ("You are an expert surveyor, be concise. How deep is the bay?", "How deep is the bay?"),
        ("As a beginner, how do I moor?", "how do I moor?"),
        ("How deep is the bay? Answer in one sentence.", "How deep is the bay?"),
        ("Answer in one sentence: how deep is the bay?", "how deep is the bay?"),
        ("Based on the documents provided, how deep is the bay?", "how deep is the bay?"),
        ("Could you please tell me how deep the bay is?", "how deep the bay is?"),
        ("Who answers the phone at night?", "Who answers the phone at night?"),
        ("You are who?", "You are who?"),
        ("Please", "Please"),
    ],
)
def test_instructions_do_not_steer_the_search(question, searched):
    assert without_instructions(question) == searched


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("When was the pier built and who paid for it?",
         ("When was the pier built", "who paid for it? pier built")),
        ("What does a berth cost? Is there water?", ("What does a berth cost?", "Is there water?")),
        ("What do crews eat and drink?", ("What do crews eat and drink?",)),
        ("How and when is the lamp lit?", ("How and when is the lamp lit?",)),
        ("Who decides and when?", ("Who decides and when?",)),
    ],
)  # fmt: skip
def test_a_question_with_several_parts_is_split_and_each_stands_alone(question, expected):
    assert question_parts(question) == expected


def test_each_part_is_answered(make_parts):
    question = "When does the ferry to Skarö leave the north pier and what do bicycles cost?"
    reply = answer(question, BOB, make_parts())
    assert reply.status == "answered"
    assert reply.sentences[0].text.endswith("at nine every morning.")
    assert "Bicycles cost 5 crowns." in reply.text


def test_a_part_without_an_answer_is_named(make_parts):
    question = (
        "When does the ferry to Skarö leave the north pier? What do zebras eat at Kilimanjaro?"
    )
    reply = answer(question, BOB, make_parts())
    assert reply.status == "partial"
    assert reply.missing == ("What do zebras eat at Kilimanjaro?",)
    assert "zebras" in reply.notice
