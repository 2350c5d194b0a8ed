"""An answer in three formats, none of which the text can break out of."""

import json
import re
from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st
from lxml import html
from markdown_it import MarkdownIt

from generate.rendering.render import (
    answer_html,
    answer_json,
    answer_markdown,
    released,
    sentence_json,
)
from generate.types import Answer, Citation, Context, Nearest, PageBox, Sentence, Span, Usage

EVIL = 'A <img src=x onerror=alert(1)> ![i](http://evil.example/a.png) "quoted" & more.'
CITED = Citation(
    marker=1, document_id="doc_1", document_version=2, chunk_id="chk_1", title="<b>Title</b>",
    filename="a.pdf", quote=EVIL, start=5, end=5 + len(EVIL), page=3,
    boxes=(PageBox(3, 0.1, 0.2, 0.3, 0.4),), answer_start=0, answer_end=len(EVIL),
    verdict="supported", score=1.0, publisher="user:ann",
    published_at="2026-03-02T09:30:00+00:00", authoritative=True,
)  # fmt: skip
SAID = Sentence(EVIL, 0, len(EVIL), (1,), "supported")
GIVEN = Answer(
    "answered", f"{EVIL} [1]", (SAID,), (CITED,), Usage(1, 2), "snap", "quote", {"select": 0.0123},
)  # fmt: skip
NOTHING = Answer(
    "no_evidence",
    "The documents do not say.",
    (),
    (),
    Usage(),
    "snap",
    "quote",
    searched=("a.pdf",),
)


def test_the_json_has_every_field_of_the_contract():
    fields = json.loads(json.dumps(answer_json(GIVEN)))
    assert {
        "status",
        "text",
        "sentences",
        "citations",
        "usage",
        "snapshot",
        "model",
        "timings",
    } <= (fields.keys())
    assert fields["citations"][0] == {
        "marker": 1, "document_id": "doc_1", "document_version": 2, "chunk_id": "chk_1",
        "title": "<b>Title</b>", "filename": "a.pdf", "quote": EVIL, "start": 5,
        "end": 5 + len(EVIL), "page": 3,
        "boxes": [{"page": 3, "x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}],
        "answer_start": 0, "answer_end": len(EVIL), "verdict": "supported", "score": 1.0,
        "publisher": "user:ann", "published_at": "2026-03-02T09:30:00+00:00", "authoritative": True,
    }  # fmt: skip
    assert sentence_json(*next(released(GIVEN)))["citations"] == fields["citations"]


def test_html_has_no_element_and_no_link_but_ours():
    page = answer_html(GIVEN)
    assert set(re.findall(r"<(\w+)", page)) == {"p", "sup", "a", "ol", "li", "cite", "q"}
    assert re.findall(r'href="([^"]*)"', page) == ["#footnote-1"]
    assert 'id="footnote-1"' in page


def test_markdown_has_footnotes_and_no_markup_of_the_text():
    text = answer_markdown(GIVEN)
    assert "[^1]: " in text
    assert "page 3" in text
    assert "authoritative, published by ann on 2026\\-03\\-02" in text
    assert not re.search(r"(?<!\\)!\\?\[", text)
    assert not re.search(r"(?<!\\)<", text)


def test_a_note_lists_the_distinct_quotes_of_its_number():
    second = replace(CITED, quote="Second.", page=4, answer_start=99)
    answer = replace(GIVEN, citations=(CITED, second, second))
    page, text = answer_html(answer), answer_markdown(answer)
    assert page.count("<q>") == 2
    assert page.count('id="footnote-1"') == text.count("[^1]: ") == 1
    assert page.count("<q>Second.</q>") == text.count("Second\\.") == 1
    assert "pages 3, 4" in page
    assert "pages 3, 4" in text


def test_an_answer_without_evidence_renders_its_template_alone():
    assert answer_html(NOTHING) == "<p>The documents do not say.</p>"
    assert "do not say" in answer_markdown(NOTHING)
    assert answer_json(NOTHING)["searched"] == ["a.pdf"]


TEXT = "It opened in May 1889."
SHOWN = Sentence(
    TEXT, 0, len(TEXT), (1,), "supported", (Span(13, 21),), Context("<i>Lund</i>.", 0, 12)
)
HELD = replace(GIVEN, text=f"{TEXT} [1]", sentences=(SHOWN,))


def test_the_words_that_answer_and_the_context_are_set_apart():
    assert "<small>&lt;i&gt;Lund&lt;/i&gt;.</small> It opened in <mark>May 1889</mark>." in (
        answer_html(HELD)
    )
    assert "It opened in **May 1889**" in answer_markdown(HELD)
    assert answer_json(HELD)["sentences"][0]["highlights"] == ({"start": 13, "end": 21},)


def test_nearest_passages_are_text_without_a_link():
    near = Nearest("doc_1", "<b>", "a.pdf", EVIL, 0, len(EVIL), 2)
    page = answer_html(replace(NOTHING, nearest=(near,)))
    assert set(re.findall(r"<(\w+)", page)) == {"p", "ul", "li", "cite", "q"}
    assert "page 2" in answer_markdown(replace(NOTHING, nearest=(near,)))


@given(st.text(max_size=60), st.text(max_size=30))
def test_no_text_becomes_markup(text, title):
    sentence = Sentence(text, 0, len(text), (1,), "supported")
    citation = replace(CITED, quote=text, title=title)
    answer = replace(GIVEN, text=text, sentences=(sentence,), citations=(citation,))
    page = html.fromstring(f"<div>{answer_html(answer)}</div>") if text else None
    if page is not None:
        assert {e.tag for e in page.iter()} <= {"div", "p", "sup", "a", "ol", "li", "cite", "q"}
        assert [a.get("href") for a in page.iter("a")] == ["#footnote-1"]
    tokens = MarkdownIt().parse(answer_markdown(answer))
    inside = [t for token in tokens for t in (token.children or [])]
    kinds = {t.type for t in (*tokens, *inside)}
    assert not kinds & {"image", "link_open", "html_inline", "html_block", "fence", "heading_open"}
