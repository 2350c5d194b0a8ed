"""Every text of the page is in every language it speaks, with the same places for values."""

import json
import re

import pytest

from generate import compose, finalize, writer
from tests.house.page_texts import PAGE, texts_of, texts_of_page, texts_of_scripts

LANGUAGES = sorted((PAGE / "languages").glob("*.json"))
FORMS = {"de": {"one", "other"}, "ar": {"zero", "one", "two", "few", "many", "other"}}
"""The forms of a counted noun in each language, as Unicode's plural rules name them."""


def test_texts_are_taken_out_of_scripts_with_their_places():
    script = """
    // t`no text`
    const a = t`Access to ${view.title}, ${near ? t`near ${near}` : ""} here`;
    say(plural(found.length, "row"), plural(n, isSlides ? "slide" : "page"), format`other`);
    """
    assert sorted(texts_of(script)) == [
        "Access to {0}, {1} here", "near {0}", "{0} page", "{0} row", "{0} slide",
    ]  # fmt: skip


def test_there_are_languages_beside_english():
    assert {file.stem for file in LANGUAGES} == set(FORMS)


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.stem)
def test_each_text_of_the_page_is_in_each_language_and_no_other(file):
    texts = json.loads(file.read_text())
    assert set(texts) == texts_of_scripts() | texts_of_page()


@pytest.mark.parametrize("file", LANGUAGES, ids=lambda file: file.stem)
def test_a_text_in_another_language_has_the_same_places(file):
    for english, text in json.loads(file.read_text()).items():
        if isinstance(text, dict):
            assert set(text) == FORMS[file.stem], english
            assert "{0}" in text["other"], english
        else:
            assert places(text) == places(english), english


def places(text: str) -> list[str]:
    return sorted(re.findall(r"\{\d\}", text))


def test_what_the_service_says_beside_an_answer_is_known_to_the_page():
    said = [
        finalize.NO_EVIDENCE, finalize.QUESTION_BLOCKED, finalize.ANSWER_BLOCKED, finalize.LEFT_OUT,
        finalize.BESIDE, finalize.NOT_TOLD.format(things="{0}"),
        finalize.DISAGREE.format(sides="{0}"), compose.TAKEN_BACK, writer.NO_MODEL,
        writer.NOTHING_WRITTEN, writer.REPEATED_ITSELF,
    ]  # fmt: skip
    assert set(said) <= set(texts_of((PAGE / "notices.js").read_text()))
