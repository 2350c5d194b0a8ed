"""The page in German and, from right to left, in Arabic."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

CHECKS = (Path(__file__).parent / "checks.js").read_text()
NOTES = "# Ferry\n\nThe ferry to Ardal leaves at noon. A ticket costs four crowns.\n"
TEXTS = {
    "de": {"sign in": "Anmelden", "documents": "Dokumente", "ask": "Fragen", "ready": "Bereit",
           "helpful": "Hilfreich", "sources": "Quellen", "account": "Angemeldet als"},
    "ar": {"sign in": "تسجيل الدخول", "documents": "المستندات", "ask": "اسأل", "ready": "جاهز",
           "helpful": "مفيدة", "sources": "المصادر", "account": "مسجَّل باسم"},
}  # fmt: skip

pytestmark = pytest.mark.integration


def sign_in(page, key):
    page.locator("#key").fill(key)
    page.locator("#sign-in-form button").click()
    page.locator("#workspace").wait_for()


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("language", TEXTS)
def test_a_document_is_added_and_asked_in_the_readers_language(
    service, open_page, tmp_path, screenshot, language, width
):
    notes = tmp_path / "ferry.md"
    notes.write_text(NOTES)
    page = open_page(width=width, locale=language)
    texts = TEXTS[language]

    def check(view: str) -> None:
        screenshot(page, f"{view}-{width}-{language}")
        assert page.evaluate(CHECKS) == []

    expect(page.get_by_role("button", name=texts["sign in"])).to_be_visible()
    check("language-sign-in")
    sign_in(page, service.key(f"{language}{width}"))
    root = page.locator("html")
    expect(root).to_have_attribute("lang", language)
    expect(root).to_have_attribute("dir", "rtl" if language == "ar" else "ltr")
    page.locator("#view-documents").click()
    expect(page.locator("#documents-title")).to_have_text(texts["documents"])
    page.locator("#files").set_input_files(str(notes))
    row = page.locator("#document-list .document")
    expect(row).to_contain_text(texts["ready"], timeout=90_000)
    check("language-documents")
    page.get_by_role("button", name=texts["ask"], exact=True).first.click()
    page.locator("#question").fill("When does the ferry to Ardal leave?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=texts["helpful"], exact=True)).to_be_visible()
    expect(page.get_by_role("list", name=texts["sources"])).to_contain_text("at noon")
    check("language-answer")
    page.locator("#account-toggle").click()
    expect(page.locator("#account-list")).to_contain_text(texts["account"])
    check("language-account")


def test_the_language_that_somebody_chooses_stays(service, open_page):
    page = open_page(locale="fr-FR")
    expect(page.locator("html")).to_have_attribute("lang", "en")
    page.locator("#sign-in-language").select_option("de")
    expect(page.get_by_role("button", name="Anmelden")).to_be_visible()
    sign_in(page, service.key("chooser"))
    page.locator("#account-toggle").click()
    page.locator("#language").select_option("ar")
    expect(page.locator("html")).to_have_attribute("dir", "rtl")
    expect(page.locator("#workspace")).to_be_visible()  # still signed in
    page.reload()
    expect(page.locator("html")).to_have_attribute("lang", "ar")


def test_counts_and_dates_follow_the_language(open_page):
    script = """async () => {
      const { plural } = await import('/static/language.js');
      const { when } = await import('/static/code_points.js');
      const counts = [1, 2, 3, 11, 1200].map((n) => plural(n, 'document'));
      return [...counts, when('2026-05-03T12:00:00Z')];
    }"""
    expected = {
        "en-GB": ["1 document", "2 documents", "3 documents", "11 documents",
                  "1,200 documents", "3 May 2026"],
        "de-DE": ["1 Dokument", "2 Dokumente", "3 Dokumente", "11 Dokumente",
                  "1.200 Dokumente", "03.05.2026"],
    }  # fmt: skip
    for locale, texts in expected.items():
        assert open_page(locale=locale).evaluate(script) == texts
    arabic = open_page(locale="ar").evaluate(script)
    forms = [text.replace("\u2068", "").replace("\u2069", "") for text in arabic]
    assert forms[:4] == ["مستند واحد", "مستندان", "3 مستندات", "11 مستندًا"]
    assert arabic[4].endswith("مستند")


def test_notices_of_the_service_are_in_the_language_and_others_stay(open_page):
    script = """async (notices) => {
      const { noticeText } = await import('/static/notices.js');
      return notices.map(noticeText);
    }"""
    notices = [
        "Nothing that you may read tells of this: No. 7. The model wrote nothing.",
        "Another one.",
    ]
    assert open_page(locale="de").evaluate(script, notices) == [
        "Nichts, was Sie lesen dürfen, berichtet davon: No. 7. Das Modell hat nichts geschrieben.",
        "Another one.",
    ]
    assert open_page(locale="en").evaluate(script, notices) == notices
