"""Files that are embedded in Office documents."""

import io
import struct

import pytest
from docx import Document
from pptx import Presentation
from pptx.chart.data import CategoryChartData
from pptx.enum.chart import XL_CHART_TYPE
from pptx.util import Inches

from tests.fakes import hostile
from tests.fakes.compound import compound, outlook_message
from tests.fakes.documents import embedding, presentation, workbook
from tests.fakes.pdf import column, write_pdf

WORD = "word/_rels/document.xml.rels"
SLIDE = "ppt/slides/_rels/slide1.xml.rels"
SHEET = "xl/worksheets/_rels/sheet1.xml.rels"
NATIVE = "\x01Ole10Native"


def save_document(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


def letter(*texts):
    document = Document()
    for text in texts:
        document.add_paragraph(text)
    return save_document(document)


def packaged(content, label, wide=""):
    """Return native data as Windows' Object Packager writes it."""
    path = f"C:\\{label}".encode("cp1252")
    data = struct.pack("<H", 2) + label.encode("cp1252") + b"\0" + path + b"\0"
    data += struct.pack("<HHI", 0, 3, len(path) + 1) + path + b"\0"
    data += struct.pack("<I", len(content)) + content
    for name in (path.decode("cp1252"), wide, path.decode("cp1252")) if wide else ():
        data += struct.pack("<I", len(name)) + name.encode("utf-16-le")
    return struct.pack("<I", len(data)) + data


@pytest.mark.parametrize(
    ("whole", "relations", "own"),
    [
        (letter("See the log."), WORD, "See the log."),
        (presentation([("Log", ["See below."], "")]), SLIDE, "Log\n\nSee below."),
        (workbook({"Log": [["See", "below"]]}), SHEET, "Log\n\nSee | below"),
    ],
    ids=["docx", "pptx", "xlsx"],
)
def test_what_an_office_file_embeds_stands_after_its_own_text_under_a_name(
    parse, whole, relations, own
):
    objects = {
        "Sheet1.xlsx": workbook({"Oil": [["May", 3]]}),
        "Letter.docx": letter("The lamp is lit."),
        "Talk.pptx": presentation([("Fog", ["Ring the bell."], "")]),
    }
    parsed_document = parse(embedding(whole, relations, objects), "log")
    assert parsed_document.text == (
        f"{own}\n\nSheet1.xlsx\n\nOil\n\nMay | 3\n\nLetter.docx\n\nThe lamp is lit."
        "\n\nTalk.pptx\n\nFog\n\nRing the bell."
    )
    headings = [
        (block.level, parsed_document.text[block.start : block.end])
        for block in parsed_document.blocks
        if block.kind == "heading"
    ]
    assert headings[-5:] == [
        (1, "Sheet1.xlsx"), (2, "Oil"), (1, "Letter.docx"), (1, "Talk.pptx"), (2, "Fog"),
    ]  # fmt: skip
    assert parsed_document.warnings == ()


@pytest.mark.parametrize(
    ("streams", "text"),
    [
        ({"package": hostile.docx_text("The lamp.")}, "object.bin\n\nThe lamp."),
        ({"CONTENTS": write_pdf([column(["The lamp."])])}, "object.bin\n\nThe lamp."),
        ({NATIVE: packaged(b"The lamp.", "lamp.txt")}, "lamp.txt\n\nThe lamp."),
        ({NATIVE: packaged(b"The lamp.", "Zo\xeb.txt")}, "Zo\xeb.txt\n\nThe lamp."),
        ({NATIVE: packaged(b"The lamp.", "?.txt", "\u706f.txt\0")}, "\u706f.txt\n\nThe lamp."),
        ({NATIVE: struct.pack("<I", 9) + b"The lamp."}, "object.bin\n\nThe lamp."),
        ({"Equation Native": b"x", NATIVE: b"x"}, ""),
    ],
)
def test_an_ole_object_gives_the_file_that_it_holds(parse, streams, text):
    objects = {"object.bin": compound(streams)}
    parsed_document = parse(embedding(letter("Log."), WORD, objects, "oleObject"), "log.docx")
    assert parsed_document.text == f"Log.\n\n{text}".strip()
    assert parsed_document.warnings == ()


def test_an_ole_object_may_be_a_file_itself(parse):
    objects = {"object.bin": outlook_message("Trip", "We leave at nine.", {})}
    parsed_document = parse(embedding(letter("Log."), WORD, objects, "oleObject"), "log.docx")
    assert parsed_document.text.endswith("We leave at nine.")


def test_the_workbook_behind_a_chart_is_not_read_beside_the_chart(parse):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    numbers = CategoryChartData()
    numbers.categories = ["May"]
    numbers.add_series("Ships", (4711,))
    slide.shapes.add_chart(XL_CHART_TYPE.LINE, Inches(1), Inches(1), Inches(4), Inches(4), numbers)
    parsed_document = parse(save_document(deck), "a.pptx")
    assert parsed_document.text.count("4711") == 1


def test_what_cannot_be_read_is_left_out_with_a_warning(parse):
    objects = {
        "a.bin": b"\0\1" * 999,
        "b.docx": letter("Lost.")[:999],
        "c.bin": compound({NATIVE: struct.pack("<IH", 9, 2)}),
        "d.bin": compound({NATIVE: packaged(b"MZ\x90\0", "run.exe")}),
        "e.bin": compound({"Package": b"x" * 3000})[:2000],
        "f.xlsx": workbook({"S": []}),
    }
    parsed_document = parse(embedding(letter("Log."), WORD, objects), "log.docx")
    assert parsed_document.text == "Log."
    assert [warning.split(":")[0] for warning in parsed_document.warnings] == [
        "a.bin", "b.docx", "c.bin", "run.exe", "e.bin", "f.xlsx",
    ]  # fmt: skip


def test_what_is_embedded_is_no_title_and_is_text_enough(parse):
    parsed_document = parse(embedding(letter(), WORD, {"b.docx": letter("The lamp.")}), "log.docx")
    assert (parsed_document.title, parsed_document.text) == ("log", "b.docx\n\nThe lamp.")


def test_files_embedded_too_deeply_are_left_out_with_a_warning(parse):
    document = letter("Level 5.")
    for level in range(4, 0, -1):
        document = embedding(letter(f"Level {level}."), WORD, {f"in{level}.docx": document})
    parsed_document = parse(document, "log.docx")
    assert "Level 4." in parsed_document.text
    assert "Level 5." not in parsed_document.text
    assert "nested too deeply" in parsed_document.warnings[0]


def test_of_very_many_embedded_files_the_first_thousand_are_read(parse):
    objects = {f"{number}.txt": f"Line {number}." for number in range(1, 1003)}
    parsed_document = parse(embedding(workbook({"S": []}), SHEET, objects), "log.xlsx")
    assert parsed_document.text.endswith("Line 1000.")
    assert "1,000" in parsed_document.warnings[0]
