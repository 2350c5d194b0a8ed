import random
from itertools import pairwise

import pytest

from ingest.component_versions import PARSING
from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseLimitError,
)
from ingest.parse import parse_file
from tests.fakes.hostile import endless_pdf, million_page_pdf
from tests.fakes.pdf import HEIGHT, WIDTH, Box, Print, column, write_pdf


@pytest.fixture
def parse(tmp_path):
    def parse_bytes(content):
        path = tmp_path / "blob"
        path.write_bytes(content)
        return parse_file(path, "file.pdf")

    return parse_bytes


def blocks_of(parsed_document):
    return [
        (b.kind, b.level, parsed_document.text[b.start : b.end]) for b in parsed_document.blocks
    ]


BODY = [
    "Apples grow on trees and they fall down",
    "when they are ripe. Pears do the same in",
    "autumn, and nobody knows quite why.",
]


def test_lines_of_a_paragraph_read_as_sentences(parse):
    parsed_document = parse(write_pdf([column(BODY)]))
    assert blocks_of(parsed_document) == [("paragraph", 0, " ".join(BODY))]
    assert (parsed_document.pages, parsed_document.media_type) == (1, "application/pdf")
    assert parsed_document.parser.startswith("pypdfium2 ")
    assert parsed_document.parser.endswith(f", parsing {PARSING}")


def test_larger_and_bold_lines_are_headings(parse):
    page = [
        *column(["The Story of Fruit"], y=740, size=24),
        *column(["Apples"], y=710, size=15),
        *column(BODY, y=690),
        *column(["A closer look"], y=630, bold=True),
        *column(BODY, y=610),
    ]
    parsed_document = parse(write_pdf([page]))
    headings = [
        (level, text) for kind, level, text in blocks_of(parsed_document) if kind == "heading"
    ]
    assert headings == [(1, "The Story of Fruit"), (2, "Apples"), (3, "A closer look")]
    assert parsed_document.title == "The Story of Fruit"


def test_a_gap_parts_paragraphs_and_bullets_start_items(parse):
    page = [
        *column(BODY, y=700),
        *column(BODY, y=640),
        *column(["1. first thing to do here", "2. second thing to do"], y=580),
    ]
    kinds = [kind for kind, _, _ in blocks_of(parse(write_pdf([page])))]
    assert kinds == ["paragraph", "paragraph", "list", "list"]


def test_each_word_has_a_box_where_it_stands(parse):
    parsed_document = parse(write_pdf([[Print("Hello wide world", x=100, y=600, size=20)]]))
    words = [parsed_document.text[box.start : box.end] for box in parsed_document.layout]
    assert words == ["Hello", "wide", "world"]
    first = parsed_document.layout[0]
    assert first.x0 == pytest.approx(100 / WIDTH, abs=0.01)
    assert first.y0 < 1 - 600 / HEIGHT < first.y1
    assert all(a.x1 < b.x0 for a, b in pairwise(parsed_document.layout))
    assert all(0 <= v <= 1 for b in parsed_document.layout for v in (b.x0, b.y0, b.x1, b.y1))


def test_boxes_follow_the_rotation_of_the_page(parse):
    (box,) = parse(write_pdf([[Print("Turned", x=100, y=600, size=20)]], rotate=90)).layout
    assert box.x0 < 600 / HEIGHT < box.x1
    assert box.y1 - box.y0 > 0.08


def test_a_word_broken_at_the_end_of_a_line_is_mended(parse):
    lines = ["It was shown that the experi-", "ment worked, and a well-", "known result was found."]
    parsed_document = parse(write_pdf([column([*lines, "Everybody knew the well-known trick."])]))
    assert "the experiment worked" in parsed_document.text
    assert "a well-known result" in parsed_document.text
    words = [parsed_document.text[box.start : box.end] for box in parsed_document.layout]
    assert ("experi", "ment") in list(pairwise(words))


def test_a_paragraph_goes_on_over_the_page_break(parse):
    first = ["This sentence begins on the first page and", "goes on without any full stop until"]
    second = ["it ends on the second page."]
    parsed_document = parse(write_pdf([column(first), column(second)]))
    assert len(parsed_document.blocks) == 1
    assert [parsed_document.layout[0].page, parsed_document.layout[-1].page] == [1, 2]


def test_running_headers_and_page_numbers_are_kept_once(parse):
    pages = [
        [
            *column(["Annual Report"], y=770),
            *column([f"{line} {i}." for line in ("Alpha is", "Beta is", "Gamma is")], y=700),
            *column([f"Page {i}"], y=30),
        ]
        for i in range(1, 5)
    ]
    parsed_document = parse(write_pdf(pages))
    assert parsed_document.text.count("Annual Report") == 1
    assert "Page 3" not in parsed_document.text
    assert "Gamma is 4." in parsed_document.text


def test_the_title_of_the_metadata_counts_where_the_page_shows_it(parse):
    page = column(["On the growth of apple trees", *BODY])
    assert parse(write_pdf([page], title="On the growth of apple trees")).title == (
        "On the growth of apple trees"
    )
    assert parse(write_pdf([page], title="Microsoft Word - draft3.doc")).title == "file"


@pytest.mark.parametrize("make", [endless_pdf, million_page_pdf])
def test_more_pages_than_can_be_read_are_refused_at_once(parse, make):
    with pytest.raises(ParseLimitError, match=r"20,000 pages\. Split it"):
        parse(make())


def test_pages_without_text_are_reported(parse):
    parsed_document = parse(write_pdf([column(BODY), []]))
    assert parsed_document.warnings == (
        "No text on page 2: blank, or scanned without text recognition.",
    )


def test_a_pdf_without_text_layer_asks_for_text_recognition(parse):
    with pytest.raises(EmptyDocumentError, match="scanned"):
        parse(write_pdf([[], []]))


def test_a_pdf_without_pages_is_broken(parse):
    with pytest.raises(BrokenDocumentError, match=r"no pages|damaged"):
        parse(write_pdf([]))


def test_a_pdf_with_a_password_says_so(parse):
    with pytest.raises(EncryptedDocumentError, match="password"):
        parse(write_pdf([column(BODY)], encrypted=True))


def test_a_damaged_pdf_is_broken(parse):
    with pytest.raises(BrokenDocumentError):
        parse(b"%PDF-1.7\n" + b"nonsense " * 50)


TABLE = [["Fruit", "Kilos", "Price"], ["Apple", "12", "3.50"], ["Pear", "7", "4.20"]]


def printed(rows, *, x=72, y=600, wide=120):
    return [
        Print(cell, x + wide * j, y - 16 * i)
        for i, row in enumerate(rows)
        for j, cell in enumerate(row)
        if cell
    ]


def tables_of(parsed_document):
    return [
        parsed_document.text[b.start : b.end].split("\n")
        for b in parsed_document.blocks
        if b.kind == "table"
    ]


def test_cells_that_stand_below_one_another_are_a_table(parse):
    parsed_document = parse(write_pdf([[*column(BODY), *printed(TABLE), *column(BODY, y=500)]]))
    assert tables_of(parsed_document) == [
        ["Fruit | Kilos | Price", "Apple | 12 | 3.50", "Pear | 7 | 4.20"]
    ]
    assert [kind for kind, _, _ in blocks_of(parsed_document)] == [
        "paragraph",
        "table",
        "paragraph",
    ]


def test_an_empty_cell_leaves_the_others_in_their_columns(parse):
    rows = [*TABLE, ["Plum", "", "1.00"], ["Quince", "2", "6.00"]]
    assert tables_of(parse(write_pdf([printed(rows)])))[0][3] == "Plum |  | 1.00"


def test_rules_make_a_table_of_cells_with_several_lines(parse):
    walls = [Box(60, 550, 200, 40), Box(260, 550, 200, 40), Box(60, 590, 200, 30)]
    walls.append(Box(260, 590, 200, 30))
    heads = [*column(["Name"], y=600), *column(["What it does"], x=270, y=600)]
    first, second = ["The first", "of them"], ["It turns and", "it stops"]
    page = [*walls, *heads, *column(first, y=576), *column(second, x=270, y=576)]
    assert tables_of(parse(write_pdf([page]))) == [
        ["Name | What it does", "The first of them | It turns and it stops"]
    ]


def test_a_joined_cell_stands_in_each_row_that_it_covers(parse):
    walls = [Box(60, 540, 100, 60), Box(160, 570, 100, 30), Box(160, 540, 100, 30)]
    page = [
        *walls, Print("Fruit", 70, 565), Print("apple", 170, 580), Print("pear", 170, 550),
    ]  # fmt: skip
    assert tables_of(parse(write_pdf([page]))) == [["Fruit | apple", "Fruit | pear"]]


def test_a_frame_around_a_paragraph_is_no_table(parse):
    parsed_document = parse(write_pdf([[Box(60, 600, 400, 120), *column(BODY)]]))
    assert [kind for kind, _, _ in blocks_of(parsed_document)] == ["paragraph"]


LEFT = [f"the left column goes on with line {word} and" for word in ("one", "two", "three")]
RIGHT = [f"right of it stands other prose line {word} so" for word in ("six", "seven", "nine")]


@pytest.mark.parametrize("across", [False, True])
def test_columns_of_prose_are_read_one_after_the_other(parse, across):
    left, right = column(LEFT, x=50, size=9), column(RIGHT, x=320, size=9)
    prints = [p for pair in zip(left, right, strict=True) for p in pair] if across else left + right
    text = parse(write_pdf([prints])).text
    assert " ".join(text.split()) == " ".join([*LEFT, *RIGHT])


def test_a_formula_of_spaced_signs_is_no_table(parse):
    rows = [["(a", ", b", ", c"], ["(d", ", e", ", f"], ["(g", ", h", ", i"]]
    assert tables_of(parse(write_pdf([printed(rows)]))) == []


def some_page(draw):
    """Return what a page shows, and where each of its words begins, in points from the left."""
    words = ["".join(draw.choices("abcdefghijk", k=7)) for _ in range(60)]
    prints = [
        *column(["Head " + words[0]], y=740, size=18),
        *column([" ".join(words[i : i + 6]) for i in range(1, 25, 6)], y=700),
        *printed([words[i : i + 3] for i in range(25, 37, 3)], y=600),
        *column([" ".join(words[i : i + 4]) for i in range(37, 49, 4)], x=50, y=500, size=9),
        *column([" ".join(words[i : i + 4]) for i in range(49, 60, 4)], x=330, y=500, size=9),
    ]
    return words, prints


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("rotate", [0, 90])
def test_every_word_has_a_box_on_its_page_where_it_was_printed(parse, seed, rotate):
    draw = random.Random(seed)
    pages = [some_page(draw) for _ in range(3)]
    parsed_document = parse(write_pdf([prints for _, prints in pages], rotate=rotate))
    spans = [(box.start, box.end) for box in parsed_document.layout]
    assert spans == sorted(spans)
    assert all(a[1] <= b[0] for a, b in pairwise(spans))
    boxes_by_text = {
        parsed_document.text[box.start : box.end]: box for box in parsed_document.layout
    }
    for number, (words, prints) in enumerate(pages, start=1):
        for word in words:
            box = boxes_by_text[word]
            line = next(p for p in prints if word in p.text.split())
            assert box.page == number
            down, across = (box.y0, box.y1), (box.x0, box.x1)
            if rotate:
                down, across = (1 - box.x1, 1 - box.x0), down
                down = (1 - down[1], 1 - down[0])
            height = line.y / HEIGHT if rotate else 1 - line.y / HEIGHT
            assert down[0] - 0.01 <= height <= down[1] + 0.01
            assert across[0] * WIDTH >= line.x - 1
    covered = {i for start, end in spans for i in range(start, end)}
    loose = {i for i, letter in enumerate(parsed_document.text) if i not in covered}
    assert all(parsed_document.text[i] in " \n|" for i in loose)
