"""Lists, tables and listings of a model: every unit is checked, and stands where it stood."""

import json
import logging
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from generate.answer import answer
from generate.finalize import NO_EVIDENCE
from generate.rendering.render import (
    answer_from,
    answer_html,
    answer_json,
    answer_markdown,
    released,
    sentence_json,
)
from retrieve.retrieve import RetrievalDependencies
from tests.fakes.model import ScriptedModel, SplitModel
from tests.fakes.store import Shelf
from tests.generate.conftest import BOB
from tests.generate.guardrails.test_session import Fixed
from tests.generate.test_answer import assert_sound

RULES = (
    "Before a storm the keeper closes the shutters and brings the boat up. After a storm the "
    "keeper sweeps the gallery. Visitors must not enter the tower during a storm. The north pier "
    "is 120 metres long. The north pier opened in 1931. The south pier is 80 metres long. The "
    "south pier opened in 1954. Run `lamp --on` to light the lamp."
)
ASKED = "What does the keeper do before a storm, and how long are the piers?"
LIST = (
    "Before a storm:\n- Close the shutters. [1]\n- Steal the silver. [1]\n"
    "- Bring the boat up. [1]\n"
)
TABLE = (
    "| Pier | Length | Opened |\n|---|---|---|\n| **North pier** | 120 metres | 1931 [1] |\n"
    "| South pier | 80 metres | 1945 [1] |\n| South pier | 80 metres | 1954 [1] |\n"
)


@pytest.fixture
def rules(tmp_path):
    shelf = Shelf(tmp_path / "rules")
    shelf.put(RULES, filename="rules.txt")
    return shelf


@pytest.fixture
def ask(rules, make_parts):
    def ask_model(script, *, model=None, policy=None, emit=None, **config):
        config = {"unsupported": "drop", **config}
        parts = make_parts(model or ScriptedModel(script), **config)
        parts = replace(parts, retrieval=RetrievalDependencies(rules.library, rules.embedder))
        if policy:
            parts = replace(parts, policy=policy)
        return answer(ASKED, BOB, parts, emit=emit)

    return ask_model


def test_items_are_shown_under_their_introduction_and_withheld_ones_vanish(ask, rules):
    reply = ask(LIST)
    assert [sentence.text for sentence in reply.sentences] == [
        "Close the shutters.", "Bring the boat up.",
    ]  # fmt: skip
    assert reply.text == "Before a storm:\n- Close the shutters. [1]\n- Bring the boat up. [1]"
    (block,) = reply.blocks
    assert (block.kind, block.introduction) == ("list", "Before a storm:")
    assert [unit.sentences for unit in block.units] == [(0,), (1,)]
    assert_sound(rules, reply, BOB)


def test_an_introduction_without_items_is_not_shown(ask):
    reply = ask("Before a storm the thieves:\n- Steal the silver. [1]\n- Sweep the gallery. [1]\n")
    assert (reply.status, reply.blocks, reply.sentences) == ("no_evidence", (), ())
    assert reply.notice.startswith(NO_EVIDENCE)
    assert "thieves" not in json.dumps(answer_json(reply))


def test_an_item_that_belongs_under_another_introduction_is_withheld(ask):
    reply = ask("Before a storm:\n1. Sweep the gallery [1]\n2. Close the shutters [1]\n")
    assert reply.text == "Before a storm:\n1. Close the shutters [1]"
    assert reply.blocks[0].kind == "numbered_list"


def test_a_denial_in_an_introduction_counts_for_its_items(ask):
    reply = ask("You must not:\n- enter the tower during a storm [1]\n- close the shutters [1]\n")
    assert reply.text == "You must not:\n- enter the tower during a storm [1]"


def test_a_row_with_a_wrong_cell_is_withheld_as_a_whole(ask, rules):
    reply = ask(TABLE)
    assert [sentence.text for sentence in reply.sentences] == [
        "North pier | 120 metres | 1931", "South pier | 80 metres | 1954",
    ]  # fmt: skip
    (block,) = reply.blocks
    assert block.header == ("Pier", "Length", "Opened")
    assert [[reply.text[c.start : c.end] for c in unit.cells] for unit in block.units] == [
        ["North pier", "120 metres", "1931"], ["South pier", "80 metres", "1954"],
    ]  # fmt: skip
    assert [reply.text[m.start : m.end] for m in block.marks] == ["North pier"]
    assert "1945" not in json.dumps(answer_json(reply))
    assert_sound(rules, reply, BOB)


def test_the_header_of_a_table_without_rows_vanishes(ask):
    reply = ask("| Thief | Loot |\n|---|---|\n| The keeper | silver [1] |\n")
    assert reply.sentences == ()
    assert "Thief" not in json.dumps(answer_json(reply))


def test_a_column_whose_cells_say_nothing_has_no_name(ask):
    reply = ask("| Pier | Thief | Opened |\n|-|-|-|\n| South pier | - | 1954 [1] |\n")
    assert reply.blocks[0].header == ("Pier", "", "Opened")
    assert "Thief" not in json.dumps(answer_json(reply))


def test_a_listing_is_shown_where_it_stands_word_for_word(ask, rules):
    reply = ask("Light it:\n```sh\nlamp --on\n```\n\n```sh\nlamp --off\n```\n")
    assert [(b.kind, b.introduction) for b in reply.blocks] == [("code", "")]
    assert reply.citations[0].quote == "lamp --on"
    assert_sound(rules, reply, BOB)


@pytest.mark.parametrize(
    "script", [LIST, TABLE, f"{LIST}\n{TABLE}\nThe north pier opened in 1931."]
)
def test_where_the_stream_is_cut_changes_no_byte(ask, script):
    whole = answer_json(ask(script)) | {"timings": {}, "usage": {}, "snapshot": ""}
    for cut in range(0, len(script), 11):
        cut_reply = answer_json(ask("", model=SplitModel(script, boundary=cut)))
        assert cut_reply | {"timings": {}, "usage": {}, "snapshot": ""} == whole


def test_each_event_says_its_block_and_a_replay_says_the_same(ask):
    emitted = []
    script = f"{LIST}\n{TABLE}"
    reply = ask(script, emit=lambda *parts: emitted.append(sentence_json(*parts)))
    assert emitted == [sentence_json(*each) for each in released(reply)]
    assert [(e["block"]["number"], e["block"]["unit"]) for e in emitted] == [
        (0, 0), (0, 1), (1, 0), (1, 1),
    ]  # fmt: skip
    assert emitted[2]["block"]["header"] == ("Pier", "Length", "Opened")


@pytest.mark.parametrize(
    ("script", "word"), [(LIST, "before"), (TABLE, "opened"), (LIST, "shutters")]
)
@pytest.mark.parametrize("action", ["block", "redact", "review"])
def test_the_policy_rules_on_introductions_and_headers_too(ask, script, word, action, caplog):
    caplog.set_level(logging.DEBUG)
    wire = []
    rule = {"name": "n", "words": [word], "stages": ["after"], "action": action}
    reply = ask(
        script,
        policy=Fixed(rule),
        emit=lambda *parts: wire.append(json.dumps(sentence_json(*parts))),
    )
    out = "".join([*wire, json.dumps(answer_json(reply)), caplog.text]).casefold()
    assert f"{word} " not in out.replace(ASKED.casefold(), "")
    assert f"{word}." not in out


def test_a_row_whose_words_are_cut_out_is_one_cell(ask):
    rule = {"name": "n", "words": ["metres"], "stages": ["after"], "action": "redact"}
    reply = ask(TABLE, policy=Fixed(rule))
    for unit in (unit for block in reply.blocks for unit in block.units):
        (cell,) = unit.cells
        assert reply.text[cell.start : cell.end] == reply.sentences[unit.sentences[0]].text
    assert answer_html(reply)
    assert answer_markdown(reply)


def test_a_stored_answer_without_blocks_is_one_paragraph(ask):
    fields = json.loads(json.dumps(answer_json(ask(LIST))))
    assert answer_from(fields).blocks == ask(LIST).blocks
    del fields["blocks"]
    older = answer_from(fields)
    assert answer_html(older).startswith("<p>Close the shutters.")
    assert next(released(older))[2].kind == "paragraph"


def test_lists_and_tables_are_rendered(ask):
    page, text = answer_html(ask(LIST)), answer_markdown(ask(LIST))
    assert page.startswith("<p>Before a storm:</p><ul><li>Close the shutters.<sup>")
    assert text.startswith("Before a storm\\:\n\n- Close the shutters\\.[^1]\n- Bring")
    page, text = answer_html(ask(TABLE)), answer_markdown(ask(TABLE))
    assert "<th>Pier</th>" in page
    assert "<td><strong>North pier</strong></td><td>120 metres</td>" in page
    assert text.startswith("| Pier | Length | Opened |\n| --- | --- | --- |\n| **North pier** |")


PIECES = st.sampled_from(
    ["- ", "1. ", "  - ", "\n", "\n\n", "# ", "**", "`", "```", "|", "|-|-|\n", " | ", "[1]",
     "Before a storm:", "The keeper ", "closes the shutters", "Close the shutters.", "South pier",
     "1954", "80 metres", "not", "<b>", "![x](http://e.vil/a.png)", "[x](http://e.vil)", "\u202e",
     "After a storm:\n- "]
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(script=st.lists(PIECES, max_size=20).map("".join))
def test_whatever_the_structure_every_release_is_cited_and_placed_once(ask, rules, script):
    reply = ask(script)
    assert_sound(rules, reply, BOB)
    placed = [n for block in reply.blocks for unit in block.units for n in unit.sentences]
    assert placed == list(range(len(reply.sentences)))
    out = answer_html(reply)
    assert "<img" not in out
    assert "e.vil" not in out
