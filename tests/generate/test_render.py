"""An answer in three formats, none of which the text can break out of."""

import json
import re

from generate.render import answer_html, answer_json, answer_markdown, sentence_json
from generate.types import Answer, Citation, PageBox, Sentence, Usage

EVIL = 'A <img src=x onerror=alert(1)> ![i](http://evil.example/a.png) "quoted" & more.'
CITED = Citation(
    marker=1, document_id="doc_1", document_version=2, chunk_id="chk_1", title="<b>Title</b>",
    filename="a.pdf", quote=EVIL, start=5, end=5 + len(EVIL), page=3,
    boxes=(PageBox(3, 0.1, 0.2, 0.3, 0.4),), answer_start=0, answer_end=len(EVIL),
    verdict="supported", score=1.0,
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
    given = json.loads(json.dumps(answer_json(GIVEN)))
    assert {
        "status",
        "text",
        "sentences",
        "citations",
        "usage",
        "snapshot",
        "model",
        "timings",
    } <= (given.keys())
    assert given["citations"][0] == {
        "marker": 1, "document_id": "doc_1", "document_version": 2, "chunk_id": "chk_1",
        "title": "<b>Title</b>", "filename": "a.pdf", "quote": EVIL, "start": 5,
        "end": 5 + len(EVIL), "page": 3,
        "boxes": [{"page": 3, "x0": 0.1, "y0": 0.2, "x1": 0.3, "y1": 0.4}],
        "answer_start": 0, "answer_end": len(EVIL), "verdict": "supported", "score": 1.0,
    }  # fmt: skip
    assert sentence_json(SAID, (CITED,))["citations"] == given["citations"]


def test_html_has_no_element_and_no_link_but_ours():
    page = answer_html(GIVEN)
    assert set(re.findall(r"<(\w+)", page)) == {"p", "sup", "a", "ol", "li", "cite", "q"}
    assert re.findall(r'href="([^"]*)"', page) == ["#footnote-1"]
    assert 'id="footnote-1"' in page


def test_markdown_has_footnotes_and_no_markup_of_the_text():
    text = answer_markdown(GIVEN)
    assert "[^1]: " in text
    assert "page 3" in text
    assert not re.search(r"(?<!\\)!\\?\[", text)
    assert not re.search(r"(?<!\\)<", text)


def test_an_answer_without_evidence_renders_its_template_alone():
    assert answer_html(NOTHING) == "<p>The documents do not say.</p>"
    assert "do not say" in answer_markdown(NOTHING)
    assert answer_json(NOTHING)["searched"] == ["a.pdf"]
