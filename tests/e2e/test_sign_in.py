"""Signing in through a real browser, against a real issuer, and out again."""

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import expect

from tests.e2e.service import running_service

pytestmark = pytest.mark.integration

PERSON = User(sub="8f2c", claims={"name": "Ann Ahl", "preferred_username": "ann"})
NOTES = "# Ferry\n\nThe ferry to Ardal leaves at noon. A ticket costs four crowns.\n"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    """Start an issuer, and a service that trusts it."""
    with run_server_in_thread(user_claims=[PERSON]) as issuer:
        settings = {
            "FOOTNOTE_OIDC_ISSUER": f"http://localhost:{issuer.server_port}",
            "FOOTNOTE_OIDC_CLIENT_ID": "footnote",
            "FOOTNOTE_OIDC_CLIENT_SECRET": "secret",
            "FOOTNOTE_OIDC_NEW_PEOPLE": "register",
        }
        with running_service(tmp_path_factory.mktemp("sign-in"), **settings) as running:
            yield running


def test_a_person_signs_in_uploads_asks_and_signs_out(service, browser, tmp_path, screenshot):
    notes = tmp_path / "ferry.md"
    notes.write_text(NOTES)
    context = browser.new_context()
    page = context.new_page()
    errors = []
    page.on("pageerror", lambda error: errors.append(str(error)))

    page.goto(service.url)
    screenshot(page, "sign-in-with-issuer")
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="8f2c").click()

    expect(page.locator("#who")).to_have_text("Ann Ahl")
    assert page.url == f"{service.url}/"
    cookie = next(each for each in context.cookies(service.url) if each["name"] == "footnote")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert "footnote" not in page.evaluate("document.cookie")

    page.locator("#files").set_input_files(str(notes))
    expect(page.locator("#document-list .document")).to_contain_text("Ready", timeout=90_000)
    page.get_by_label("Your question").fill("When does the ferry to Ardal leave?")
    page.keyboard.press("Enter")
    expect(page.locator(".answer-text")).to_contain_text("noon", timeout=90_000)
    page.reload()
    expect(page.locator("#who")).to_have_text("Ann Ahl")
    screenshot(page, "signed-in")

    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()
    context.add_cookies([cookie])
    page.reload()
    expect(page.get_by_label("API key")).to_be_visible()

    page.goto(f"{service.url}/auth/callback?state=guessed&code=guessed")
    expect(page.locator("#sign-in-error")).to_contain_text("Try again")
    assert errors == []
    context.close()
