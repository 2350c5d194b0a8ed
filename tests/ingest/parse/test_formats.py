import contextlib
import io
import json
import re
import struct
import time
import zipfile
from email.message import EmailMessage

import pytest
from docx import Document
from openpyxl import Workbook
from openpyxl.comments import Comment
from PIL import Image, ImageDraw
from pptx import Presentation

from ingest.errors import (
    BrokenDocumentError,
    EmptyDocumentError,
    EncryptedDocumentError,
    ParseError,
    ParseLimitError,
    UnsupportedTypeError,
)
from ingest.parse.common.ocr import can_recognise
from ingest.parse.office.open_xml import pieces_of_chart
from ingest.parse.office.rtf_reader import read_rtf
from ingest.parse.office.xls_text_boxes import texts_of_objects
from tests.fakes import hostile
from tests.fakes.compound import compound
from tests.fakes.documents import book, opendocument, presentation, rezipped, workbook, zipped

LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "ha">'
    + "".join(f'<!ENTITY b{n} "{f"&b{n - 1 if n else str()};" * 10}">' for n in range(9))
    + "]><a>&b8;</a>"
)


def blocks_of(parsed_document):
    return [
        (b.kind, b.level, parsed_document.text[b.start : b.end]) for b in parsed_document.blocks
    ]


def message(subject="Trip", body="We leave at nine.", attachments=()):
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "Ann <ann@x.org>", "bob@x.org", subject
    mail.set_content(body)
    for name, content in attachments:
        mail.add_attachment(content, maintype="application", subtype="x", filename=name)
    return mail.as_bytes()


def test_a_workbook_becomes_a_heading_for_each_sheet_and_a_line_for_each_row(parse):
    rows = [["name", "days", "full"], ["Ann", 30.5, True], [], ["other", None, 7]]
    parsed_document = parse(workbook({"Leave": rows, "Empty": []}, title="Plan"), "a.bin")
    assert parsed_document.title == "Plan"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Leave"),
        ("table", 0, "name | days | full\nAnn | 30.5 | TRUE"),
        ("table", 0, "other |  | 7"),
    ]


def test_a_presentation_becomes_titles_text_and_notes(parse):
    parsed_document = parse(
        presentation([("Plan", ["first", "second"], "Say it slowly.")]), "a.pptx"
    )
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Plan"),
        ("paragraph", 0, "first\nsecond"),
        ("paragraph", 0, "Say it slowly."),
    ]


def test_a_message_is_read_with_its_attachments_under_their_names(parse):
    table = workbook({"S": [["a", "b"]]})
    parsed_document = parse(message(attachments=[("../../etc/t.xlsx", table)]), "mail.txt")
    assert parsed_document.title == "Trip"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "Trip"),
        ("paragraph", 0, "Subject: Trip\nFrom: Ann <ann@x.org>\nTo: bob@x.org"),
        ("paragraph", 0, "We leave at nine."),
        ("heading", 2, "../../etc/t.xlsx"),
        ("heading", 3, "S"),
        ("table", 0, "a | b"),
    ]


def test_an_attachment_that_cannot_be_read_is_a_warning(parse):
    parsed_document = parse(message(attachments=[("p.exe", b"MZ\x90" + b"\0" * 99)]), "m.eml")
    assert parsed_document.warnings == ("p.exe: This file is a program.",)


def test_messages_nested_too_deeply_are_left_out_with_a_warning(parse):
    inner = message(subject="Level 0")
    for level in range(1, 6):
        inner = message(subject=f"Level {level}", attachments=[("m.eml", inner)])
    parsed_document = parse(inner, "m.eml")
    assert "Level 2" in parsed_document.text
    assert "Level 1" not in parsed_document.text
    assert "nested too deeply" in parsed_document.warnings[0]


def test_a_mailbox_is_read_message_by_message(parse):
    line = b"From ann@x.org Mon Jun 01 10:00:00 2009\n"
    parsed_document = parse(line + message("One") + b"\n" + line + message("Two"), "a.mbox")
    assert [text for kind, _, text in blocks_of(parsed_document) if kind == "heading"] == [
        "One",
        "Two",
    ]


def test_a_book_is_read_in_the_order_of_its_spine(parse):
    parsed_document = parse(
        book({"z": "<h1>First</h1><p>One.</p>", "a": "<h1>Second</h1>"}), "a.epub"
    )
    assert parsed_document.title == "A book"
    assert blocks_of(parsed_document) == [
        ("heading", 1, "First"),
        ("paragraph", 0, "One."),
        ("heading", 1, "Second"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gbk", "shift-jis", "cp437"])
def test_names_in_an_archive_are_shown_in_their_authors_encoding(parse, encoding):
    names = {
        "utf-8": ["Überblick über Straßen.txt"],
        "gbk": ["二〇二四年度工作总结报告.txt", "公司员工休假管理规定.txt"],
        "shift-jis": ["会議の議事録について.txt", "お問い合わせのまとめ.txt"],
        "cp437": ["Plain.txt"],
    }[encoding]
    archive = zipped(
        {f"name-{at}-".ljust(len(n.encode(encoding)), "x"): "Text." for at, n in enumerate(names)}
    )
    for at, name in enumerate(names):
        raw = name.encode(encoding)
        archive = archive.replace(f"name-{at}-".ljust(len(raw), "x").encode(), raw)
    headings = [text for kind, _, text in blocks_of(parse(archive, "a.zip")) if kind == "heading"]
    assert headings == names


def test_an_open_document_keeps_headings_lists_and_tables(parse):
    body = (
        '<text:h text:outline-level="2">Head</text:h>'
        "<text:p>A<text:s/>word<text:tab/>more.</text:p>"
        "<text:list><text:list-item><text:p>one</text:p></text:list-item></text:list>"
        "<table:table><table:table-row><table:table-cell><text:p>a</text:p></table:table-cell>"
        '<table:table-cell table:number-columns-repeated="2"><text:p>b</text:p></table:table-cell>'
        "</table:table-row></table:table>"
    )
    assert blocks_of(parse(opendocument(body), "a.odt")) == [
        ("heading", 2, "Head"),
        ("paragraph", 0, "A word more."),
        ("list", 0, "- one"),
        ("table", 0, "a | b | b"),
    ]


def test_an_open_document_ends_with_its_comments_running_heads_and_charts(parse):
    body = (
        "<text:p>Body<office:annotation><dc:creator>Ann</dc:creator><text:p>Check this.</text:p>"
        "</office:annotation>.</text:p>"
    )
    page = "<text:p>Page <text:page-number>1</text:page-number></text:p>"
    frame = "<draw:frame {}><draw:text-box><text:p>{}</text:p></draw:text-box></draw:frame>"
    masters = "<style:master-page>{}</style:master-page>".format(
        f"<style:header><text:p>Confidential</text:p>{page}</style:header>"
        + frame.format("", "Drawn on every page")
        + frame.format('presentation:class="title"', "Click to add a title")
    )
    chart = (
        "<chart:chart><chart:title><text:p>Ships by year</text:p></chart:title><table:table>"
        "<table:table-row><table:table-cell><text:p>2024</text:p></table:table-cell>"
        "<table:table-cell><text:p>17</text:p></table:table-cell></table:table-row></table:table>"
        "</chart:chart>"
    )
    document = opendocument(body, styles=masters * 2, objects=[chart, "<broken"])
    assert blocks_of(parse(document, "a.odt")) == [
        ("paragraph", 0, "Body."),
        ("paragraph", 0, "Ann: Check this."),
        ("paragraph", 0, "Confidential\nDrawn on every page"),
        ("paragraph", 0, "Ships by year"),
        ("table", 0, "2024 | 17"),
    ]


def test_an_open_document_with_a_password_says_so(parse):
    with pytest.raises(EncryptedDocumentError):
        parse(opendocument("", manifest="<manifest:encryption-data/>"), "a.odt")


def test_rich_text_becomes_paragraphs_and_rows(parse):
    rich = r"{\rtf1\ansi First \'e9.\par Second.\par\trowd a\cell b\cell\row}"
    assert blocks_of(parse(rich, "a.rtf")) == [
        ("paragraph", 0, "First \u00e9."),
        ("paragraph", 0, "Second."),
        ("table", 0, "a | b"),
    ]


def test_rich_text_keeps_headings_and_says_headers_and_notes_last(parse):
    rich = (
        r"{\rtf1\ansi{\stylesheet{\s0 Normal;}{\s3 heading 2;}}{\header Page top\par}"
        r"\pard\s3 Fares\par\pard Cheap{\footnote In winter.} and quick.\par}trailing rubbish"
    )
    assert blocks_of(parse(rich, "a.rtf")) == [
        ("heading", 2, "Fares"),
        ("paragraph", 0, "Cheap and quick."),
        ("paragraph", 0, "Page top"),
        ("paragraph", 0, "In winter."),
    ]


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (rb"{\rtf1 a{\v hidden}b{\deleted gone}c}", "abc"),
        (rb"{\rtf1\uc2 x\u8364 ??y}", "x\u20acy"),
        (rb"{\rtf1\u-10187?\u-9140?}", "\U0001d44c"),
        (rb"{\rtf1{\fonttbl{\f1\fcharset204 A;}}\f1 \'c4\'e0}", "\u0414\u0430"),
        (rb"{\rtf1{\fonttbl{\f1\fcharset128 A;}}\f1 \'93\'fa\'96\'7b}", "\u65e5\u672c"),
        (b"{\\rtf1 a{\\pict\\bin4 }{}\\ }b}", "ab"),
        (rb"{\rtf1 10{\super 6} and 10{\super -6}}", "10^6 and 10^-6"),
        (rb"{\rtf1 100\super 1\nosupersub  and 101{\sub 2}3}", "100^1 and 101_2 3"),
        (rb"{\rtf1 cost{\up6 3} m{\super 2} CO{\dn6 2} 1\up6 st\up0  x}", "cost^3 m2 CO2 1st x"),
        (rb"{\rtf1 2{\super\'312}\plain 4}", "2^12 4"),
        (rb"{\rtf1 a\~b\_c\{d\}\emdash e}", "a b-c{d}\u2014e"),
        (rb"{\rtf1{\*\unknown lost}{\field{\*\fldinst HYPERLINK x}{\fldrslt kept}}}", "kept"),
        (b"{" * 5000 + b"\\rtf1 deep", "deep"),
    ],
)
def test_rich_texts_own_letters(content, text):
    lines, _ = read_rtf(content)
    assert "".join(line.text for line in lines) == text


def test_a_part_of_another_format_stands_in_a_word_file(parse, tmp_path):
    whole = io.BytesIO()
    Document().save(whole)
    replacements = {
        "word/document.xml": (b"<w:sectPr", b'<w:altChunk r:id="rId99"/><w:sectPr'),
        "word/_rels/document.xml.rels": (
            b"</Relationships>",
            (
                b'<Relationship Id="rId99" Target="in.html" Type="http://schemas.openxmlformats.org/'
                b'officeDocument/2006/relationships/aFChunk"/></Relationships>'
            ),
        ),
    }
    with zipfile.ZipFile(io.BytesIO(whole.getvalue())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    for name, (old, new) in replacements.items():
        members[name] = members[name].replace(old, new, 1)
    members["[Content_Types].xml"] = members["[Content_Types].xml"].replace(
        b"<Default ", b'<Default Extension="html" ContentType="text/html"/><Default ', 1
    )
    members["word/in.html"] = b"<html><body><h1>Inside</h1><p>Read me.</p></body></html>"
    assert "Read me." in parse(zipped(members), "a.docx").text


def record(kind, content):
    return struct.pack("<HH", kind, len(content)) + content


def test_a_workbook_of_excel_4_is_read(parse):
    label = b"\0\0\0\0\0\0\x05\0" + b"Hello"
    book = record(0x0409, b"\0\0\x10\0\0\0") + record(0x0204, label) + record(0x000A, b"")
    assert "Hello" in parse(book, "a.xls").text


def text_object(text, *text_parts):
    """Return a TxO record and its Continue records; a part begins with how wide its letters are."""
    head = struct.pack("<10xHHH", len(text), 16, 0)
    runs = struct.pack("<HHIHHI", 0, 0, 0, len(text), 0, 0)
    return b"".join([record(0x01B6, head), *(record(0x3C, part) for part in (*text_parts, runs))])


def excel_97(*objects):
    """Return a workbook of one sheet with one cell and these objects."""
    drawing = record(0x005D, struct.pack("<HHHHH12xHH", 0x15, 18, 6, 1, 0x6011, 0, 0))
    version = struct.pack("<HHHHII", 0x0600, 0, 0x0DBB, 0x07CC, 0, 6)
    sheet = b"".join([
        record(0x0809, version[:2] + b"\x10\0" + version[4:]),
        record(0x0203, struct.pack("<HHHd", 0, 0, 0, 42.0)),
        *(drawing + one for one in objects),
        record(0x000A, b""),
    ])  # fmt: skip
    name = b"\x05\0Boxes"
    start = 20 + len(record(0x85, bytes(6) + name)) + 4
    sheet_record = record(0x85, struct.pack("<IH", start, 0) + name)
    whole = record(0x0809, version[:2] + b"\x05\0" + version[4:]) + sheet_record + record(0x0A, b"")
    return compound({"Workbook": whole + sheet})


def test_text_boxes_and_comments_of_excel_97_stand_after_the_cells(parse):
    workbook_bytes = excel_97(
        text_object("Mind the step.", b"\0Mind the", b"\0 step."),
        text_object("Größer ⚓", b"\0Gr\xf6\xdfer ", b"\x01" + "⚓".encode("utf-16-le")),
        text_object("", b""),
    )
    assert parse(workbook_bytes, "a.xls").text == "Boxes\n\n42\n\nMind the step.\n\nGrößer ⚓"


@pytest.mark.parametrize("length", range(0, 55, 6))
def test_a_text_object_that_is_cut_off_is_left_out(length):
    whole = text_object("Mind the step.", b"\0Mind the", b"\0 step.")
    assert list(texts_of_objects(whole)) == ["Mind the step."]
    assert list(texts_of_objects(whole[:length])) == ["Mind the step."] * (length > 45)


def test_an_undeclared_entity_is_left_out_of_xml(parse):
    assert parse("<?xml version='1.0'?><a>one &two; three</a>", "a.xml").text.split() == [
        "one", "three",
    ]  # fmt: skip


def test_json_becomes_lines_of_keys_and_values(parse):
    value = {"title": "Plan", "who": {"name": "Ann", "tags": ["a", "b"]}, "n": 1.5, "no": None}
    parsed_document = parse(json.dumps(value), "a.txt")
    assert parsed_document.title == "Plan"
    assert parsed_document.text == "title: Plan\nwho.name: Ann\nwho.tags: a\nwho.tags: b\nn: 1.5"


def test_json_lines_become_a_paragraph_each(parse):
    parsed_document = parse('{"a": 1}\n{"a": 2}\nnot json\n', "a.jsonl")
    assert parsed_document.text == "a: 1\n\na: 2\n\nnot json"
    assert "1 lines are not JSON" in parsed_document.warnings[0]


def test_json_nested_deeper_than_can_be_read_stays_text(parse):
    assert parse("[" * 100_000, "a.json").media_type == "text/plain"


HTML_TABLE = (
    "<table><caption>Ages</caption><thead><tr><th>name</th><th>age</th></tr></thead>"
    "<tbody><tr><td>Ann</td><td><b>4</b>1</td></tr></tbody></table>"
)
CALS_TABLE = (
    "<table><title>Ages</title><tgroup><thead><row><entry>name</entry><entry>age</entry></row>"
    "</thead><tbody><row><entry>Ann</entry><entry>41</entry></row></tbody></tgroup></table>"
)


@pytest.mark.parametrize("table", [HTML_TABLE, CALS_TABLE])
def test_a_table_in_xml_keeps_its_rows_and_its_caption(parse, table):
    blocks = blocks_of(
        parse(f"<?xml version='1.0'?><a><p>Before.</p>{table}<p>After.</p></a>", "a.xml")
    )

    assert [block[-1] for block in blocks] == ["Before.", "Ages", "name | age\nAnn | 41", "After."]
    assert blocks[2][0] == "table"


def test_a_table_that_only_frames_text_is_text(parse):
    parsed_document = parse(
        "<?xml version='1.0'?><a><table><tr><td>One.</td></tr></table></a>", "a.xml"
    )

    assert {block.kind for block in parsed_document.blocks} == {"paragraph"}


def test_xml_is_read_in_order(parse):
    xml = (
        "<?xml version='1.0'?><!DOCTYPE a [<!ENTITY who 'Ann'>]><a><title>Head</title>"
        "<p>One <b>bold</b> word by &who;.</p><r><k>x</k><k>y</k></r></a>"
    )
    assert blocks_of(parse(xml, "a.xml")) == [
        ("heading", 1, "Head"),
        ("paragraph", 0, "One bold word by Ann."),
        ("paragraph", 0, "x\ny"),
    ]


@pytest.mark.parametrize(
    "content",
    [
        LAUGHS,
        '<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>',
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": LAUGHS}),
        zipped({"word/document.xml": LAUGHS, "[Content_Types].xml": LAUGHS}),
        zipped({"xl/workbook.xml": LAUGHS, "[Content_Types].xml": LAUGHS}),
    ],
)
def test_entities_that_grow_or_fetch_are_refused_at_once(parse, content):
    begin = time.monotonic()
    with pytest.raises((ParseLimitError, BrokenDocumentError)):
        parse(content, "a.svg")
    assert time.monotonic() - begin < 20


def test_source_code_is_cut_at_definitions(parse):
    code = "import os\n\n\ndef f():\n    a = 1\n\n    return a\n\nx = (\n    1\n\n)\n"
    parsed_document = parse(code, "a.py")
    assert parsed_document.text == code
    assert blocks_of(parsed_document) == [
        ("code", 0, "import os"),
        ("code", 0, "def f():\n    a = 1\n\n    return a"),
        ("code", 0, "x = (\n    1\n\n)"),
    ]


def test_an_archive_is_read_member_by_member(parse):
    members = {"../up/a.txt": "Alpha.", "b.md": "# Beta", "c.bin": b"\0\1" * 99, "__MACOSX/x": "no"}
    parsed_document = parse(zipped(members), "all.zip")
    assert blocks_of(parsed_document) == [
        ("heading", 1, "../up/a.txt"),
        ("paragraph", 0, "Alpha."),
        ("heading", 1, "b.md"),
        ("heading", 2, "Beta"),
    ]
    assert parsed_document.warnings == ("c.bin: This file is not text.",)


def test_an_archive_may_stand_in_an_archive_but_not_deeper(parse):
    once = zipped({"a.txt": "Alpha."})
    assert "Alpha" in parse(zipped({"in.zip": once}), "a.zip").text
    with pytest.raises(UnsupportedTypeError, match="nested too deeply"):
        parse(zipped({"x.zip": zipped({"in.zip": once})}), "a.zip")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (zipped({f"{n}.txt": "x" for n in range(1001)}), "more than 1,000 files"),
        (zipped({"a.txt": bytes(20_000_000)}), "more than 200 times"),
        (zipped({"xl/workbook.xml": bytes(20_000_000)}), "more than 200 times"),
    ],
)
def test_an_archive_over_a_limit_is_refused(parse, content, message):
    with pytest.raises(ParseLimitError, match=message):
        parse(content, "a.zip")


def test_a_strict_workbook_is_read_as_any_other(parse):
    strict = rezipped(
        workbook({"S": [["a", "b"]]}),
        lambda content: re.sub(
            rb"http://schemas.openxmlformats.org/(\w+)/2006/(\w+)",
            rb"http://purl.oclc.org/ooxml/\1/\2",
            content,
        ),
    )
    assert parse(strict, "a.xlsx").text == "S\n\na | b"


def test_a_word_file_with_macros_is_read_as_a_document(parse):
    document = Document()
    document.add_paragraph("Text.")
    out = io.BytesIO()
    document.save(out)
    kind = b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"
    macros = b"application/vnd.ms-word.document.macroEnabled.main+xml"
    macro_document = rezipped(out.getvalue(), lambda content: content.replace(kind, macros))
    assert parse(macro_document, "a.docm").text == "Text."


def test_charts_and_comments_of_a_workbook_stand_at_its_end(parse):
    book = Workbook()
    sheet = book.active
    for row in (["year", "ducks"], ["y1", 120], ["y2", 130]):
        sheet.append(row)
    sheet["A1"].comment = Comment("Why not geese?", "Ann")
    out = io.BytesIO()
    book.save(out)
    assert parse(out.getvalue(), "a.xlsx").text.endswith("y2 | 130\n\nWhy not geese?")


def test_a_chart_becomes_a_table():
    chart = (
        "<c><title><t>Ducks</t></title><ser><tx><pt><v>wild</v></pt></tx>"
        '<cat><pt idx="0"><v>2019</v></pt></cat><val><pt idx="0"><v>120</v></pt></val></ser></c>'
    )
    pieces = list(pieces_of_chart(chart.encode()))
    assert [piece.text for piece in pieces] == ["Ducks", " | wild\n2019 | 120"]


@pytest.mark.parametrize("name", ["a.xlsx", "a.pptx", "a.odt", "a.epub"])
def test_half_of_a_file_is_broken(parse, name):
    whole = workbook({"S": [["a"]]})
    with pytest.raises(BrokenDocumentError, match="damaged"):
        parse(whole[: len(whole) // 2], name)


@pytest.mark.parametrize("content", [workbook({"S": []}), book({"a": ""}), opendocument("")])
def test_a_sound_file_without_text_is_empty(parse, content):
    with pytest.raises(EmptyDocumentError):
        parse(content, "a.bin")


def picture(text):
    image = Image.new("RGB", (240, 60), "white")
    ImageDraw.Draw(image).text((20, 20), text, fill="black")
    out = io.BytesIO()
    image.resize((960, 240)).save(out, "PNG")
    return out.getvalue()


def test_a_picture_is_read_where_text_recognition_is_installed(parse):
    if can_recognise():
        assert "library" in parse(picture("The library opens at nine"), "a.png").text
    else:
        with pytest.raises(UnsupportedTypeError, match="apt-get install tesseract-ocr"):
            parse(picture("The library"), "a.png")


@pytest.mark.parametrize("start", [b"{\\rtf", b"PK\x03\x04", b"\x89PNG", b"<?xml ", b"{", b"BM"])
def test_a_wrong_end_after_a_right_start_is_an_error_or_text(parse, start):
    with contextlib.suppress(ParseError):
        assert parse(start + b" nothing of the kind \xff\xfe \0\0 {{}", "a").text


def test_a_word_file_reads_as_with_all_changes_accepted(parse):
    body = (
        "<w:p><w:r><w:t xml:space='preserve'>The fee is </w:t></w:r>"
        "<w:del><w:r><w:delText>ten</w:delText></w:r></w:del>"
        "<w:moveFrom><w:r><w:t>eleven</w:t></w:r></w:moveFrom>"
        "<w:ins><w:r><w:t>twelve</w:t></w:r></w:ins><w:r><w:t> crowns.</w:t></w:r></w:p>"
        "<w:sdt><w:sdtPr/><w:sdtContent><w:p><w:r><w:t>In a control.</w:t></w:r></w:p>"
        "</w:sdtContent></w:sdt>"
        "<w:p><m:oMath><m:r><m:t>x=</m:t></m:r><m:f><m:num><m:r><m:t>a+b</m:t></m:r></m:num>"
        "<m:den><m:r><m:t>2</m:t></m:r></m:den></m:f></m:oMath></w:p>"
    )
    data = hostile.docx(
        "<w:document xmlns:w='http://schemas.openxmlformats.org/wordprocessingml/2006/main' "
        "xmlns:m='http://schemas.openxmlformats.org/officeDocument/2006/math'>"
        f"<w:body>{body}</w:body></w:document>"
    )
    parsed_document = parse(data, "fees.docx")
    assert parsed_document.text == "The fee is twelve crowns.\n\nIn a control.\n\nx=(a+b)/2"


def test_text_that_stands_on_every_slide_is_read_once(parse):
    deck = Presentation()
    layout = deck.slide_layouts[6]
    box = layout.slide_master.shapes._spTree
    for text in ("first", "second"):
        slide = deck.slides.add_slide(layout)
        slide.shapes.add_textbox(0, 0, 900, 900).text_frame.text = f"The {text} slide."
    fixed = slide.shapes.add_textbox(0, 0, 900, 900)
    fixed.text_frame.text = "For members only."
    box.append(fixed._element)
    out = io.BytesIO()
    deck.save(out)
    text = parse(out.getvalue(), "deck.pptx").text
    assert text == "The first slide.\n\nThe second slide.\n\nFor members only."


def test_a_picture_is_described_but_not_by_the_name_of_its_file(parse):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    pixel = io.BytesIO()
    Image.new("RGB", (1, 1)).save(pixel, "PNG")
    for expected in ("A duck with a paper", "IMG_0042.JPG"):
        picture = slide.shapes.add_picture(pixel, 0, 0)
        picture.element.nvPicPr.cNvPr.set("descr", expected)
    out = io.BytesIO()
    deck.save(out)

    assert parse(out.getvalue(), "deck.pptx").text == "A duck with a paper"
