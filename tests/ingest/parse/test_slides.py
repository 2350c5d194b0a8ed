"""Slides in the order in which people read them."""

import io

import pytest
from pptx import Presentation
from pptx.util import Inches

from ingest.parse.office.drawing_text import label_of
from ingest.parse.office.reading_order import Box, in_reading_order


def boxes(slide, *texts_with_places):
    for text, left, top in texts_with_places:
        frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(3), Inches(1)).text_frame
        frame.text = text


@pytest.fixture
def parse_deck(parse):
    def build(fill):
        deck = Presentation()
        fill(deck)
        out = io.BytesIO()
        deck.save(out)
        return parse(out.getvalue(), "a.pptx")

    return build


def test_shapes_are_read_from_the_top_and_then_from_the_left(parse_deck):
    def fill(deck):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        boxes(slide, ("four", 5, 4), ("two", 5, 1), ("three", 1, 4), ("one", 1, 1))

    assert parse_deck(fill).text.split() == ["one", "two", "three", "four"]


def test_a_slides_number_is_its_page(parse_deck):
    def fill(deck):
        for text in ("first", "second"):
            boxes(deck.slides.add_slide(deck.slide_layouts[6]), (text, 1, 1))

    parsed_document = parse_deck(fill)
    assert parsed_document.pages == 2
    assert parsed_document.page_at(parsed_document.text.index("second")) == 2


def test_an_untitled_slide_takes_no_title_from_the_slide_before(parse_deck):
    def fill(deck):
        deck.slides.add_slide(deck.slide_layouts[5]).shapes.title.text = "Fares"
        boxes(deck.slides.add_slide(deck.slide_layouts[6]), ("Dogs travel free.", 1, 1))

    parsed_document = parse_deck(fill)
    assert parsed_document.title == "Fares"
    assert parsed_document.text == "Fares\n\nSlide 2\n\nDogs travel free."


def test_a_hidden_slide_is_left_out_and_told(parse_deck):
    def fill(deck):
        for text in ("seen", "unseen"):
            boxes(deck.slides.add_slide(deck.slide_layouts[6]), (text, 1, 1))
        deck.slides[1]._element.set("show", "0")

    parsed_document = parse_deck(fill)
    assert parsed_document.text == "seen"
    assert parsed_document.warnings[0] == "Slide 2 is hidden; it was left out."
    assert [omission.rule for omission in parsed_document.omissions] == ["invisible-text"]


def test_numbered_items_of_a_slide_keep_their_numbers(parse_deck):
    def fill(deck):
        slide = deck.slides.add_slide(deck.slide_layouts[6])
        frame = slide.shapes.add_textbox(0, 0, Inches(5), Inches(3)).text_frame
        frame.text = "Pack\nWait\nBoard"
        for paragraph in frame.paragraphs:
            numbering = paragraph._p.get_or_add_pPr().makeelement(
                "{http://schemas.openxmlformats.org/drawingml/2006/main}buAutoNum",
                {"type": "arabicPeriod", "startAt": "3"},
            )
            paragraph._p.pPr.append(numbering)

    assert parse_deck(fill).text == "3. Pack\n4. Wait\n5. Board"


@pytest.mark.parametrize(
    ("scheme", "number", "label"),
    [
        ("arabicPeriod", 4, "4."),
        ("arabicParenR", 4, "4)"),
        ("alphaLcParenBoth", 2, "(b)"),
        ("alphaUcPeriod", 28, "BB."),
        ("romanUcPeriod", 14, "XIV."),
        ("romanLcParenR", 9, "ix)"),
        ("arabicPlain", 7, "7"),
    ],
)
def test_labels_of_lists_are_those_of_their_scheme(scheme, number, label):
    assert label_of(scheme, number) == label


def test_columns_that_no_row_parts_are_read_one_after_the_other():
    left = [Box(0, 0, 0, 4, 3), Box(1, 0, 4, 4, 9)]
    right = [Box(2, 5, 0, 9, 6), Box(3, 5, 7, 9, 9)]
    order = in_reading_order([right[1], left[1], right[0], left[0]])
    assert [box.ordinal for box in order] == [0, 1, 2, 3]


def test_many_boxes_in_one_place_are_ordered_at_once():
    same = [Box(ordinal, 0, 0, 9, 9) for ordinal in range(5_000)]
    assert in_reading_order(same) == same
