"""Swagger UI at ``/docs`` in a real browser: whole, offline, under the service's own policy."""

import pytest
from playwright.sync_api import expect

pytestmark = pytest.mark.integration


def test_docs_show_every_operation_and_load_nothing_from_elsewhere(service, open_page, screenshot):
    page = open_page()
    page.goto("about:blank")  # what the page still asks for when one leaves it is not of the docs
    messages = []
    page.on("console", lambda message: messages.append((message.type, message.text)))
    page.on("requestfailed", lambda request: messages.append(("failed", request.url)))
    answer = page.goto(f"{service.url}/docs")
    assert "unsafe" not in answer.headers["content-security-policy"]
    description = page.request.get(f"{service.url}/openapi.json").json()
    count = sum(len(operations) for operations in description["paths"].values())
    expect(page.locator(".opblock")).to_have_count(count)
    page.locator("#operations-questions-ask_v1_ask_post .opblock-summary").first.click()
    expect(page.get_by_text("Responses", exact=True).first).to_be_visible()
    screenshot(page, "docs")
    icon = ("failed", f"{service.url}/static/icon.svg")  # headless Chromium cancels its request
    assert [message for message in messages if message[0] in {"error", "failed"}] in ([], [icon])


def test_no_part_of_the_docs_page_is_inline(service, open_page):
    html = open_page().request.get(f"{service.url}/docs").text()
    assert "<style" not in html
    assert "style=" not in html
    assert "<script>" not in html
