"""Signing in through a real browser, against a real issuer, and out again."""

from pathlib import Path

import pytest
from oidc_provider_mock import User, run_server_in_thread
from playwright.sync_api import expect

from tests.e2e.service import running_service

pytestmark = pytest.mark.integration

PERSON = User(sub="8f2c", claims={"name": "Ann Ahl", "preferred_username": "ann"})
CHECKS = (Path(__file__).parent / "checks.js").read_text()
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


def signed_in(page):
    page.get_by_role("link", name="Sign in").click()
    page.get_by_role("button", name="8f2c").click()
    expect(page.locator("#who")).to_have_text("Ann Ahl")


def test_sessions_are_listed_and_ended_and_a_link_to_a_quote_outlasts_a_sign_in(
    service, browser, screenshot
):
    errors, contexts = [], [browser.new_context(), browser.new_context()]
    here, elsewhere = (context.new_page() for context in contexts)
    for page in (here, elsewhere):
        page.on("pageerror", lambda error: errors.append(str(error)))
    here.goto(service.url)
    signed_in(here)

    # What a chat program links to: the words of the document that the test before has uploaded.
    [document] = contexts[0].request.get(f"{service.url}/v1/documents").json()["items"]
    quote = "The ferry to Ardal leaves at noon."
    text = contexts[0].request.get(f"{service.url}/v1/documents/{document['document_id']}/text")
    start = text.text().index(quote)
    fields = f"source={document['document_id']}&version=1&start={start}&end={start + len(quote)}"
    elsewhere.goto(f"{service.url}/#{fields}")
    signed_in(elsewhere)
    expect(elsewhere.locator("#quoted")).to_have_text(quote)
    assert elsewhere.url == f"{service.url}/"

    here.get_by_role("button", name="Sessions").click()
    rows = here.locator("#sessions-list li")
    expect(rows).to_have_count(2)
    expect(rows.filter(has_text="This browser")).to_have_count(1)
    screenshot(here, "sessions")
    assert here.evaluate(CHECKS) == []
    rows.filter(has_text="Another browser").get_by_role("button").click()
    expect(rows).to_have_count(1)
    elsewhere.reload()
    signed_in(elsewhere)

    here.get_by_role("button", name="Sign out everywhere").click()
    here.get_by_role("button", name="Sign out of all").click()
    for page in (here, elsewhere):
        page.reload()
        expect(page.get_by_label("API key")).to_be_visible()
    assert errors == []
    for context in contexts:
        context.close()
