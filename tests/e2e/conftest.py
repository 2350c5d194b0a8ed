"""The service as a process, and Chromium to look at its page."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.e2e.service import RunningService, running_service

CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

expect.set_options(timeout=60_000)
"""Milliseconds: what is expected must come, on a busy machine too; how soon is not tested here."""

OpenPage = Callable[..., Page]


@pytest.fixture(scope="session")
def service(tmp_path_factory) -> Iterator[RunningService]:
    small_team = {"FOOTNOTE_LIVE_SHARE": "1", "FOOTNOTE_PUBLISHING": "open"}
    with running_service(tmp_path_factory.mktemp("service"), **small_team) as running:
        yield running


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start a browser for one module: while it runs, no test beside it can run an event loop."""
    browser_path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser"))), None)
    if browser_path is None:
        pytest.fail("Chromium is missing. Run `make test`, or: apt-get install chromium")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=browser_path, args=CHROMIUM_ARGUMENTS)
        yield started
        started.close()


@pytest.fixture
def open_page(browser: Browser, service: RunningService) -> Iterator[OpenPage]:
    """Open the page in a fresh browser profile; in the end it must have run without an error."""
    contexts, errors, foreign = [], [], []

    def note_request(request) -> None:
        if not request.url.startswith((service.url, "blob:" + service.url)):
            foreign.append(request.url)

    def note_message(message) -> None:
        if "Content Security Policy" in message.text:
            errors.append(message.text)

    def opened(key: str | None = None, *, width: int = 1280, height: int = 800, **options) -> Page:
        options["viewport"] = {"width": width, "height": height}
        context = browser.new_context(reduced_motion="reduce", **options)
        context.set_default_timeout(60_000)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note_message)
        page.on("request", note_request)
        page.goto(service.url)
        if key is not None:
            page.get_by_label("API key").fill(key)
            page.get_by_role("button", name="Sign in").click()
            page.get_by_role("button", name="Sign out").wait_for()
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
    assert foreign == []


@pytest.fixture(scope="session")
def screenshot() -> Callable[[Page, str], None]:
    """Keep a picture of the page under artifacts/."""
    folder = Path(__file__).parents[2] / "artifacts"
    folder.mkdir(exist_ok=True)

    def take(page: Page, name: str) -> None:
        page.screenshot(path=folder / f"{name}.png")

    return take
