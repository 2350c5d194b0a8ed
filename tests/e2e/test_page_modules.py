"""The page's own arithmetic, run where it runs, and what its files must not contain."""

import re
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "api" / "web"

pytestmark = pytest.mark.integration


def call(page, module: str, expression: str, *arguments):
    """Evaluate `expression` with the module as `m` and the arguments as `a`."""
    script = f"async (a) => {{ const m = await import('/static/{module}'); return {expression}; }}"
    return page.evaluate(script, list(arguments))


def test_offsets_are_code_points_though_strings_are_utf_16(open_page):
    text = "🏡 café 🎈 naïve 🙂 end"
    start, end = text.index("naïve"), text.index(" end")
    piece = call(open_page(), "code_points.js", "m.cut(a[0], a[1], a[2])", text, start, end)
    assert piece == [text[:start], "naïve 🙂", " end"]


def test_offsets_past_the_end_mean_the_end(open_page):
    assert call(open_page(), "code_points.js", "m.cut('a🙂', 1, 99)") == ["a", "🙂", ""]


def test_only_a_sentences_own_markers_become_buttons(open_page):
    found = call(
        open_page(), "code_points.js", "m.splitMarkers('As in [7], it holds. [2][1]', [1, 2, 3])"
    )
    assert found == [{"text": "As in [7], it holds."}, {"marker": 2}, {"marker": 1}, {"marker": 3}]


def test_lists_and_tables_of_an_answer_are_elements_of_the_page(open_page):
    script = """async (answers) => {
      const { AnswerView } = await import('/static/answer.js');
      return answers.map((answer) => {
        const view = new AnswerView(() => {});
        view.finish(answer);
        return view.node.querySelector('.answer-text').innerHTML;
      });
    }"""
    text = "Before:\n- Close <b>up</b>. [1]\nPier | Open\nNorth | 1931 [1]"
    places = [(10, 26, "Close <b>up</b>."), (43, 55, "North | 1931")]
    sentences = [
        {"text": words, "start": start, "end": end, "markers": [], "verdict": "supported"}
        for start, end, words in places
    ]
    assert [text[s["start"] : s["end"]] for s in sentences] == [words for _, _, words in places]
    items = {
        "kind": "list",
        "introduction": "Before:",
        "header": [],
        "marks": [{"kind": "bold", "start": 10, "end": 15}],
        "units": [{"sentences": [0], "cells": []}],
    }
    table = {
        "kind": "table",
        "introduction": "",
        "header": ["Pier", "Open"],
        "marks": [],
        "units": [
            {"sentences": [1], "cells": [{"start": 43, "end": 48}, {"start": 51, "end": 55}]}
        ],
    }
    answer = {"status": "answered", "text": text, "sentences": sentences, "citations": []}
    structured, flat = open_page().evaluate(script, [{**answer, "blocks": [items, table]}, answer])
    assert (
        '<p>Before:</p><ul><li><span class="sentence verdict-supported"><strong>Close</strong> '
        "&lt;b&gt;up&lt;/b&gt;.</span> </li></ul>"
    ) in structured
    assert '<th scope="col">Pier</th>' in structured
    assert structured.count("<td>") == 2
    assert "1931</span></td></tr></table>" in structured
    assert flat.startswith("<p><span")


def test_events_survive_any_cut_of_the_stream(open_page):
    stream = 'event: sentence\r\ndata: {"a": "é🙂"}\r\n\r\n: busy\n\nevent: done\ndata: {}\n\n'
    script = """async (stream) => {
      const { events } = await import('/static/sse.js');
      const bytes = new TextEncoder().encode(stream);
      const found = [];
      for (let step = 1; step <= 7; step += 1) {
        const body = new ReadableStream({ start(controller) {
          for (let at = 0; at < bytes.length; at += step)
            controller.enqueue(bytes.slice(at, at + step));
          controller.close();
        } });
        const got = [];
        for await (const event of events(body)) got.push([event.event, event.data]);
        found.push(JSON.stringify(got));
      }
      return [...new Set(found)];
    }"""
    assert open_page().evaluate(script, stream) == ['[["sentence",{"a":"é🙂"}],["done",{}]]']


def test_access_lists_are_told_in_words(open_page):
    page = open_page()
    views = [
        ({"allow": ["user:ann"], "deny": [], "owner": "user:ann"}, "Only ann"),
        ({"allow": ["tenant:all"], "deny": ["user:bob"], "owner": "user:ann"},
         "Everyone, but not bob"),
        ({"allow": ["group:hr/all", "user:ann"], "deny": [], "owner": "user:ann"}, "hr/all, ann"),
    ]  # fmt: skip
    for view, words in views:
        assert call(page, "access.js", "m.summary(a[0])", view) == words


def test_the_policy_of_the_page_allows_nothing_foreign(open_page, service):
    response = open_page().goto(service.url)
    policy = response.headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "unsafe" not in policy


def test_no_file_of_the_page_builds_markup_from_text_or_names_another_host():
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|style="
    )
    for file in filter(Path.is_file, PAGE.rglob("*")):
        text = file.read_text()
        assert not forbidden.search(text), file.name
        code = re.sub(r"^\s*//.*$", "", text, flags=re.MULTILINE)
        hosts = set(re.findall(r"https?://[\w.-]+", code)) - {"http://www.w3.org"}
        assert hosts == set(), file.name


def shown_answer(page, **fields):
    """Return the text that the page shows for an answer, and whether it has a badge."""
    script = """async (answer) => {
      const { AnswerView } = await import('/static/answer.js');
      const view = new AnswerView(() => {});
      document.body.append(view.node);
      view.finish(answer);
      return [view.node.innerText, view.node.querySelector('.badge') !== null];
    }"""
    sentence = {"text": "The pier opens at six. [1]", "markers": [1], "start": 0, "end": 26}
    citation = {"marker": 1, "title": "Pier", "answer_start": 0, "quote": "The pier opens\nat six."}
    answer = {
        "status": "answered", "confidence": 0.9, "citations": [{**citation, **fields}],
        "sentences": [{**sentence, "verdict": "supported"}],
    }  # fmt: skip
    return page.evaluate(script, {**answer, **fields})


@pytest.mark.parametrize(
    ("confidence", "words"),
    [(0.9, "very likely answers"), (0.5, "probably answers"), (0.2, "may answer")],
)
def test_an_answer_says_in_words_how_well_it_answers(open_page, confidence, words):
    text, _ = shown_answer(open_page(), confidence=confidence)
    assert words in text


def test_a_bare_quote_has_no_tick_and_a_written_sentence_has_one(open_page):
    page = open_page()
    assert not shown_answer(page)[1]
    assert shown_answer(page, quote="From spring on, the pier opens at six.")[1]


def test_closest_passages_are_offered_and_have_neither_tick_nor_confidence(open_page):
    nearest = [{"title": "Pier", "text": "The pier is long."}]
    text, has_badge = shown_answer(
        open_page(), status="no_evidence", sentences=[], citations=[], searched=["Pier"],
        nearest=nearest, confidence=0.1,
    )  # fmt: skip
    assert "no answer to it" in text
    assert "The pier is long." in text
    assert "answer the question" not in text
    assert not has_badge
