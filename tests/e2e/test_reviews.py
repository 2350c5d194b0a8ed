"""The review queue on the page: for those who may decide, and for nobody else."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.service import running_service

POLICY = """
version: "1"
rules:
  - {name: oil-prices, words: [oil], stages: [before], action: review, message: Oil is sensitive.}
"""
QUESTION = "How much oil does the lamp burn?"
CHECKS = (Path(__file__).parent / "checks.js").read_text()

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reviewed")
    (folder / "policy.yaml").write_text(POLICY)
    with running_service(folder, FOOTNOTE_POLICY=str(folder / "policy.yaml")) as running:
        yield running


def test_a_reviewer_approves_on_the_page_and_the_asker_is_told(service, open_page, screenshot):
    ann = open_page(service.key("ann"))
    expect(ann.locator("#reviews-toggle")).to_be_hidden()
    ann.get_by_label("Your question").fill(QUESTION)
    ann.keyboard.press("Enter")
    expect(ann.locator("[data-status=blocked]")).to_contain_text("waits for a review (rev_")
    screenshot(ann, "review-asker")
    rita = open_page(service.key("rita", role="curator"))
    rita.get_by_role("button", name="Reviews (1)").click()
    row = rita.locator(".review-row")
    expect(row).to_contain_text(QUESTION)
    expect(row).to_contain_text("Oil is sensitive.")
    screenshot(rita, "review-queue")
    assert rita.evaluate(CHECKS) == []
    row.get_by_label("Note for the other reviewers").fill("Everybody knows.")
    row.get_by_role("button", name="Approve").click()
    expect(row).to_contain_text("Approved")
    expect(row).to_contain_text("Everybody knows.")
    expect(rita.get_by_role("button", name="Reviews", exact=True)).to_be_visible()
    screenshot(rita, "review-decided")
    ann.get_by_label("Your question").fill(QUESTION)
    ann.keyboard.press("Enter")
    expect(ann.locator(".turn").last.locator("[data-status=no_evidence]")).to_be_visible()
