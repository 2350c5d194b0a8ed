"""How large the page is and how soon one can ask, in Chromium, signed in by a link.

``python -m benchmarks.page_start http://127.0.0.1:8000 KEY`` prints one line of JSON. The time runs
from the request of the page until the service has said who is signed in and the field for the
question has the focus; the first visit has an empty cache.
"""

import argparse
import gzip
import json
import shutil
import statistics
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright

PAGE = Path(__file__).parents[1] / "api" / "web"
VISITS = 10
NOTE_TIME = """addEventListener("focusin", ({ target }) => {
  if (target.id === "question") window.readyMs ??= performance.now();
})"""


def page_size() -> dict[str, int]:
    """Return how many files and lines the page has, and its bytes, plain and compressed."""
    texts = [file.read_bytes() for file in PAGE.iterdir()]
    return {
        "files": len(texts),
        "lines": sum(text.count(b"\n") for text in texts),
        "bytes": sum(map(len, texts)),
        "gzip_bytes": sum(len(gzip.compress(text)) for text in texts),
    }


def start_ms(browser: Browser, url: str, key: str) -> tuple[float, float]:
    """Return the milliseconds of a first visit, and of a reload."""
    context = browser.new_context()
    context.add_init_script(NOTE_TIME)
    page = context.new_page()
    times = []
    for visit in (lambda: page.goto(f"{url}/#key={key}"), page.reload):
        visit()
        page.locator("#who:not(:empty)").wait_for()
        times.append(float(page.evaluate("window.readyMs")))
    context.close()
    return times[0], times[1]


def main() -> None:
    """Measure, and print the result."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("url")
    parser.add_argument("key")
    arguments = parser.parse_args()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"), args=["--no-sandbox", "--disable-gpu"]
        )
        visits = [start_ms(browser, arguments.url, arguments.key) for _ in range(VISITS)]
        browser.close()
    first, again = (sorted(times) for times in zip(*visits, strict=True))
    times = {
        "first_ms": round(statistics.median(first)),
        "first_slowest_ms": round(first[-1]),
        "reload_ms": round(statistics.median(again)),
    }
    print(json.dumps(page_size() | times))


if __name__ == "__main__":
    main()
