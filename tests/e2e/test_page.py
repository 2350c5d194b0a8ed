"""The page in a real browser, against a real service, from sign-in to the quoted words."""

import re
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
    highlight = page.locator("#source mark")
    expect(highlight).to_contain_text("thirty minutes before sunset")
    expect(highlight).to_be_in_viewport()
    screenshot(page, "source-text")


def test_a_pdf_citation_shows_the_page_with_boxes_over_the_quote(library, open_page, screenshot):
    page = open_page(library)
    ask(page, "How much mercury does the bath at Gull Stack hold?")
    page.locator(".note-link").filter(has_text="86 litres").first.click()
    expect(page.locator(".page-image")).to_be_visible()
    box = page.locator(".page-box").first
    expect(box).to_be_in_viewport()
    frame, box_bounds = page.locator(".page-frame").bounding_box(), box.bounding_box()
    assert (
        frame["x"]
        <= box_bounds["x"]
        <= box_bounds["x"] + box_bounds["width"]
        <= frame["x"] + frame["width"]
    )
    assert 0 < box_bounds["height"] < frame["height"] / 10
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
    refusal = page.locator("#upload-list li").filter(has_text="empty.txt")
    expect(refusal).to_contain_text("Failed: ")
    failed = page.locator("#document-list li").filter(has_text="broken.pdf")
    expect(failed.locator(".state")).to_have_text("Failed", timeout=90_000)
    expect(failed).to_contain_text("damaged")
    failed.get_by_role("button", name="Try again").click()
    expect(failed.locator(".state")).to_have_text("Being read")
    expect(failed.locator(".state")).to_have_text("Failed", timeout=90_000)


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
    shared_documents = reader.locator("#document-list .document")
    expect(shared_documents).to_contain_text("dora, eli")
    expect(shared_documents.locator(".row-actions button")).to_have_count(2)  # Ask and Details

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
    expect(page.get_by_label("API key")).to_be_focused()
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


def test_a_new_version_takes_the_place_of_the_old_one_in_the_same_list(
    service, open_page, tmp_path, screenshot
):
    old, new = tmp_path / "ferry.md", tmp_path / "ferry-2.md"
    old.write_text("# Ferry\n\nThe ferry to Ardal leaves at noon.\n")
    new.write_text("# Ferry, summer\n\nThe ferry to Ardal leaves at seven.\n")
    page = open_page(service.key("gert"))
    upload(page, old)
    row = page.locator("#document-list .document")
    with page.expect_file_chooser() as chooser:
        row.get_by_role("button", name="New version: Ferry").click()
    chooser.value.set_files(str(new))
    expect(page.locator("#upload-list")).to_contain_text("new version of Ferry")
    screenshot(page, "new-version")
    expect(row).to_contain_text("Ferry, summer", timeout=90_000)
    expect(row).to_have_count(1)
    expect(row).to_contain_text("ferry-2.md")
    expect(page.locator("#upload-list li")).to_have_count(0)
    ask(page, "When does the ferry to Ardal leave?")
    expect(page.locator(".answer-text")).to_contain_text("at seven")


def test_past_conversations_are_listed_opened_again_and_deleted(service, open_page, screenshot):
    page = open_page(service.key("hugo"))
    page.get_by_role("button", name="Past conversations").click()
    expect(page.locator("#history-empty")).to_be_visible()
    ask(page, "Which operas did Verdi compose?")
    expect(page.locator("#history")).to_be_hidden()
    page.get_by_role("button", name="New conversation").click()
    ask(page, "When is the lamp lit?")
    page.get_by_role("button", name="Past conversations").click()
    rows = page.locator("#history-list li")
    expect(rows).to_have_count(2)
    expect(rows.first.locator("[aria-current=true]")).to_have_text("When is the lamp lit?")
    screenshot(page, "history")
    page.get_by_role("button", name="Which operas did Verdi compose?", exact=True).click()
    expect(page.locator(".turn")).to_have_count(1)
    expect(page.locator(".question")).to_have_text("Which operas did Verdi compose?")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.get_by_role("button", name="Past conversations").click()
    page.get_by_role("button", name="Delete: Which operas did Verdi compose?").click()
    expect(page.get_by_role("button", name="Keep")).to_be_focused()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(rows).to_have_count(1)
    expect(page.locator(".turn")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Past conversations")).to_be_focused()
    page.reload()
    page.get_by_role("button", name="Past conversations").click()
    expect(rows).to_have_count(1)


def test_the_rows_of_the_last_time_are_gone_while_a_list_loads(service, open_page):
    page = open_page(service.key("hugo"))
    ask(page, "When is the lamp lit?")
    toggle = page.get_by_role("button", name="Past conversations")
    rows = page.locator("#history-list li")
    toggle.click()
    expect(rows).not_to_have_count(0)
    toggle.click()
    waiting = []

    def hold(route):
        waiting.append(route)

    page.route("**/v1/conversations*", hold)
    with page.expect_request("**/v1/conversations*"):
        toggle.click()
    expect(page.locator("#history")).to_be_visible()
    expect(rows).to_have_count(0)
    waiting.pop().continue_()
    expect(rows).not_to_have_count(0)


def test_an_upload_shows_its_stages_and_can_be_cancelled(open_page, service, tmp_path, screenshot):
    long = tmp_path / "long.txt"
    long.write_text(
        "\n\n".join(f"Lamp {n} burned through storm {n * 7}." * 12 for n in range(3000))
    )
    page = open_page(service.key("ines"))
    page.locator("#files").set_input_files(str(long))
    line = page.locator("#upload-list li")
    expect(line.locator("[aria-current=step]")).to_contain_text("Learn", timeout=90_000)
    expect(line.locator("progress")).to_have_attribute("value", re.compile(r"0\.\d+"))
    screenshot(page, "stages")
    line.get_by_role("button", name="Cancel").click()
    row = page.locator("#document-list .document")
    expect(row.locator(".state")).to_have_text("Cancelled")
    expect(line).to_have_count(0)
    row.get_by_role("button", name="Try again").click()
    expect(row.locator(".steps")).to_be_visible(timeout=30_000)
    row.get_by_role("button", name="Cancel").click()
    expect(row.locator(".state")).to_have_text("Cancelled")
    ask(page, "Which lamp burned through storm 77?")
    expect(page.locator("[data-status=no_evidence]")).to_be_visible()


def test_feedback_is_taken(library, open_page):
    page = open_page(library)
    ask(page, "When is the lamp lit?")
    page.get_by_role("button", name="Not helpful").click()
    expect(page.locator(".feedback")).to_contain_text("Thank you")
    page.get_by_label("What was wrong").fill("I asked about winter.")
    with page.expect_response("**/v1/feedback") as response:
        page.get_by_role("button", name="Send").click()
    assert response.value.status == 201


def test_answers_are_measured_and_the_report_is_saved(library, open_page, screenshot):
    page = open_page(library)
    page.get_by_role("button", name="Trends").click()
    page.get_by_role("button", name="Measure my answers").click()
    saving = page.get_by_role("button", name="Save the report").first
    expect(saving).to_be_visible(timeout=60_000)
    saving.scroll_into_view_if_needed()
    screenshot(page, "measured")
    with page.expect_download() as saved:
        saving.click()
    report = Path(saved.value.path()).read_text()
    assert report.startswith("<!doctype html>")
    assert "How this was run" in report
