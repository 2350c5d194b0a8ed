"""The page in a real browser, against a real service, from sign-in to the quoted words."""

from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

SAMPLES = Path(__file__).parents[2] / "samples"
HANDBOOK = SAMPLES / "keepers-handbook.md"
MAINTENANCE = SAMPLES / "lamp-maintenance.pdf"

pytestmark = pytest.mark.integration


def upload(page: Page, *files: Path) -> None:
    page.locator("#files").set_input_files([str(file) for file in files])
    for file in files:
        row = page.locator("#document-list .document").filter(has_text=file.name)
        expect(row).to_contain_text("Ready", timeout=90_000)


def ask(page: Page, question: str) -> None:
    page.get_by_label("Your question").fill(question)
    page.keyboard.press("Enter")
    expect(page.locator(".turn").last.locator("[data-status]")).to_be_visible(timeout=90_000)


@pytest.fixture(scope="module")
def ann(service) -> str:
    return service.key("ann", "hr/all")


@pytest.fixture(scope="module")
def library(service, browser, ann) -> str:
    """Ann's key, once her two documents are in."""
    page = browser.new_page()
    page.goto(service.url)
    page.get_by_label("API key").fill(ann)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()
    upload(page, HANDBOOK, MAINTENANCE)
    page.close()
    return ann


def test_a_citation_leads_to_the_quoted_words(library, open_page, screenshot):
    page = open_page(library)
    ask(page, "When is the lamp lit?")
    expect(page.locator(".answer-text")).to_contain_text("thirty minutes before sunset")
    screenshot(page, "answer")
    page.get_by_role("button", name="Source 1:").first.click()
    marked = page.locator("#source mark")
    expect(marked).to_contain_text("thirty minutes before sunset")
    expect(marked).to_be_in_viewport()
    screenshot(page, "source-text")


def test_a_pdf_citation_shows_the_page_with_boxes_over_the_quote(library, open_page, screenshot):
    page = open_page(library)
    ask(page, "How much mercury does the bath at Gull Stack hold?")
    page.locator(".note-link").filter(has_text="86 litres").first.click()
    expect(page.locator(".page-image")).to_be_visible()
    box = page.locator(".page-box").first
    expect(box).to_be_in_viewport()
    frame, drawn = page.locator(".page-frame").bounding_box(), box.bounding_box()
    assert frame["x"] <= drawn["x"] <= drawn["x"] + drawn["width"] <= frame["x"] + frame["width"]
    assert 0 < drawn["height"] < frame["height"] / 10
    screenshot(page, "source-page")
    page.get_by_role("tab", name="Text").click()
    expect(page.locator("#source mark")).to_contain_text("86 litres")


def test_somebody_else_sees_nothing_and_gets_no_evidence(library, service, open_page, screenshot):
    page = open_page(service.key("bob"))
    expect(page.locator("#documents-empty")).to_be_visible()
    ask(page, "How much mercury does the bath at Gull Stack hold?")
    expect(page.locator("[data-status=no_evidence]")).to_contain_text("No answer")
    expect(page.locator(".marker")).to_have_count(0)
    screenshot(page, "no-evidence")


def test_what_documents_do_not_say_is_answered_with_no_evidence(library, open_page):
    page = open_page(library)
    ask(page, "Which operas did Giuseppe Verdi compose in Milan?")
    expect(page.locator("[data-status=no_evidence]")).to_be_visible()


def test_a_wrong_key_is_refused_in_words(open_page):
    page = open_page()
    page.get_by_label("API key").fill("wrong")
    page.keyboard.press("Enter")
    expect(page.locator("#sign-in-error")).not_to_be_empty()
    expect(page.get_by_label("API key")).to_be_focused()


def test_signing_out_forgets_the_key(library, open_page):
    page = open_page(library)
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    assert page.evaluate("sessionStorage.length") == 0
    page.reload()
    expect(page.get_by_label("API key")).to_be_visible()


def test_a_file_that_cannot_be_read_says_why(service, open_page, tmp_path):
    broken = tmp_path / "broken.pdf"
    broken.write_bytes(b"%PDF-1.7 this is not a PDF")
    empty = tmp_path / "empty.txt"
    empty.touch()
    page = open_page(service.key("cleo"))
    page.locator("#files").set_input_files([str(broken), str(empty)])
    for name in ("broken.pdf", "empty.txt"):
        row = page.locator("#upload-list li").filter(has_text=name)
        expect(row).to_contain_text("Failed: ", timeout=90_000)


def test_an_access_list_is_edited_and_a_document_deleted(service, open_page, tmp_path, screenshot):
    notes = tmp_path / "notes.md"
    notes.write_text("# Ferry\n\nThe ferry to Ardal leaves at noon.\n")
    page = open_page(service.key("dora"))
    upload(page, notes)
    row = page.locator("#document-list .document")
    expect(row).to_contain_text("Only dora")
    row.get_by_role("button", name="Access").click()
    row.get_by_label("Choose").check()
    row.get_by_label("May read", exact=True).fill("user:dora\nuser:eli")
    screenshot(page, "access")
    row.get_by_role("button", name="Save").click()
    expect(row).to_contain_text("dora, eli")

    reader = open_page(service.key("eli"))
    shared = reader.locator("#document-list .document")
    shared.get_by_role("button", name="Delete").click()
    shared.get_by_role("button", name="Delete", exact=True).click()
    expect(shared.get_by_role("alert")).to_contain_text("owner")

    row.get_by_role("button", name="Delete").click()
    row.get_by_role("button", name="Delete", exact=True).click()
    expect(row).to_have_count(0)
    expect(page.locator("#documents-empty")).to_be_visible()


def test_a_malformed_principal_is_explained_beside_the_file(service, open_page):
    page = open_page(service.key("finn"))
    page.get_by_label("Choose", exact=True).check()
    page.get_by_label("May read", exact=True).fill("somebody")
    page.locator("#files").set_input_files(str(HANDBOOK))
    expect(page.locator("#upload-list li")).to_contain_text("Failed: A principal is malformed")


def test_the_keyboard_alone_is_enough(library, open_page):
    page = open_page()
    page.keyboard.type(library)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("When is the lamp lit?")
    page.keyboard.press("Enter")
    marker = page.locator(".marker").first
    expect(marker).to_be_visible()
    marker.focus()
    page.keyboard.press("Enter")
    expect(page.locator("#source-title")).to_be_focused()
    expect(page.locator("#source mark")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#source")).to_be_hidden()
    expect(marker).to_be_focused()


def test_a_follow_up_stays_in_the_conversation_until_a_new_one_starts(library, open_page):
    page = open_page(library)
    bodies = []
    page.on("request", lambda r: bodies.append(r.post_data_json) if r.url.endswith("/ask") else 0)
    ask(page, "When is the lamp lit?")
    ask(page, "And when is it put out?")
    page.get_by_role("button", name="New conversation").click()
    expect(page.locator(".turn")).to_have_count(0)
    ask(page, "When is the lamp lit?")
    first, second, third = (body["conversation_id"] for body in bodies)
    assert first == second != third


def test_a_reload_goes_on_with_the_conversation(library, open_page):
    page = open_page(library)
    ask(page, "When is the lamp lit?")
    page.reload()
    expect(page.locator(".turn")).to_contain_text("thirty minutes before sunset")
    page.get_by_role("button", name="Source 1:").first.click()
    expect(page.locator("#source mark")).to_contain_text("thirty minutes before sunset")


def test_feedback_is_taken(library, open_page):
    page = open_page(library)
    ask(page, "When is the lamp lit?")
    page.get_by_role("button", name="Not helpful").click()
    expect(page.locator(".feedback")).to_contain_text("Thank you")
    page.get_by_label("What was wrong").fill("I asked about winter.")
    with page.expect_response("**/v1/feedback") as sent:
        page.get_by_role("button", name="Send").click()
    assert sent.value.status == 201
