"""Pages and Markdown of which nothing is lost, and line ends that are no blanks."""

import pytest


@pytest.mark.parametrize(
    ("page", "text"),
    [
        ("<p>Before.</p><main><p>Inside.</p></main><p>After.</p>", "Before.\n\nInside.\n\nAfter."),
        ("<main></main><p>All is outside.</p>", "All is outside."),
        ("<main><p>One.</p></main><main><p>Two.</p></main>", "One.\n\nTwo."),
        ("<article><p>One.</p></article><article><p>Two.</p></article>", "One.\n\nTwo."),
        ("<dl><dt>Fare</dt><dd>4 euro</dd></dl>", "Fare\n\n4 euro"),
        ("<ol start=3><li>a b<li value=9>c d<li>e f</ol>", "3. a b\n9. c d\n10. e f"),
        ("<ol reversed type=a><li>one x<li>two x</ol>", "b. one x\na. two x"),
        ("<p><ruby>灯<rp>(</rp><rt>とう</rt>台<rt>だい</rt></ruby>の光</p>", "灯台(とうだい)の光"),
        ("<p>Text <img src=a alt='of a lamp'></p>", "Text\n\nof a lamp"),
        ("<noscript><p>Only without scripts.</p></noscript>", "Only without scripts."),
        ("<p>Seen.</p><noscript><p>Turn scripts on.</p></noscript>", "Seen."),
        ("<x-card><p>In an element of its own.</p></x-card>", "In an element of its own."),
        ("<label>Name <input value=Ann></label>", "Name Ann"),
        ("<input type=checkbox checked> insured", "[x] insured"),
        ("<p>Axis</p><svg><text>5 m</text><title>icon</title></svg>", "Axis\n\n5 m"),
        ("<div>5</div><p>x</p>", "5\n\nx"),
        (
            "<p>So <math><mfrac><mrow><mi>a</mi><mo>+</mo></mrow><mn>2</mn></mfrac></math>",
            "So (a+)/2",
        ),
        (
            "<p><math><munder><mo>∑</mo><mi>i</mi></munder><msqrt><mi>y</mi></msqrt></math></p>",
            "∑_i√(y)",
        ),
    ],
)  # fmt: skip
def test_a_page_is_read_whole(parse, page, text):
    assert parse(f"<html><body>{page}</body></html>", "a.html").text == text


@pytest.mark.parametrize(
    ("front", "title", "text"),
    [
        ("---\n\n# A rule first\n\nOne.\n\n---\n", "A rule first", "A rule first\n\nOne.\n\nBody."),
        (
            "---\ntitle: Lamp\nby: Ann\nversion: 4.20\n---\n",
            "Lamp",
            "by: Ann\nversion: 4.20\n\nBody.",
        ),
        (
            "---\ntitle: Oil: a guide\ntags:\n- a\n- b\n---\n",
            "Oil: a guide",
            "tags: - a - b\n\nBody.",
        ),
        (
            "---\nowner:\n  name: Ann\ntags: [a, b]\n---\n",
            "f",
            "owner.name: Ann\ntags: a, b\n\nBody.",
        ),
        ('+++\ntitle = "Lamp"\nweight = 3\n+++\n', "Lamp", "weight: 3\n\nBody."),
        ("---\na: &x [1]\nb: [*x, *x]\n---\n", None, None),
    ],
)
def test_front_matter_is_fields_and_what_is_no_mapping_is_text(parse, front, title, text):
    document = parse(f"{front}\nBody.", "f.md")
    assert "Body." in document.text
    if text is not None:
        assert (document.title, document.text) == (title, text)


WRAPPED = "港务局每月第一个星期二检查灯塔和记录并\n把结果写进登记簿里面由值班人员签名。"


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.html"])
def test_a_line_end_within_chinese_is_no_blank(parse, name):
    page = f"<p>{WRAPPED}</p>" if name == "a.html" else WRAPPED
    assert "记录并把结果" in parse(page, name).text


@pytest.mark.parametrize(
    "text", ["苹果\n香蕉\n梨", "등대는 여덟 시에\n켜집니다.", "one two\nthree"]
)
def test_lists_and_words_with_blanks_keep_their_line_ends(parse, text):
    assert parse(text).text == text
