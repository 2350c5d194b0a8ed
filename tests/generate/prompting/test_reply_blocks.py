"""A model's Markdown is read as blocks, wherever its stream is cut."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generate.prompting.reply_blocks import ReplyReader
from generate.prompting.reply_claims import read_claims
from tests.fakes.passages import passage


def blocks_of(*pieces):
    """Return kind, introduction, header and units of each block; a unit is a list of texts."""
    blocks = {}
    for unit in ReplyReader().read(pieces):
        opening = unit.block
        entry = (opening.kind, opening.introduction, opening.header)
        units = blocks.setdefault(id(opening), (opening, entry, {}))[2]
        texts = [cell.text for cell in unit.cells] or [unit.sentence.text]
        units.setdefault(unit.unit, []).extend(texts)
    return [(*entry, list(units.values())) for _, entry, units in blocks.values()]


@pytest.mark.parametrize(
    ("reply", "expected"),
    [
        ("Lit at dusk. [1] Dark at dawn. [2]",
         [("paragraph", "", (), [["Lit at dusk.", "Dark at dawn."]])]),
        ("Lit at dusk. [1]\n\nDark at dawn. [2]",
         [("paragraph", "", (), [["Lit at dusk."]]), ("paragraph", "", (), [["Dark at dawn."]])]),
        ("Before the storm:\n- Close the shutters. [1]\n- Fill the lamp [1]\n",
         [("list", "Before the storm:", (), [["Close the shutters."], ["Fill the lamp"]])]),
        ("Do this. [1] Before the storm:\n\n1. Close up [1]\n\n2) Fill it. [1] Light it. [2]\n",
         [("paragraph", "", (), [["Do this."]]),
          ("numbered_list", "Before the storm:", (), [["Close up"], ["Fill it.", "Light it."]])]),
        ("1. **Before:**\n   - Close up\n   - Fill it\n2. **After**\n   - Sweep\n",
         [("list", "Before:", (), [["Close up"], ["Fill it"]]),
          ("list", "After", (), [["Sweep"]])]),
        ("1. Before:\n- Close up\n2. Sweep it.\n",
         [("list", "Before:", (), [["Close up"]]), ("numbered_list", "", (), [["Sweep it."]])]),
        ("In a storm:\n- At sea:\n  - Turn round\n- Ring the bell\n",
         [("list", "In a storm: At sea:", (), [["Turn round"]]),
          ("list", "In a storm:", (), [["Ring the bell"]])]),
        ("## Before\n\n- Close up\n\n**After**\n\n* Sweep\n",
         [("list", "Before", (), [["Close up"]]), ("list", "After", (), [["Sweep"]])]),
        ("## Summary\n\nThe lamp is lit. [1]", [("paragraph", "", (), [["The lamp is lit."]])]),
        ("**28 days**", [("paragraph", "", (), [["28 days"]])]),
        ("**28 days of leave. [1]**", [("paragraph", "", (), [["28 days of leave."]])]),
        ("It is 3 m.\n3. Mai is a date. [1]",
         [("paragraph", "", (), [["It is 3 m.", "Mai is a date."]])]),
        ("Text:\nIt goes on. [1]", [("paragraph", "", (), [["Text: It goes on."]])]),
        ("- Item one\n  goes on. [1]\n[2]\nOther text.",
         [("list", "", (), [["Item one goes on."]]), ("paragraph", "", (), [["Other text."]])]),
        ("The piers:\n| Pier | Opened |\n|---|:-:|\n| **North** | 1931 [1] |\n| a\\|b | - |\n",
         [("table", "", ("Pier", "Opened"), [["North", "1931"], ["a|b", ""]])]),
        ("| North | 1931 |\n| South | 1954 |\n\nThat is all.",
         [("table", "", (), [["North", "1931"], ["South", "1954"]]),
          ("paragraph", "", (), [["That is all."]])]),
        ("|A|B|\n|-|-|\n|x|\n|x|y|z|", [("table", "", ("A", "B"), [["x", ""], ["x", "y z"]])]),
        ("Run this:\n```sh\nlamp --on\n  - x\n```\nThen wait. [1]",
         [("code", "", (), [["lamp --on\n  - x"]]), ("paragraph", "", (), [["Then wait."]])]),
        ("```markdown\n- Close up. [1]\n```", [("list", "", (), [["Close up."]])]),
        ("- \n-\n\n| |\n|-|\n```\n```\n# \n", []),
    ],
)  # fmt: skip
def test_markdown_is_read_as_blocks(reply, expected):
    assert blocks_of(reply) == expected
    for cut in range(len(reply) + 1):
        assert blocks_of(reply[:cut], reply[cut:]) == expected


FRAGMENTS = st.sampled_from(
    ["- ", "* ", "1. ", "2) ", "   ", "  - ", "\t", "\n", "\n\n", "# ", "**", "**Bold**", "```",
     "~~~", "```md", "|", " | ", "|---|---|\n", "| a | b |\n", "Before:", "Lit. ", "[1]", "[^2]",
     "\u30101\u3011", "1.5 m", "\u3002", "\u2022 x", "`code`", "<br>", "e.g. this", "x" * 300]
)  # fmt: skip


@given(st.lists(FRAGMENTS, max_size=24), st.integers(1, 9))
def test_where_the_stream_is_cut_changes_nothing(fragments, size):
    text = "".join(fragments)
    pieces = [text[i : i + size] for i in range(0, len(text), size)]
    assert blocks_of(*pieces) == blocks_of(text)


def test_a_sentence_of_an_item_comes_before_the_reply_ends():
    units = ReplyReader().read(["Before:\n- Close up. [1]\n- Fi", "ll it"])
    assert next(units).sentence.text == "Close up."


def test_a_line_without_end_is_read_as_text():
    texts = [unit.sentence.text for unit in ReplyReader().read(["| " + "long word " * 500])]
    assert texts
    assert all(len(text) <= 2000 for text in texts)


def claims_of(reply, *texts):
    return list(read_claims([reply], [passage(t, name=str(i)) for i, t in enumerate(texts)]))


STORM = (
    "Before a storm the keeper closes the shutters. After a storm the keeper sweeps the gallery."
)
LISTED = (
    "When fog comes:\n- Sound the horn.\n- Ring the bell.\n\nWhen the lamp fails:\n- Light a spare."
)


@pytest.mark.parametrize(
    ("reply", "source", "has_quote"),
    [
        ("Before a storm:\n- close the shutters", STORM, True),
        ("Before a storm:\n- sweep the gallery", STORM, False),
        ("When fog comes:\n- Ring the bell", LISTED, True),
        ("When fog comes:\n- Light a spare", LISTED, False),
        ("Here are the steps:\n- sweep the gallery", STORM, True),
        ("The keeper must not:\n- close the shutters", STORM, False),
    ],
)
def test_an_item_has_a_quote_only_where_its_source_has_the_introduction(reply, source, has_quote):
    (claim,) = claims_of(reply, source)
    assertions = claim.assertions or (claim,)
    assert all(assertion.quotes for assertion in assertions) == has_quote


def test_an_item_takes_the_markers_of_its_introduction():
    (claim,) = claims_of("Before a storm [2]:\n- close the shutters", STORM, STORM)
    assert {quote.passage.chunk.chunk_id for a in claim.assertions for quote in a.quotes} == {"1"}


PIERS = (
    "The north pier is 120 metres long and opened in 1931. The south pier is 80 metres long. "
    "The south pier opened in 1954."
)


def test_each_cell_asserts_its_row_and_its_column():
    (claim,) = claims_of("| Pier | Length | Opened |\n|-|-|-|\n| South | 80 m | 1954 |\n", PIERS)
    assert claim.text == "South | 80 m | 1954"
    assert [claim.text[c.start : c.end] for c in claim.placement.cells] == ["South", "80 m", "1954"]
    assert [(a.text, [q.text for q in a.quotes]) for a in claim.assertions] == [
        ("pier South length: 80 m", ["The south pier is 80 metres long."]),
        ("pier South opened: 1954", ["The south pier opened in 1954."]),
    ]


def test_the_value_of_another_row_is_no_quote():
    (claim,) = claims_of("| Pier | Opened |\n|-|-|\n| South pier | 1931 |\n", PIERS)
    assert [assertion.quotes for assertion in claim.assertions] == [()]


def test_a_row_that_says_nothing_is_no_claim():
    assert claims_of("| Pier | Owner |\n|-|-|\n| South pier | not stated |\n", PIERS) == []


def test_a_listing_is_quoted_word_for_word_or_not_at_all():
    source = "To light it, run\n\n    lamp --on\n    lamp --check\n\nand wait."
    (claim,) = claims_of("```\nlamp --on\nlamp --check\n```", source)
    assert [quote.text for quote in claim.quotes] == ["lamp --on\n    lamp --check"]
    (changed,) = claims_of("```\nlamp --off\nlamp --check\n```", source)
    assert changed.quotes == ()


def test_bold_and_code_are_places_in_the_text():
    (claim,) = claims_of("- **Close** the `north_door` now. [1]", STORM)
    assert claim.text == "Close the north_door now."
    places = [(m.kind, claim.text[m.start : m.end]) for m in claim.placement.marks]
    assert places == [("bold", "Close"), ("code", "north_door")]
