import zipfile
from io import BytesIO

import pytest
from docx import Document
from hypothesis import given
from hypothesis import strategies as st

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
    UnsupportedTypeError,
)
from ingest.parse import parse_file
from ingest.parse.common.unstructured_adapter import unstructured_offline
from tests.fakes.documents import opendocument, rezipped, zipped
from tests.fakes.pdf import column, write_pdf


def blocks_of(parsed_document):
    return [
        (b.kind, b.level, parsed_document.text[b.start : b.end]) for b in parsed_document.blocks
    ]


def word_file(build):
    document = Document()
    build(document)
    out = BytesIO()
    document.save(out)
    return out.getvalue()


def test_plain_text_stays_as_it_is_but_for_newlines(parse):
    parsed_document = parse("First\r\nline.\r\n\r\n  Second \U0001f40d.\r")
    assert parsed_document.text == "First\nline.\n\n  Second \U0001f40d.\n"
    assert blocks_of(parsed_document) == [
        ("paragraph", 0, "First\nline."),
        ("paragraph", 0, "  Second \U0001f40d."),
    ]
    assert (parsed_document.title, parsed_document.media_type) == ("file", "text/plain")


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_unicode_encodings_are_read_without_a_warning(parse, encoding):
    parsed_document = parse("Grüße aus Köln, said the traveller".encode(encoding))
    assert parsed_document.text == "Grüße aus Köln, said the traveller"
    assert parsed_document.warnings == ()


def test_another_encoding_is_guessed_with_a_warning(parse):
    text = "Die Bücher über Österreich stehen im größten Regal der Bücherei. " * 5
    parsed_document = parse(text.encode("cp1252"))
    assert parsed_document.text == text
    assert "not UTF-8" in parsed_document.warnings[0]


def test_a_few_broken_bytes_in_utf_8_are_replaced_with_a_warning(parse):
    parsed_document = parse("Bücher über Österreich, größer.".encode() + b" \xff end")
    assert parsed_document.text == "Bücher über Österreich, größer. \ufffd end"
    assert "1 places" in parsed_document.warnings[0]


def test_a_declared_encoding_is_used(parse):
    page = '<html><head><meta charset="koi8-r"></head><p>Привет</p></html>'.encode("koi8-r")
    assert parse(page, "a.html").text == "Привет"


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"7z\xbc\xaf\x27\x1c" + b"\0" * 50, "7z archive"),
        (b"\x00\x01\x02\x03" * 50, "not text"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "older Office"),
        (b"PK\x03\x04 broken", "damaged archive"),
    ],
)
def test_an_unsupported_type_is_named_and_so_are_the_supported_ones(parse, content, kind):
    with pytest.raises(UnsupportedTypeError, match=kind) as caught:
        parse(content, "named.txt")
    assert "PDF, DOCX, HTML, Markdown" in str(caught.value)


def test_other_office_archives_are_named(parse):
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("xl/workbook.bin", "<x/>")
    with pytest.raises(UnsupportedTypeError, match="Excel"):
        parse(out.getvalue(), "a.docx")


def test_the_content_decides_the_type_before_the_name(parse):
    assert parse(write_pdf([column(["A line of text."])]), "a.txt").media_type == "application/pdf"
    assert parse("<!-- x --><!DOCTYPE html><p>Hi</p>", "a.txt").media_type == "text/html"
    assert parse("# Not a heading", "a.txt").text == "# Not a heading"


@pytest.mark.parametrize("content", ["", " \n\t\n"])
@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html", "a.csv"])
def test_a_file_without_text_is_empty(parse, content, name):
    with pytest.raises(EmptyDocumentError):
        parse(content, name)


def test_html_keeps_structure_and_drops_what_is_not_seen(parse):
    page = """<!doctype html><html><head><title> A  title </title><style>p{}</style></head><body>
    <nav>Menu</nav><h1>Main</h1><p>One <b>bold</b> word.</p><p hidden>secret</p>
    <p style="display: none">secret</p><script>secret()</script>
    <ol><li>first</li><li><p>second</p><p>more</p></li></ol>
    <table><thead><tr><th>a</th><th>b</th></tr></thead><tr><td>1</td><td>2</td></tr></table>
    <pre><code><span>def</span> f():
    pass</code></pre>
    <h3>Deep</h3><figure><figcaption>Caption</figcaption></figure>
    <details><summary>Sum</summary>Inner</details></body></html>"""
    parsed_document = parse(page, "a.html")
    assert parsed_document.title == "A title"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Main"),
        ("paragraph", 0, "One bold word."),
        ("list", 0, "1. first\n2. second"),
        ("paragraph", 0, "more"),
        ("table", 0, "a | b\n1 | 2"),
        ("code", 0, "def f():\n    pass"),
        ("heading", 3, "Deep"),
        ("paragraph", 0, "Caption"),
        ("paragraph", 0, "Sum"),
        ("paragraph", 0, "Inner"),
    ]


def test_markdown_is_read_without_its_marks(parse):
    text = (
        '---\ntitle: "Front"\n---\n# Head\n\nSome *soft*\n`code` [link](http://a.b).\n\n'
        "- one\n  - deeper\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n"
        "```py\nx = 1\n\ny = 2\n```\n"
    )
    parsed_document = parse(text, "a.md")
    assert parsed_document.title == "Front"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Head"),
        ("paragraph", 0, "Some soft code link."),
        ("list", 0, "- one\n  - deeper\n- two"),
        ("table", 0, "a | b\n1 | 2"),
        ("code", 0, "x = 1\n\ny = 2"),
    ]


def test_unstructured_neither_reports_home_nor_downloads_or_loads_a_model():
    unstructured_offline()
    from unstructured.nlp.tokenize import _load_spacy_model
    from unstructured.utils import _telemetry_opt_out

    assert _telemetry_opt_out()
    assert not list(_load_spacy_model()("A sentence with a verb is read."))


def test_csv_becomes_rows(parse):
    parsed_document = parse('name;age\n"Smith; Ann";41\n\nBob;7\n', "a.csv")
    assert blocks_of(parsed_document) == [("table", 0, "name | age\nSmith; Ann | 41\nBob | 7")]


def test_docx_keeps_headings_lists_and_tables(parse):
    def build(document):
        document.add_heading("Handbook", level=0)
        document.add_heading("Leave", level=2)
        document.add_paragraph("Everybody has thirty days of leave.")
        document.add_paragraph("ask", style="List Bullet")
        document.add_paragraph("wait", style="List Bullet")
        table = document.add_table(rows=2, cols=2)
        for cell, text in zip(table._cells, ["who", "days", "all", "30"], strict=True):
            cell.text = text

    parsed_document = parse(word_file(build), "a.docx")
    assert parsed_document.title == "Handbook"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Handbook"),
        ("heading", 2, "Leave"),
        ("paragraph", 0, "Everybody has thirty days of leave."),
        ("list", 0, "- ask\n- wait"),
        ("table", 0, "who | days\nall | 30"),
    ]


def test_a_damaged_docx_is_broken(parse):
    whole = word_file(lambda document: document.add_paragraph("Text."))
    with pytest.raises(BrokenDocumentError):
        parse(whole[: len(whole) // 2], "a.docx")


WORD = word_file(lambda document: document.add_paragraph("Text."))
BROKEN_WORD = rezipped(WORD, lambda part: b"<w:" if b"<w:document" in part else part)
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600


@pytest.mark.parametrize(
    ("content", "name", "begins"),
    [
        (WORD[: len(WORD) // 2], "a.docx", "This document is damaged"),
        (BROKEN_WORD, "a.docx", "This Word document is damaged"),
        (COMPOUND + "Workbook".encode("utf-16-le"), "a.xls", "This Excel workbook is damaged"),
        (COMPOUND + "__properties_version1.0".encode("utf-16-le"), "a.msg",
         "This Outlook message is damaged"),
        (opendocument("<text:p>"), "a.odt", "A part of this file is damaged"),
        (b"%PDF-1.7 broken", "a.pdf", "This PDF is damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 99, "a.png", "This picture is damaged"),
        (b"<?xml version='1.0'?><a><b></a>", "a.xml", "This XML is damaged: Opening and ending"),
    ],
)  # fmt: skip
def test_who_uploaded_a_damaged_file_is_told_what_to_do_in_words_for_people(
    parse, content, name, begins
):
    with pytest.raises(BrokenDocumentError) as caught:
        parse(content, name)
    message = str(caught.value)
    assert message.startswith(begins)
    assert message.endswith(("upload that.", "upload it again."))
    assert type(caught.value.__cause__).__name__ not in message


def test_a_damaged_file_in_an_archive_is_named_in_words_for_people(parse):
    parsed_document = parse(zipped({"a.txt": b"Text.", "b.docx": BROKEN_WORD}), "a.zip")
    assert parsed_document.warnings[0].startswith(
        "b.docx: This Word document is damaged, or written"
    )
    assert "Error" not in parsed_document.warnings[0]


def test_an_empty_docx_is_empty(parse):
    with pytest.raises(EmptyDocumentError):
        parse(word_file(lambda _: None), "a.docx")


def test_an_office_file_with_a_password_says_so(parse):
    content = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + "EncryptedPackage".encode("utf-16-le")
    with pytest.raises(EncryptedDocumentError):
        parse(content, "a.docx")


def test_nothing_that_a_database_refuses_is_in_the_text(parse):
    assert parse("a\x08b\x1fc" + "text " * 20).text.startswith("abc")
    assert "\x00" not in parse("<p>a&#0;b</p>", "a.html").text


@given(st.binary(max_size=300), st.sampled_from(["a.txt", "a.md", "a.html", "a.csv", "a.docx"]))
def test_any_bytes_give_a_document_or_a_parse_error(tmp_path_factory, content, name):
    path = tmp_path_factory.mktemp("any") / "blob"
    path.write_bytes(content)
    try:
        parsed_document = parse_file(path, name)
    except ParseError:
        return
    assert parsed_document.text.encode()
    end = 0
    for block in parsed_document.blocks:
        assert not parsed_document.text[end : block.start].strip()
        end = block.end
    assert not parsed_document.text[end:].strip()


def test_cells_that_span_stand_in_each_of_their_places_and_a_caption_above_its_table(parse):
    text = parse(
        b"<p>Fares:</p><table><caption>Fares in crowns</caption>"
        b"<tr><th rowspan=2>To</th><th colspan=2>Single</th></tr><tr><th>Adult</th><th>Child</th>"
        b"</tr><tr><td>Osvik</td><td rowspan=0>42</td><td>21</td></tr><tr><td>Holm</td><td>34</td>"
        b"</tr></table>",
        "fares.html",
    ).text
    assert text.endswith(
        "Fares in crowns\n\nTo | Single | Single\nTo | Adult | Child\n"
        "Osvik | 42 | 21\nHolm | 42 | 34"
    )


def test_spans_that_claim_a_million_cells_are_left_alone(parse):
    row = b"<tr><td colspan=99999 rowspan=99999>a</td></tr>" * 80
    assert len(parse(b"<table>" + row + b"</table>", "wide.html").text) < 1000
