"""Letters as their readers see them: struck-out, hidden, raised ones, signs and formulas."""

import io

import pytest
from docx import Document
from docx.oxml import parse_xml
from docx.oxml.ns import nsdecls
from lxml import etree
from pptx import Presentation
from pptx.util import Inches

from ingest.parse.common.document_builder import SourceText, TextPiece, assemble
from ingest.parse.common.file import pieces_of_document
from ingest.parse.common.formulas import formula_text
from ingest.parse.common.omissions import INVISIBLE, STRUCK_OUT, take_marks
from ingest.parse.common.raised_text import sign_before
from ingest.parse.common.symbol_fonts import in_unicode, sign_of
from ingest.screening.policy import ScreeningPolicy
from ingest.screening.screener import Screening
from tests.fakes.documents import opendocument

W = nsdecls("w")
M = 'xmlns:m="http://schemas.openxmlformats.org/officeDocument/2006/math"'


def word_text(parse, *runs, style=""):
    """Return the document of one paragraph of these runs."""
    document = Document()
    paragraph = document.add_paragraph()
    for run in runs:
        paragraph._p.append(parse_xml(run.replace("<w:r>", f"<w:r {W} {M}>", 1)))
    if style:
        document.styles.element.append(parse_xml(style))
    out = io.BytesIO()
    document.save(out)
    return parse(out.getvalue(), "a.docx")


def run(text, properties=""):
    return f'<w:r><w:rPr>{properties}</w:rPr><w:t xml:space="preserve">{text}</w:t></w:r>'


def rules(parsed_document):
    return [omission.rule for omission in parsed_document.omissions]


@pytest.mark.parametrize(
    ("properties", "rule"),
    [
        ("<w:strike/>", "struck-out"),
        ('<w:dstrike w:val="true"/>', "struck-out"),
        ("<w:vanish/>", "invisible-text"),
        ('<w:rStyle w:val="Gone"/>', "struck-out"),
    ],
)
def test_struck_out_and_hidden_runs_are_left_out_of_word_and_found(parse, properties, rule):
    style = (
        f'<w:style {W} w:type="character" w:styleId="Gone"><w:name w:val="Gone"/>'
        "<w:rPr><w:strike/></w:rPr></w:style>"
    )
    parsed_document = word_text(
        parse, run("The fee is "), run("9 ", properties), run("crowns ", properties), run("7."),
        style=style,
    )  # fmt: skip
    assert parsed_document.text == "The fee is 7."
    assert [(o.rule, o.start) for o in parsed_document.omissions] == [(rule, 11)]
    assert "left out in 1 place" in parsed_document.warnings[0]


def test_a_run_that_takes_a_strike_back_stays(parse):
    assert word_text(parse, run("all of it", '<w:strike w:val="0"/>')).text == "all of it"


@pytest.mark.parametrize(
    ("runs", "text"),
    [
        ([run("7"), run("3", '<w:vertAlign w:val="superscript"/>'), run(" huts")], "7^3 huts"),
        ([run("10"), run("-4", '<w:position w:val="6"/>'), run(" m")], "10^-4 m"),
        ([run("km"), run("2", '<w:vertAlign w:val="superscript"/>')], "km2"),
        ([run("CO"), run("2", '<w:vertAlign w:val="subscript"/>'), run("30 g")], "CO2 30 g"),
        ([run("101"), run("2", '<w:vertAlign w:val="subscript"/>')], "101_2"),
        ([run("the"), run("1", '<w:vertAlign w:val="superscript"/>'), run("9 ")], "the^1 9"),
        ([run("2"), run("nd", '<w:vertAlign w:val="superscript"/>')], "2nd"),
        (['<w:r><w:sym w:font="Wingdings" w:char="F0FE"/></w:r>', run(" done")], "☑ done"),
        ([run("\uf0fb", '<w:rFonts w:ascii="Wingdings"/>')], "✗"),
        ([run("a", '<w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/>'), run(" = 2")], "\u03b1 = 2"),
    ],
)
def test_raised_letters_and_signs_of_word(parse, runs, text):
    assert word_text(parse, *runs).text == text


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Fee <s>9</s> 7 crowns</p>", "Fee 7 crowns"),
        ("<p>Fee <strike>9</strike> <ins>7</ins></p>", "Fee 7"),
        ('<p>Fee <span style="text-decoration: line-through">9</span> 7</p>', "Fee 7"),
        ("<p>5<sup>2</sup> and 5 <sub>1</sub></p>", "5^2 and 5 1"),
        ("<p>pay<sup><a href='#n'>4</a></sup> rises</p>", "pay^4 rises"),
        ("<p>x<sup>3</sup>8 m<sup>3</sup></p>", "x3 8 m3"),
        ("<p><b>30</b><sup>1</sup> days</p>", "30^1 days"),
        ("<p><font face='Wingdings'>ü</font> paid</p>", "✓ paid"),
        ("<table><tr><td>a</td><td hidden>x</td><td>b</td></tr></table>", "a | b"),
        ("<p>One <span style='display:none'>two</span> three</p>", "One three"),
    ],
)
def test_letters_of_html(parse, html, text):
    assert parse(f"<html><body>{html}</body></html>", "a.html").text == text


def test_struck_out_words_of_markdown_and_hidden_ones_of_html_are_found(parse):
    assert rules(parse("The fee is ~~9~~ 7.", "a.md")) == ["struck-out"]
    assert rules(parse("<p>One</p><div hidden>two</div><p>three</p>", "a.html")) == [
        "invisible-text"
    ]


def test_letters_of_slides(parse):
    deck = Presentation()
    slide = deck.slides.add_slide(deck.slide_layouts[6])
    paragraph = slide.shapes.add_textbox(0, 0, Inches(5), Inches(1)).text_frame.paragraphs[0]
    for text, name, value in (
        ("Fee ", "", ""), ("9", "strike", "sngStrike"), (" 7", "", ""), ("3", "baseline", "30000"),
    ):  # fmt: skip
        one = paragraph.add_run()
        one.text = text
        if name:
            one._r.get_or_add_rPr().set(name, value)
    sign = paragraph.add_run()
    sign.text, sign.font.name = " ü", "Wingdings"
    out = io.BytesIO()
    deck.save(out)
    parsed_document = parse(out.getvalue(), "a.pptx")
    assert parsed_document.text == "Fee 7^3 ✓"
    assert rules(parsed_document) == ["struck-out"]


def test_letters_of_an_open_document(parse):
    styles = "".join(
        f'<style:style style:name="{name}"><style:text-properties {properties}/></style:style>'
        for name, properties in (
            ("gone", 'style:text-line-through-style="solid"'),
            ("high", 'style:text-position="super 58%"'),
            ("unseen", 'text:display="none"'),
        )
    )
    span = '<text:span text:style-name="{}">{}</text:span>'.format
    body = (
        f"<text:p>Fee {span('gone', '9')} 7{span('high', '3')} crowns{span('unseen', ' at most')}."
        "</text:p>"
    )
    parsed_document = parse(opendocument(body, styles=styles), "a.odt")
    assert parsed_document.text == "Fee 7^3 crowns."
    assert rules(parsed_document) == ["struck-out", "invisible-text"]


@pytest.mark.parametrize(
    ("text", "plain", "places"),
    [
        (f"a {STRUCK_OUT} b", "a b", [("struck-out", 2)]),
        (f"{STRUCK_OUT} b", "b", [("struck-out", 0)]),
        (f"a {STRUCK_OUT}, b", "a, b", [("struck-out", 1)]),
        (f"a {STRUCK_OUT}", "a", [("struck-out", 1)]),
        (f"a{INVISIBLE}b", "ab", [("invisible-text", 1)]),
        (f"a | {STRUCK_OUT} | b", "a |  | b", [("struck-out", 5)]),
        (f"a\n{STRUCK_OUT} {INVISIBLE}\nb", "a\n\nb", [("struck-out", 2), ("invisible-text", 2)]),
        ("plain", "plain", []),
    ],
)
def test_marks_leave_a_text_and_say_where_they_stood(text, plain, places):
    assert take_marks(text) == (plain, places)


def test_a_finding_says_where_text_was_left_out_also_of_a_file_within(parse):
    inner = assemble(
        [TextPiece("paragraph", f"One {STRUCK_OUT} two.")], SourceText("text/plain", "a test")
    )
    pieces = [TextPiece("heading", "File", 1), *pieces_of_document(inner, under=1)]
    document = assemble(pieces, SourceText("text/plain", "a test"))
    screened = Screening().screen(document, ScreeningPolicy(hidden="quarantine"))
    (finding,) = screened.quarantine_findings
    assert document.text[: finding.finding.start] == "File\n\nOne "
    assert (finding.finding.rule, finding.detector) == ("struck-out", "parser")
    assert finding.finding.start == finding.finding.end


@pytest.mark.parametrize(
    ("text", "position", "before", "sign"),
    [
        ("6", "superscript", "10", "^"),
        ("6", "sup", "m", ""),
        ("6", "sup", "cost", "^"),
        ("6", "sup", "cost.", "^"),
        ("th", "sup", "6", ""),
        ("6", "sub", "10", "_"),
        ("6", "sub", "H", ""),
        ("6", "baseline", "10", ""),
        ("", "sup", "10", ""),
    ],
)
def test_a_sign_stands_before_what_would_join(text, position, before, sign):
    assert sign_before(text, position, before) == sign


@pytest.mark.parametrize(
    ("letters", "font", "signs"),
    [
        ("\uf0fcû", "Wingdings", "✓✗"),
        ("PO", "Wingdings 2", "✓✗"),
        ("\uf061\uf0b3", "symbol", "\u03b1≥"),
        ("ü", "Arial", "ü"),
        ("ü", None, "ü"),
    ],
)
def test_letters_of_symbol_fonts_are_signs(letters, font, signs):
    assert in_unicode(letters, font) == signs


@pytest.mark.parametrize(
    ("code", "font", "sign"),
    [("F0D6", "Symbol", "√"), ("F041", "Arial", "A"), ("zz", "Symbol", ""), ("2713", "Arial", "✓")],
)
def test_a_coded_sign_is_read(code, font, sign):
    assert sign_of(code, font) == sign


def omml(text):
    return f"<m:r><m:t>{text}</m:t></m:r>"


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        (f"<m:f><m:num>{omml('p+q')}</m:num><m:den>{omml('3')}</m:den></m:f>", "(p+q)/3"),
        (f"<m:sSup><m:e>{omml('r')}</m:e><m:sup>{omml('n+1')}</m:sup></m:sSup>", "r^(n+1)"),
        (
            (
                "<m:nary><m:naryPr><m:chr m:val='∑'/></m:naryPr>"
                f"<m:sub>{omml('k=0')}</m:sub><m:sup>{omml('9')}</m:sup><m:e>{omml('k')}</m:e></m:nary>"
            ),
            "∑_(k=0)^9 k",
        ),
        (f"<m:nary><m:e>{omml('f')}</m:e></m:nary>", "∫ f"),
        (
            (
                "<m:d><m:dPr><m:begChr m:val='['/><m:endChr m:val=']'/></m:dPr>"
                f"<m:e>{omml('p')}</m:e></m:d>"
            ),
            "[p]",
        ),
        (
            (
                f"<m:d><m:e><m:m><m:mr><m:e>{omml('1')}</m:e><m:e>{omml('2')}</m:e></m:mr>"
                f"<m:mr><m:e>{omml('3')}</m:e><m:e>{omml('4')}</m:e></m:mr></m:m></m:e></m:d>"
            ),
            "(1, 2; 3, 4)",
        ),
        (f"<m:rad><m:deg>{omml('3')}</m:deg><m:e>{omml('p')}</m:e></m:rad>", "√[3](p)"),
        (f"<m:func><m:fName>{omml('cos')}</m:fName><m:e>{omml('p')}</m:e></m:func>", "cos p"),
    ],
)
def test_a_formula_of_office_becomes_one_line(formula, text):
    assert formula_text(etree.fromstring(f"<m:oMath {M}>{formula}</m:oMath>")) == text


@pytest.mark.parametrize(
    ("formula", "text"),
    [
        ("<msup><mi>r</mi><mn>2</mn></msup><mo>=</mo><msqrt><mi>p</mi></msqrt>", "r^2 = √(p)"),
        ("<munderover><mo>∑</mo><mn>1</mn><mn>9</mn></munderover><mi>k</mi>", "∑_1^9 k"),
        ("<mfenced><mi>p</mi><mi>q</mi></mfenced>", "(p, q)"),
        ("<mroot><mi>p</mi><mn>3</mn></mroot>", "√[3](p)"),
        ("<mtable><mtr><mtd><mn>1</mn></mtd><mtd><mn>2</mn></mtd></mtr></mtable>", "[1, 2]"),
        ("<semantics><mi>p</mi><annotation>\\tex</annotation></semantics>", "p"),
        ("<mfrac><mi>p</mi></mfrac>", "p/"),
    ],
)
def test_a_formula_of_a_web_page_becomes_one_line(formula, text):
    assert formula_text(etree.fromstring(f"<math>{formula}</math>")) == text
