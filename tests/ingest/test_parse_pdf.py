from itertools import pairwise

import pytest

from ingest.errors import BrokenDocumentError, EmptyDocumentError, EncryptedDocumentError
from ingest.parse import parse_file
from tests.fakes.pdf import HEIGHT, WIDTH, Print, column, write_pdf


@pytest.fixture
def parse(tmp_path):
    def parse_bytes(content):
        path = tmp_path / "blob"
        path.write_bytes(content)
        return parse_file(path, "file.pdf")

    return parse_bytes


def blocks_of(parsed):
    return [(b.kind, b.level, parsed.text[b.start : b.end]) for b in parsed.blocks]


BODY = [
    "Apples grow on trees and they fall down",
    "when they are ripe. Pears do the same in",
    "autumn, and nobody knows quite why.",
]


def test_lines_of_a_paragraph_read_as_sentences(parse):
    parsed = parse(write_pdf([column(BODY)]))
    assert blocks_of(parsed) == [("paragraph", 0, " ".join(BODY))]
    assert (parsed.pages, parsed.media_type) == (1, "application/pdf")
    assert parsed.parser.startswith("pypdfium2 ")


def test_larger_and_bold_lines_are_headings(parse):
    page = [
        *column(["The Story of Fruit"], y=740, size=24),
        *column(["Apples"], y=710, size=15),
        *column(BODY, y=690),
        *column(["A closer look"], y=630, bold=True),
        *column(BODY, y=610),
    ]
    parsed = parse(write_pdf([page]))
    headings = [(level, text) for kind, level, text in blocks_of(parsed) if kind == "heading"]
    assert headings == [(1, "The Story of Fruit"), (2, "Apples"), (3, "A closer look")]
    assert parsed.title == "The Story of Fruit"


def test_a_gap_parts_paragraphs_and_bullets_start_items(parse):
    page = [
        *column(BODY, y=700),
        *column(BODY, y=640),
        *column(["1. first thing to do here", "2. second thing to do"], y=580),
    ]
    kinds = [kind for kind, _, _ in blocks_of(parse(write_pdf([page])))]
    assert kinds == ["paragraph", "paragraph", "list", "list"]


def test_each_word_has_a_box_where_it_stands(parse):
    parsed = parse(write_pdf([[Print("Hello wide world", x=100, y=600, size=20)]]))
    words = [parsed.text[box.start : box.end] for box in parsed.layout]
    assert words == ["Hello", "wide", "world"]
    first = parsed.layout[0]
    assert first.x0 == pytest.approx(100 / WIDTH, abs=0.01)
    assert first.y0 < 1 - 600 / HEIGHT < first.y1
    assert all(a.x1 < b.x0 for a, b in pairwise(parsed.layout))
    assert all(0 <= v <= 1 for b in parsed.layout for v in (b.x0, b.y0, b.x1, b.y1))


def test_boxes_follow_the_rotation_of_the_page(parse):
    (box,) = parse(write_pdf([[Print("Turned", x=100, y=600, size=20)]], rotate=90)).layout
    assert box.x0 < 600 / HEIGHT < box.x1
    assert box.y1 - box.y0 > 0.08


def test_a_word_broken_at_the_end_of_a_line_is_mended(parse):
    lines = ["It was shown that the experi-", "ment worked, and a well-", "known result was found."]
    parsed = parse(write_pdf([column([*lines, "Everybody knew the well-known trick."])]))
    assert "the experiment worked" in parsed.text
    assert "a well-known result" in parsed.text
    parts = [parsed.text[box.start : box.end] for box in parsed.layout]
    assert ("experi", "ment") in list(pairwise(parts))


def test_a_paragraph_goes_on_over_the_page_break(parse):
    first = ["This sentence begins on the first page and", "goes on without any full stop until"]
    second = ["it ends on the second page."]
    parsed = parse(write_pdf([column(first), column(second)]))
    assert len(parsed.blocks) == 1
    assert [parsed.layout[0].page, parsed.layout[-1].page] == [1, 2]


def test_running_headers_and_page_numbers_are_kept_once(parse):
    pages = [
        [
            *column(["Annual Report"], y=770),
            *column([f"{line} {i}." for line in ("Alpha is", "Beta is", "Gamma is")], y=700),
            *column([f"Page {i}"], y=30),
        ]
        for i in range(1, 5)
    ]
    parsed = parse(write_pdf(pages))
    assert parsed.text.count("Annual Report") == 1
    assert "Page 3" not in parsed.text
    assert "Gamma is 4." in parsed.text


def test_the_title_of_the_metadata_counts_where_the_page_shows_it(parse):
    page = column(["On the growth of apple trees", *BODY])
    assert parse(write_pdf([page], title="On the growth of apple trees")).title == (
        "On the growth of apple trees"
    )
    assert parse(write_pdf([page], title="Microsoft Word - draft3.doc")).title == "file"


def test_pages_without_text_are_reported(parse):
    parsed = parse(write_pdf([column(BODY), []]))
    assert parsed.warnings == ("No text on page 2: blank, or scanned without text recognition.",)


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
