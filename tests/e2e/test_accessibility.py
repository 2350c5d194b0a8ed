"""Names, contrast, landmarks and width, in light and dark, on a phone and on a desk."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

CHECKS = (Path(__file__).parent / "checks.js").read_text()
NOTES = "# Ferry 🚢\n\nThe ferry to Ardal leaves at noon. A ticket costs four crowns.\n"

WIDTHS = {"phone": 360, "desk": 1280}

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", WIDTHS)
def test_every_view_is_accessible(service, open_page, tmp_path, screenshot, scheme, size):
    notes = tmp_path / "ferry.md"
    notes.write_text(NOTES)
    page = open_page(color_scheme=scheme, width=WIDTHS[size])

    def check(view: str) -> None:
        screenshot(page, f"{view}-{size}-{scheme}")
        assert page.evaluate(CHECKS) == []

    check("sign-in")
    page.get_by_label("API key").fill(service.key(f"{size}-{scheme}"))
    page.get_by_role("button", name="Sign in").click()
    page.locator("#workspace").wait_for()
    check("welcome")
    if size == "phone":
        page.get_by_role("button", name="Documents").click()
    page.locator("#files").set_input_files(str(notes))
    row = page.locator("#document-list .document")
    expect(row).to_contain_text("Ready", timeout=90_000)
    row.get_by_role("button", name="Access").click()
    row.get_by_label("Choose").check()
    check("documents")
    if size == "phone":
        page.get_by_role("button", name="Ask", exact=True).first.click()
    page.get_by_label("Your question").fill("When does the ferry to Ardal leave?")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Helpful", exact=True)).to_be_visible(timeout=90_000)
    check("answer")
    page.get_by_role("button", name="Past conversations").click()
    expect(page.locator("#history-list li")).to_have_count(1)
    check("history")
    page.get_by_role("button", name="Past conversations").click()
    for _ in range(100):  # until the answer is scored, in the background
        page.get_by_role("button", name="Trends").click()
        expect(page.locator("#trends-empty, #trends-list figure").first).to_be_attached()
        page.wait_for_timeout(200)
        if page.locator("#trends-list figure").count():
            break
        page.get_by_role("button", name="Trends").click()
    expect(page.get_by_role("img", name="Questions without an answer: 0%")).to_be_visible()
    check("trends")
    page.get_by_role("button", name="Trends").click()
    page.locator(".marker").first.click()
    expect(page.locator("#source mark")).to_contain_text("The ferry to Ardal leaves at noon")
    check("source")
