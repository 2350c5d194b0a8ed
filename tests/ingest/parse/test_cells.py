"""Cells as their readers see them: formats, merges, hidden and struck-out ones."""

# ruff: noqa: DTZ001 - a date of a sheet has no time zone

import datetime as dt
import io
import zipfile

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.cell.rich_text import CellRichText, TextBlock
from openpyxl.cell.text import InlineFont
from openpyxl.styles import Font
from pptx import Presentation
from pptx.util import Inches

from ingest.parse.office.cells.merged_cells import Merge, spread_merges
from ingest.parse.office.cells.sheet_markup import read_markup
from ingest.parse.office.open_xml import pieces_of_chart
from tests.fakes.documents import opendocument, zipped


def saved(document):
    out = io.BytesIO()
    document.save(out)
    return out.getvalue()


@pytest.fixture
def sheet():
    return Workbook().active


def changed(data, member, old, new):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    assert old in members[member]
    return zipped(members | {member: members[member].replace(old, new)})


def test_a_workbooks_cells_are_shown_in_their_formats(parse, sheet):
    cells = {
        "A1": (0.19, "0%"), "B1": (dt.datetime(2026, 5, 9), "d mmm yyyy"), "C1": (815, "00000"),
        "A2": (dt.time(7, 5), "h:mm"), "B2": (dt.timedelta(hours=49), "[h]:mm"),
        "C2": (dt.datetime(2026, 5, 9), "mm-dd-yy"), "D2": (True, "0.00"),
    }  # fmt: skip
    for place, (value, code) in cells.items():
        sheet[place] = value
        sheet[place].number_format = code
    text = parse(saved(sheet.parent), "a.xlsx").text
    assert text.split("\n")[2:] == ["19% | 9 May 2026 | 00815", "7:05 | 49:00 | 2026-05-09 | TRUE"]


def test_a_formula_without_a_value_is_written_out_and_told(parse, sheet):
    sheet.append([4, 5, "=A1+B1", "=A1*2"])
    parsed_document = parse(saved(sheet.parent), "a.xlsx")
    assert "4 | 5 | =A1+B1 | =A1*2" in parsed_document.text
    assert "results of 2 formulas" in parsed_document.warnings[0]


def test_a_merged_cell_stands_in_every_place_that_it_spans(parse, sheet):
    for row in (["Fares 2026"], ["Line", "Summer", None], [None, "Adult", "Child"], ["A", 8, 4]):
        sheet.append(row)
    for places in ("A1:C1", "A2:A3", "B2:C2"):
        sheet.merge_cells(places)
    text = parse(saved(sheet.parent), "a.xlsx").text
    assert text.split("\n")[2:] == [
        "Fares 2026", "Line | Summer | Summer", "Line | Adult | Child", "A | 8 | 4",
    ]  # fmt: skip


def test_hidden_rows_columns_and_sheets_are_left_out_and_found(parse, sheet):
    for row in (["name", "pay", "town"], ["Ann", 9000, "Ulm"], ["Bob", 8000, "Bonn"]):
        sheet.append(row)
    sheet.column_dimensions["B"].hidden = True
    sheet.row_dimensions[3].hidden = True
    other = sheet.parent.create_sheet("Notes")
    other.append(["not for readers"])
    other.sheet_state = "hidden"
    parsed_document = parse(saved(sheet.parent), "a.xlsx")
    assert parsed_document.text == "Sheet\n\nname | town\nAnn | Ulm"
    assert {omission.rule for omission in parsed_document.omissions} == {"invisible-text"}
    assert "'Notes' is hidden" in parsed_document.warnings[0]
    assert "left out in" in parsed_document.warnings[1]


def test_rows_that_an_outline_folds_or_a_filter_leaves_out_are_read(parse, sheet):
    for row in (["name"], ["Ann"], ["Bob"], ["Cem"]):
        sheet.append(row)
    sheet.auto_filter.ref = "A1:A2"
    sheet.auto_filter.add_filter_column(0, ["Zoe"])
    for number in (2, 3):
        sheet.row_dimensions[number].hidden = True
    sheet.row_dimensions[3].outlineLevel = 1
    parsed_document = parse(saved(sheet.parent), "a.xlsx")
    assert parsed_document.text == "Sheet\n\nname\nAnn\nBob\nCem"


def test_struck_out_and_unshown_cells_are_left_out_and_found(parse, sheet):
    sheet.append(["rope", 12, 14, 99])
    sheet["B1"].font = Font(strike=True)
    sheet["D1"].number_format = ";;;"
    parsed_document = parse(saved(sheet.parent), "a.xlsx")
    assert "rope |  | 14" in parsed_document.text
    assert [omission.rule for omission in parsed_document.omissions] == [
        "struck-out", "invisible-text",
    ]  # fmt: skip


def test_struck_out_and_raised_letters_within_a_cell(parse, sheet):
    raised = TextBlock(InlineFont(vertAlign="superscript"), "2")
    sheet["A1"] = CellRichText(
        "fee ", TextBlock(InlineFont(strike=True), "7 "), "9 euro, 300", raised
    )
    assert parse(saved(sheet.parent), "a.xlsx").text.endswith("fee 9 euro, 300^2")


def test_a_merge_of_a_whole_sheet_costs_nothing():
    rows = [["a"], ["b"]]
    assert list(spread_merges(rows, [Merge(0, 0, 1_048_575, 16_383)])) == rows
    many = [Merge(0, 0, 9_000, 199)] * 1000
    assert len(list(spread_merges(([str(n)] for n in range(2000)), many))) == 2000


def test_the_markup_of_a_sheet_may_have_prefixes_and_be_broken():
    markup = read_markup(
        b"<x:cols><x:col min='2' max='3' hidden='1'/></x:cols><x:sheetData>"
        b"<x:row r='4' hidden='true'><x:c r='A4'><x:f>1+1</x:f></x:c></x:row></x:sheetData>"
        b'<x:mergeCell ref="A1:B2"/><x:mergeCell ref="A1"/>' + b"<mergeCell " * 1000
    )
    assert markup.merges == (Merge(0, 0, 1, 1),)
    assert (markup.hidden_rows, markup.hidden_columns) == ({3}, {1, 2})
    assert markup.has_unkept_formulas


def test_a_word_table_repeats_merged_cells(parse):
    document = Document()
    table = document.add_table(3, 3)
    for at, text in enumerate(["Deck", "Night", "", "", "low", "high", "A", "3", "5"]):
        table.cell(at // 3, at % 3).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    assert parse(saved(document), "a.docx").text == (
        "Deck | Night | Night\nDeck | low | high\nA | 3 | 5"
    )


def test_a_table_on_a_slide_repeats_merged_cells(parse):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    table = slide.shapes.add_table(2, 3, 0, 0, Inches(5), Inches(2)).table
    for at, text in enumerate(["Deck", "Night", "", "", "low", "high"]):
        table.cell(at // 3, at % 3).text = text
    table.cell(0, 0).merge(table.cell(1, 0))
    table.cell(0, 1).merge(table.cell(0, 2))
    assert parse(saved(deck), "a.pptx").text == "Deck | Night | Night\nDeck | low | high"


@pytest.mark.parametrize("name", ["a.html", "a.md"])
def test_a_table_of_html_repeats_merged_cells(parse, name):
    table = (
        "<table><tr><th rowspan=2>Deck</th><th colspan=2>Night</th></tr>"
        "<tr><th>low</th><th>high</th></tr></table>"
    )
    assert "Deck | Night | Night\nDeck | low | high" in parse(table, name).text


def test_a_chart_shows_its_numbers_in_their_formats():
    chart = (
        "<c:chart xmlns:c='c'><c:ser><c:cat><c:numRef><c:numCache><c:formatCode>mmm yy"
        "</c:formatCode><c:pt idx='0'><c:v>46084</c:v></c:pt></c:numCache></c:numRef></c:cat>"
        "<c:val><c:numRef><c:numCache><c:formatCode>0.0%</c:formatCode><c:pt idx='0'>"
        "<c:v>0.125</c:v></c:pt></c:numCache></c:numRef></c:val></c:ser></c:chart>"
    )
    assert [piece.text for piece in pieces_of_chart(chart.encode())] == [" | \nMar 26 | 12.5%"]


def test_a_cell_of_an_open_document_without_shown_text_has_its_value(parse):
    cells = "".join(
        f'<table:table-cell office:value-type="{kind}" office:{name}="{value}"/>'
        for kind, name, value in (
            ("percentage", "value", "0.125"), ("date", "date-value", "2026-03-03"),
            ("time", "time-value", "PT37H30M00S"), ("float", "value", "8.5"),
            ("boolean", "boolean-value", "true"), ("string", "string-value", "rope"),
        )
    )  # fmt: skip
    body = f"<table:table><table:table-row>{cells}</table:table-row></table:table>"
    text = parse(opendocument(body, "spreadsheet"), "a.ods").text
    assert text.endswith("12.5% | 2026-03-03 | 37:30 | 8.5 | TRUE | rope")
