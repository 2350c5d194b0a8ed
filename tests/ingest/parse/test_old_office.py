"""Files of Word 97 to 2003 and PowerPoint 97 to 2003, as their readers see them."""

import random
import struct

import pytest

from ingest.errors import BrokenDocumentError, EncryptedDocumentError, ParseError
from ingest.parse import parse_file
from tests.fakes.old_office import (
    Line,
    Slide,
    Style,
    line,
    powerpoint_file,
    prl,
    record,
    shape,
    table_shape,
    text_records,
    word_file,
)

IN_TABLE = prl(0x2416, b"\1")
ROW_END = IN_TABLE + prl(0x2417, b"\1")
STRUCK, DELETED, HIDDEN = (prl(code, b"\1") for code in (0x0837, 0x0800, 0x083C))
RAISED = prl(0x2A48, b"\1")


@pytest.fixture
def read(tmp_path):
    def run(content, name="old.doc"):
        path = tmp_path / name
        path.write_bytes(content)
        return parse_file(path, name)

    return run


def blocks(document):
    return [(b.kind, b.level, document.text[b.start : b.end]) for b in document.blocks]


def test_headings_are_told_by_style_by_the_style_below_and_by_outline_level(read):
    outline = prl(0x2640, b"\2")
    content = word_file(
        {0: [
            line("Skerrow Light", 20), line("Watches", 1), line("Night", 21), line("Dawn", 22),
            line("Noon", 0, outline), line("A watch lasts four hours.", 0, prl(0x2640, b"\x09")),
        ]},
        styles={
            0: Style(0), 1: Style(1, 0), 2: Style(2, 0), 20: Style(62, 0), 21: Style(base=2),
            22: Style(base=0, properties=outline),
        },
    )  # fmt: skip
    document = read(content)
    assert blocks(document) == [
        ("heading", 1, "Skerrow Light"), ("heading", 1, "Watches"), ("heading", 2, "Night"),
        ("heading", 3, "Dawn"), ("heading", 3, "Noon"),
        ("paragraph", 0, "A watch lasts four hours."),
    ]  # fmt: skip
    assert document.title == "Skerrow Light"
    assert document.media_type == "application/msword"


@pytest.mark.parametrize("width", [1, 2])
def test_a_table_has_its_rows_and_a_list_its_items(read, width):
    cells = [line(cell, 0, IN_TABLE, end="\x07") for cell in ("Pier", "Open", "Nord", "1931")]
    end = line("", 0, ROW_END, end="\x07")
    item = prl(0x460B, b"\1\0")
    rows = [*cells[:2], end, *cells[2:], end]
    content = word_file(
        {0: [line("Zoë — piers"), *rows, line("Oil", 0, item), line("Glass", 0, item)]}, width=width
    )
    assert blocks(read(content)) == [
        ("paragraph", 0, "Zoë — piers"), ("table", 0, "Pier | Open\nNord | 1931"),
        ("list", 0, "Oil"), ("list", 0, "Glass"),
    ]  # fmt: skip


def test_a_field_shows_its_result_and_a_word_its_reading(read):
    link = line('See \x13 HYPERLINK "https://example.org" \x14the log\x15 of May.')
    ruby = line("\x13EQ \\* jc2 \\o\\ad(\\s\\up 10(とうきょう),東京)\x15へ")
    assert read(word_file({0: [link, ruby]})).text == "See the log of May.\n\n東京(とうきょう)へ"


def test_what_is_struck_out_or_hidden_is_left_out_and_said(read):
    runs = [("The fee is ", b""), ("40 ", STRUCK), ("45 ", DELETED), ("50 crowns", b""),
            (" or less", HIDDEN), (".\r", b"")]  # fmt: skip
    document = read(word_file({0: [Line(runs)]}))
    assert document.text == "The fee is 50 crowns."
    rules = [omission.rule for omission in document.omissions]
    assert set(rules) == {"struck-out", "invisible-text"}
    assert any("struck out" in warning for warning in document.warnings)


def test_raised_digits_join_no_number_and_signs_are_those_that_are_drawn(read):
    symbol = prl(0x6A09, struct.pack("<HH", 1, 0xF0FC))
    runs = [("10", b""), ("6", RAISED), (" lamps ", b""), ("(", symbol), ("\r", b"")]
    document = read(word_file({0: [Line(runs)]}, fonts=["Arial", "Wingdings"]))
    assert document.text == "10^6 lamps ✓"


def test_notes_comments_and_running_heads_follow_the_text(read):
    content = word_file(
        {
            0: [line("The lamp is lit."), line("Go\x0bon\x1fward to 4\x1e5.")],
            1: [line("\x02 Since 1894.")],
            2: [line("Handbook"), line("Handbook")],
            4: [line("\x05 Is it?")],
        }
    )
    assert read(content).text.split("\n\n") == [
        "The lamp is lit.", "Go\nonward to 4-5.", "Since 1894.", "Is it?", "Handbook",
    ]  # fmt: skip


def test_files_in_a_document_are_read_under_their_names(read):
    path = b"note.txt\0C:\\note.txt\0"
    body = b"The boat comes at noon."
    native = b"\2\0" + path + bytes(4) + struct.pack("<I", 1) + b"\0"
    native += struct.pack("<I", len(body)) + body
    objects = {"ObjectPool": {"_1": {"\x01Ole10Native": struct.pack("<I", len(native)) + native}}}
    document = read(word_file({0: [line("See the note.")]}, others=objects))
    assert blocks(document) == [
        ("paragraph", 0, "See the note."), ("heading", 1, "note.txt"),
        ("paragraph", 0, "The boat comes at noon."),
    ]  # fmt: skip


def test_a_document_with_a_password_or_without_places_is_refused_with_the_reason(read):
    with pytest.raises(EncryptedDocumentError, match="password"):
        read(word_file({0: [line("Secret")]}, flags=0x0100))
    broken = bytearray(word_file({0: [line("Text")]}))
    at = broken.index(b"\x02" + struct.pack("<I", 16))
    broken[at : at + 21] = bytes(21)
    with pytest.raises(BrokenDocumentError):
        read(bytes(broken))


TITLE, BODY, OTHER = 0, 1, 4


def test_slides_have_titles_text_in_reading_order_and_notes(read):
    low = shape(text_records(OTHER, "Below"), (100, 900, 500, 1000))
    high = shape(text_records(OTHER, "Above\rOn two\x0blines ∑"), (100, 500, 500, 600))
    title = shape(record(0x0F9E, struct.pack("<I", 0)), (100, 100, 900, 200))
    first = Slide([low, high, title], [(TITLE, "The lamp"), (BODY, "Left over")], "Speak slowly.")
    document = read(powerpoint_file([first, Slide([low])]), "old.ppt")
    assert blocks(document) == [
        ("heading", 1, "The lamp"), ("paragraph", 0, "Above\nOn two\nlines ∑"),
        ("paragraph", 0, "Below"), ("paragraph", 0, "Left over"), ("paragraph", 0, "Speak slowly."),
        ("heading", 1, "Slide 2"), ("paragraph", 0, "Below"),
    ]  # fmt: skip
    assert [block.page for block in document.blocks] == [1, 1, 1, 1, 1, 2, 2]
    assert (document.title, document.pages) == ("The lamp", 2)


def test_a_table_on_a_slide_has_rows_and_a_wide_cell_stands_in_each_column(read):
    cells = [
        ("Open", (100, 500, 700, 600)),
        ("Nord", (100, 600, 400, 700)), ("1931", (400, 600, 700, 700)),
    ]  # fmt: skip
    document = read(powerpoint_file([Slide([table_shape(cells)])]), "old.ppt")
    assert blocks(document) == [("table", 0, "Open | Open\nNord | 1931")]


def test_the_last_save_counts_and_hidden_slides_are_left_out(read):
    words = shape(text_records(OTHER, "New"), (0, 0, 9, 9))
    old = shape(text_records(OTHER, "Old"), (0, 0, 9, 9))
    hidden = Slide([shape(text_records(OTHER, "Not yet"), (0, 0, 9, 9))], is_hidden=True)
    document = read(powerpoint_file([Slide([words]), hidden], older=[Slide([old])]), "old.ppt")
    assert document.text.strip() == "New"
    assert "Slide 2 is hidden; it was left out." in document.warnings


def test_comments_of_a_slide_are_read(read):
    comment = record(0x2EE0, record(0x0FBA, "Check it".encode("utf-16-le"), instance=1), inner=True)
    tags = record(0x1388, record(0x138A, record(0x138B, comment), inner=True), inner=True)
    slide = Slide([shape(text_records(OTHER, "Text"), (0, 0, 9, 9))], more=tags)
    assert read(powerpoint_file([slide]), "old.ppt").text == "Text\n\nCheck it"


def test_a_presentation_with_a_password_is_refused_with_the_reason(read):
    with pytest.raises(EncryptedDocumentError, match="password"):
        read(powerpoint_file([Slide()], token=0xF3D1C4DF), "old.ppt")


@pytest.mark.parametrize("name", ["old.doc", "old.ppt"])
def test_damage_anywhere_is_a_refusal_or_some_text_and_never_another_error(read, name):
    sound = (
        word_file({0: [line("Head", 1), line("The lamp is lit.")], 1: [line("Note")]})
        if name == "old.doc"
        else powerpoint_file([Slide([shape(text_records(OTHER, "Text"), (0, 0, 9, 9))], notes="N")])
    )
    rng = random.Random(4)
    for _ in range(150):
        damaged = bytearray(sound)
        for _ in range(rng.choice([1, 8])):
            damaged[rng.randrange(512, len(damaged))] = rng.randrange(256)
        cut = rng.choice([len(damaged), rng.randrange(512, len(damaged))])
        try:
            read(bytes(damaged[:cut]), name)
        except ParseError:
            continue
