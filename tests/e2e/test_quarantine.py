"""The quarantine on the page: for curators and administrators, and for nobody else."""

import time
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

from tests.e2e.service import running_service

KEY = "AKIAQ3EGUMVN2PTKXD4Z"
MARKUP = "<img src=x onerror=alert(1)>"
CHECKS = (Path(__file__).parent / "checks.js").read_text()

pytestmark = pytest.mark.integration


class Uploader:
    """Somebody who uploads over HTTP and waits until the service has looked at it."""

    def __init__(self, service, user):
        self.key = service.key(user)
        self._http = httpx.Client(
            base_url=f"{service.url}/v1", headers={"Authorization": f"Bearer {self.key}"}
        )

    def upload(self, name, words, *, allow=(), replaces=None):
        files = {"file": (name, f"{words}\n\nThe key is {KEY}.".encode())}
        if replaces:
            response = self._http.put(f"/documents/{replaces}/content", files=files)
        else:
            response = self._http.post("/documents", files=files, data={"allow": list(allow)})
        accepted = response.raise_for_status().json()
        assert self.job(accepted["job_id"])["code"] == "quarantined"
        return accepted

    def job(self, job_id):
        for _ in range(300):
            job = self._http.get(f"/jobs/{job_id}").json()
            if job["state"] not in {"queued", "running"}:
                return job
            time.sleep(0.2)
        raise AssertionError(job)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("held")
    with running_service(
        folder, FOOTNOTE_SCREEN_SECRET="quarantine", FOOTNOTE_PUBLISHING="open"
    ) as running:
        yield running


@pytest.fixture(scope="module")
def cora(service):
    return service.key("cora", role="curator")


def open_quarantine(page, name):
    page.get_by_role("button", name=name, exact=True).click()
    return page.locator(".held-row")


def test_a_curator_looks_at_a_held_document_and_releases_it(service, cora, open_page, screenshot):
    ann = Uploader(service, "ann")
    ann.upload("oil.txt", "The lamp burns oil.", allow=["tenant:all"])
    uploader, page = open_page(ann.key), open_page(cora)
    rows = open_quarantine(page, "Quarantine (1)")
    expect(rows).to_contain_text("Secret (aws-key): 1 place")
    expect(rows).to_contain_text("Everyone")
    rows.get_by_role("button", name="Places").click()
    expect(rows.locator(".findings")).to_contain_text("held back")
    with page.expect_download() as original:
        rows.get_by_role("button", name="Original").click()
    assert KEY in Path(original.value.path()).read_text()
    screenshot(page, "quarantine-desk")
    assert page.evaluate(CHECKS) == []
    expect(uploader.locator("#document-list .state")).to_have_text("In quarantine")
    expect(uploader.locator("#quarantine-toggle")).to_be_hidden()
    rows.get_by_role("button", name="Release").click()
    expect(rows).to_have_count(0)
    expect(page.locator("#quarantine-title")).to_be_focused()
    expect(page.locator("#document-list .state")).to_have_text("Ready", timeout=90_000)


def test_a_curator_rejects_a_held_document_after_being_asked_and_its_uploader_is_told_why(
    service, cora, open_page, screenshot
):
    ben = Uploader(service, "ben")
    accepted = ben.upload("wick.md", f"# {MARKUP}", allow=["tenant:all"])
    page = open_page(cora)
    row = open_quarantine(page, "Quarantine (1)")
    row.get_by_label("why").fill("Roll the key.")
    reject = row.get_by_role("button", name="Reject", exact=True)
    reject.click()
    expect(row.get_by_role("button", name="Keep")).to_be_focused()
    screenshot(page, "quarantine-reject")
    page.keyboard.press("Escape")
    expect(reject).to_be_focused()
    page.keyboard.press("Enter")
    row.locator(".confirm").get_by_role("button", name="Reject").click()
    expect(page.locator("#quarantine-empty")).to_be_visible()
    expect(page.get_by_role("button", name="Quarantine", exact=True)).to_be_visible()
    assert ben.job(accepted["job_id"])["reason"].endswith("Roll the key.")


def test_an_administrator_decides_on_a_phone_without_being_shown_a_name(
    service, open_page, screenshot
):
    Uploader(service, "dan").upload("salaries.txt", "What everybody earns.")
    page = open_page(service.key("root", role="admin"), width=360)
    page.get_by_role("button", name="Documents", exact=True).click()
    row = open_quarantine(page, "Quarantine (1)")
    expect(row).to_contain_text("A document that you may not read")
    expect(row).to_contain_text("Secret (aws-key): 1 place")
    expect(row.get_by_role("button", name="Original")).to_have_count(0)
    screenshot(page, "quarantine-phone")
    assert "salaries" not in page.content()
    assert page.evaluate(CHECKS) == []
    row.get_by_role("button", name="Release").click()
    expect(page.locator("#quarantine-empty")).to_be_visible()


def test_a_version_that_came_after_the_look_is_not_released_with_it(service, cora, open_page):
    eve = Uploader(service, "eve")
    accepted = eve.upload("tide.txt", "The tide turns.", allow=["tenant:all"])
    page = open_page(cora)
    rows = open_quarantine(page, "Quarantine (1)")
    expect(rows).to_have_count(1)
    eve.upload("tide-2.txt", "The tide has turned.", replaces=accepted["document_id"])
    rows.get_by_role("button", name="Release").click()
    expect(rows.get_by_role("alert").last).to_contain_text("Version 2")
    page.keyboard.press("Escape")
    open_quarantine(page, "Quarantine (1)")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text("decide on that one first")
    rows.last.get_by_role("button", name="Release").click()
    expect(rows).to_have_count(1)
