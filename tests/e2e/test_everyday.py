"""The page of every day: sign in by a link, go back, find, share, copy, print."""

import re
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import expect

CHECKS = (Path(__file__).parent / "checks.js").read_text()
MARKUP = "<img src=x onerror=alert(1)>"
CONVERSATION = "conv_0123456789abcdef01234567"

pytestmark = pytest.mark.integration


def uploaded(service, key, filename, text, **fields):
    """Upload a document over HTTP; the page is not what is tried here."""
    response = httpx.post(
        f"{service.url}/v1/documents",
        headers={"Authorization": f"Bearer {key}"},
        files={"file": (filename, text.encode())},
        data=fields,
    )
    return response.raise_for_status().json()["document_id"]


def test_a_link_signs_in_back_goes_back_and_a_second_tab_asks_for_no_key(
    service, open_page, screenshot
):
    key = service.key("nora", "hr/all")
    page = open_page()
    page.goto(f"{service.url}/#key={key}")
    expect(page.locator("#who")).to_have_text("nora")
    assert page.url == f"{service.url}/"
    page.get_by_role("button", name="nora").click()
    expect(page.locator("#account")).to_contain_text("hr/all")
    expect(page.locator("#account")).to_contain_text("ask questions, add documents")
    screenshot(page, "account")
    assert page.evaluate(CHECKS) == []
    page.keyboard.press("Escape")
    expect(page.locator("#account")).to_be_hidden()

    page.get_by_role("button", name="Documents", exact=True).click()
    assert page.url.endswith("#view=documents")
    second = page.context.new_page()
    second.goto(page.url)
    expect(second.locator("#who")).to_have_text("nora")
    expect(second.locator("#conversation")).to_be_hidden()
    page.go_back()
    expect(page.locator("#conversation")).to_be_visible()
    second.get_by_role("button", name="Sign out").click()
    expect(page.get_by_label("API key")).to_be_visible()


def test_the_library_is_searched_sorted_renamed_and_changed_together(
    service, open_page, screenshot
):
    key = service.key("olga")
    for name in ("anchor.md", "buoy.md", "chart.csv"):
        uploaded(service, key, name, f"The {name} is here.\n", title=name.partition(".")[0].title())
    uploaded(service, key, "x.txt", "Nothing.", title=MARKUP, allow=["user:olga", "user:piets"])
    page = open_page(key)
    page.get_by_role("button", name="Documents", exact=True).click()
    rows = page.locator("#document-list .document")
    expect(rows).to_have_count(4)
    expect(rows.filter(has_text="Ready")).to_have_count(4)
    expect(rows.first).to_contain_text(MARKUP)
    page.get_by_label("Sort").select_option("By title")
    expect(rows.nth(1)).to_contain_text("Anchor")
    page.get_by_label("Kind").select_option("Tables")
    expect(rows).to_have_count(1)
    page.get_by_label("Kind").select_option("Any")
    page.get_by_label("Find documents").fill("buoy")
    expect(rows).to_have_count(1)
    rows.get_by_role("button", name="Rename").click()
    rows.get_by_label("Title", exact=True).fill("Buoy of the bay")
    rows.get_by_role("button", name="Save").click()
    expect(rows).to_contain_text("Buoy of the bay")

    rows.get_by_role("button", name="Access").click()
    rows.get_by_label("Choose").check()
    rows.get_by_label("May read", exact=True).fill("user:piett\nsomebody")
    rows.get_by_label("May not read").focus()
    expect(rows).to_contain_text("did you mean user:piets?")
    expect(rows).to_contain_text("somebody names nobody")
    rows.get_by_label("May read", exact=True).fill("user:piets")
    rows.get_by_role("button", name="Save").click()
    expect(rows).to_contain_text("you could not open this document any more")
    screenshot(page, "lock-out")
    rows.get_by_role("button", name="Keep").click()
    rows.get_by_role("button", name="Cancel").click()

    page.get_by_label("Find documents").fill("")
    expect(rows).to_have_count(4)
    page.get_by_label("Select Anchor").check()
    page.get_by_label("Select Chart").check()
    screenshot(page, "library")
    assert page.evaluate(CHECKS) == []
    page.locator("#selection").get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete all").click()
    expect(rows).to_have_count(2)
    expect(page.locator("#selection-status")).to_contain_text("2 documents deleted")


def test_many_uploads_have_one_line_that_unfolds(service, open_page, tmp_path, screenshot):
    page = open_page(service.key("ulla"))
    files = [tmp_path / f"{number}.txt" for number in range(6)]
    for file in files:
        file.write_text("" if file.stem == "0" else f"Pier {file.stem} opens at six.")
    page.locator("#files").set_input_files([str(file) for file in files])
    expect(page.locator("#upload-counts")).to_have_text("5 of 6 files added, 1 failed")
    expect(page.locator("#upload-list li")).to_contain_text("0.txt")
    expect(page.locator("#document-list li")).to_have_count(5)
    screenshot(page, "many-uploads")
    assert page.evaluate(CHECKS) == []


def test_questions_and_searches_keep_to_the_documents_that_were_chosen(
    service, open_page, screenshot
):
    key = service.key("vera")
    pier = uploaded(service, key, "pier.md", "The pier opens at six.\n", title=f"Pier {MARKUP}")
    uploaded(service, key, "gate.md", "The gate opens at nine. The pier is closed at ten.\n")
    collection = httpx.post(
        f"{service.url}/v1/collections", json={"name": "Piers"},
        headers={"Authorization": f"Bearer {key}"},
    )  # fmt: skip
    assert collection.status_code == 201
    page = open_page(key)
    rows = page.locator("#document-list .document")
    expect(rows.filter(has_text="Ready")).to_have_count(2)
    page.get_by_role("button", name="Documents", exact=True).click()
    page.get_by_label(f"Select Pier {MARKUP}").check()
    page.get_by_role("button", name="Ask only these").click()
    expect(page.locator("#scope")).to_contain_text(MARKUP)
    expect(page.get_by_label("Answer from")).to_be_visible()
    page.get_by_label("Your question").fill("When does the gate open?")
    with page.expect_request("**/v1/ask") as asked:
        page.keyboard.press("Enter")
    assert asked.value.post_data_json["documents"] == [pier]
    turn = page.locator(".turn")
    expect(turn.locator("[data-status=no_evidence]")).to_be_visible()
    expect(turn).to_contain_text(f"Only in Pier {MARKUP}")
    turn.get_by_role("button", name=f"Pier {MARKUP}").click()
    expect(page.locator("#quoted")).to_contain_text("six")
    page.get_by_role("button", name="Close").click()
    screenshot(page, "scope")
    assert page.evaluate(CHECKS) == []

    _search_follows(page, turn, screenshot)


def _search_follows(page, turn, screenshot):
    """Search for passages in what was chosen, then in a collection, then in everything."""
    page.get_by_role("button", name="Search", exact=True).first.click()
    page.get_by_label("Words to search for").fill("pier")
    page.keyboard.press("Enter")
    expect(page.locator("#search-status")).to_contain_text("1 passage of 1 document in Pier")
    page.go_back()
    page.get_by_role("button", name="Search everything").click()
    expect(page.locator("#scope-documents")).to_be_hidden()
    turn.get_by_role("button", name="Ask again").click()
    expect(page.locator(".turn").last).to_contain_text("nine")
    page.get_by_role("button", name="Edit").last.click()
    expect(page.get_by_label("Your question")).to_have_value("When does the gate open?")
    page.get_by_label("Answer from").select_option("Piers")
    page.keyboard.press("Tab")

    page.go_forward()
    page.get_by_label("Words to search for").fill("pier")
    page.get_by_label("Words to search for").press("Enter")
    expect(page.locator("#search-status")).to_contain_text("Nothing that you may read has these")
    page.go_back()
    page.get_by_label("Answer from").select_option("Everything")
    page.go_forward()
    page.get_by_label("Words to search for").press("Enter")
    expect(page.locator(".found-document")).to_have_count(2)
    page.locator(".found-passage").first.click()
    expect(page.locator("#quoted")).to_contain_text("pier")
    screenshot(page, "search")
    assert page.evaluate(CHECKS) == []


def test_documents_are_put_into_a_collection_listed_and_taken_out(service, open_page, screenshot):
    key = service.key("wilma", role="admin")
    for name in ("pier.md", "gate.md", "wall.md"):
        uploaded(service, key, name, f"The {name} opens at six.\n", allow=["user:wilma"])
    page = open_page(key)
    rows = page.locator("#document-list .document[data-state=ready]")
    page.get_by_role("button", name="Documents", exact=True).click()
    expect(rows).to_have_count(3)
    page.get_by_label("Select pier").check()
    page.get_by_label("Select gate").check()
    page.get_by_role("button", name="Put into a collection").click()
    page.get_by_label("Name of the collection").fill(f"Doors {MARKUP}")
    assert page.evaluate(CHECKS) == []
    page.get_by_role("button", name="Put 2 documents into it").click()
    expect(page.locator("#selection-status")).to_contain_text(f"put into Doors {MARKUP}")
    page.get_by_label("Collection", exact=True).select_option(f"Doors {MARKUP}")
    expect(rows).to_have_count(2)
    expect(page.get_by_label("Sort")).to_be_disabled()
    rows.first.get_by_role("button", name="Details").click()
    expect(rows.first.locator(".details")).to_contain_text("SHA-256")
    rows.first.get_by_label("Person").fill("zoe")
    rows.first.get_by_role("button", name="Say why").click()
    expect(rows.first.locator(".explain [role=status]")).to_contain_text("user:zoe")
    screenshot(page, "collection")
    assert page.evaluate(CHECKS) == []
    rows.first.get_by_role("button", name="Take out").click()
    expect(rows).to_have_count(1)
    page.get_by_label("Collection", exact=True).select_option("Any")
    expect(rows).to_have_count(3)


def test_an_administrator_looks_after_keys_groups_queue_usage_and_log(
    service, open_page, screenshot
):
    page = open_page(service.key("xenia", role="admin"), width=820)
    page.get_by_role("button", name="Administration").click()
    section = page.locator("#administration-section")
    expect(section).to_contain_text("xenia")
    section.get_by_label("Person").fill("xenia")
    section.get_by_label("Groups").fill("hr/all")
    section.get_by_role("button", name="Make a key").click()
    fresh = section.locator("code").inner_text()
    assert fresh.startswith("fn_")
    answer = httpx.get(f"{service.url}/v1/me", headers={"Authorization": f"Bearer {fresh}"})
    assert "group:hr/all" in answer.json()["groups"]
    screenshot(page, "admin-keys")
    assert page.evaluate(CHECKS) == []
    section.get_by_role("button", name="Revoke: key of").first.click()
    section.get_by_role("button", name="Revoke", exact=True).click()
    expect(section).to_contain_text("Revoked")

    page.get_by_role("button", name="Groups", exact=True).click()
    section.get_by_label("Group", exact=True).fill(f"tea/{MARKUP}")
    section.get_by_label("Person or group").first.fill("yara")
    section.get_by_role("button", name="Put into a group").click()
    expect(section.get_by_role("alert")).not_to_be_empty()
    section.get_by_label("Group", exact=True).fill("tea/all")
    section.get_by_label("Person or group").first.fill("yara")
    section.get_by_role("button", name="Put into a group").click()
    expect(section).to_contain_text("yara")
    screenshot(page, "admin-groups")
    assert page.evaluate(CHECKS) == []
    section.get_by_role("button", name="Take out: user:yara, group:tea/all").click()
    expect(section).not_to_contain_text("yara")

    page.get_by_role("button", name="Queue", exact=True).click()
    expect(section).to_contain_text("waiting")
    page.get_by_role("button", name="Usage", exact=True).click()
    expect(section).to_contain_text("By model, since")
    section.get_by_label("Since", exact=True).fill("2026-01-02")
    expect(section).to_contain_text("By model, since 2026-01-02")
    page.get_by_role("button", name="Audit log").click()
    expect(section).to_contain_text("group-remove")
    section.get_by_role("button", name="Check that the log is whole").click()
    expect(section).to_contain_text("Whole:")
    screenshot(page, "admin-audit")
    assert page.evaluate(CHECKS) == []


def test_a_reader_is_offered_reading_alone_and_an_address_opens_a_document(service, open_page):
    key = service.key("tova")
    uploaded(service, key, "x.txt", "Nothing runs.", title=MARKUP, allow=["user:tova", "user:piet"])
    reader = open_page(service.key("piet"))
    row = reader.locator("#document-list .document")
    expect(row).to_contain_text(MARKUP)
    expect(row.locator(".row-actions button")).to_have_count(2)  # Ask and Details, and nothing else
    row.get_by_role("button", name=MARKUP, exact=True).click()
    expect(reader.locator("#source")).to_contain_text("Nothing runs.")
    reader.go_back()
    expect(reader.locator("#source")).to_be_hidden()
    reader.go_forward()
    expect(reader.locator("#source")).to_contain_text("Nothing runs.")
    reader.reload()
    expect(reader.locator("#source")).to_contain_text("Nothing runs.")


def turn(number):
    """Return a turn of a stored conversation: a written sentence, and one that is no quote."""
    text = f"Pier {number} opens at six. [1]"
    sentence = {"text": text, "start": 0, "end": len(text), "markers": [1], "verdict": "partial"}
    citation = {
        "marker": 1, "document_id": "doc_1", "title": f"Piers *{number}*", "answer_start": 0,
        "filename": "piers.md", "page": 2,
        "quote": f"Pier {number} <b>opens</b>\nat six in summer.",
    }  # fmt: skip
    answer = {
        "status": "answered", "confidence": 0.9, "text": text, "sentences": [sentence],
        "citations": [citation],
    }  # fmt: skip
    return {
        "question": f"When does pier {number} open?",
        "answer": answer,
        "answer_id": f"a{number}",
    }


def conversation(turns):
    return {"conversation_id": CONVERSATION, "title": "Piers", "turns": turns, "metadata": {},
            "created_at": "2026-01-02T03:04:05Z"}  # fmt: skip


@pytest.mark.parametrize("width", [390, 1440])
def test_ten_turns_scroll_in_their_frame_and_can_be_copied_saved_and_printed(
    service, open_page, screenshot, width
):
    page = open_page(service.key("rosa"), width=width)
    stored = conversation([turn(number) for number in range(10)])
    page.route(f"**/v1/conversations/{CONVERSATION}", lambda route: route.fulfill(json=stored))
    page.goto(f"{service.url}/#conversation={CONVERSATION}")
    expect(page.locator(".turn")).to_have_count(10)
    assert page.evaluate("document.documentElement.scrollHeight <= innerHeight")
    for inside in (page.locator(".brand").last, page.locator("#send"), page.locator("#sign-out")):
        expect(inside).to_be_in_viewport(ratio=1)
    screenshot(page, f"ten-turns-{width}")
    assert page.evaluate(CHECKS) == []

    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    last = page.locator(".turn").last
    last.get_by_role("button", name="Copy with sources").click()
    expect(last).to_contain_text("Copied.")
    assert page.evaluate("navigator.clipboard.readText()") == (
        "Pier 9 opens at six.[^1]\n\n"
        "[^1]: *Piers \\*9\\**, page 2: “Pier 9 \\<b\\>opens\\</b\\> at six in summer.”"
    )
    page.evaluate("getSelection().selectAllChildren(document.querySelector('.answer-text'))")
    page.keyboard.press("Control+c")
    assert page.evaluate("navigator.clipboard.readText()") == "Pier 0 opens at six."
    with page.expect_download() as saved:
        page.get_by_role("button", name="Save", exact=True).click()
    text = Path(saved.value.path()).read_text()
    assert saved.value.suggested_filename == "When-does-pier-0-open.md"
    assert re.findall(r"^## (.*)$", text, re.MULTILINE) == [t["question"] for t in stored["turns"]]
    assert "[^10-1]: " in text

    with page.expect_download() as saved:
        page.get_by_role("button", name="Save as page").click()
    text = Path(saved.value.path()).read_text()
    assert saved.value.suggested_filename == "When-does-pier-0-open.html"
    assert text.count("<h2>") == 10
    assert "Pier 9 &lt;b&gt;opens&lt;/b&gt;" in text
    assert not re.search(r"<(button|script|img|a|b)\b|\shref=|\son\w+=", text)

    page.emulate_media(media="print")
    heights = (
        "[document.documentElement.scrollHeight, document.querySelector('.turns').scrollHeight]"
    )
    whole, turns = page.evaluate(heights)
    assert whole >= turns > 1000
    expect(page.locator("#ask")).to_be_hidden()
    screenshot(page, f"print-{width}")


def test_people_of_the_samples_begin_with_questions_and_conversations_get_names(
    service, open_page, screenshot
):
    key = service.key("siri")
    page = open_page()
    start = [
        {"question": "Who lights the lamp?", "shows": f"Nobody {MARKUP}"},
        {"question": "What is hidden?", "shows": "No answer: you may not read it"},
    ]

    def with_questions(route):
        route.fulfill(json={**route.fetch().json(), "start_questions": start})

    page.route("**/v1/me", with_questions)
    page.get_by_label("API key").fill(key)
    page.keyboard.press("Enter")
    expect(page.locator("#start-list")).to_contain_text(MARKUP)
    expect(page.locator("#welcome-empty")).to_be_visible()
    screenshot(page, "start")
    assert page.evaluate(CHECKS) == []
    page.get_by_role("button", name="Who lights the lamp?").click()
    expect(page.locator("[data-status=no_evidence]")).to_be_visible()
    assert "#conversation=conv_" in page.url
    page.get_by_role("button", name="New conversation").click()
    page.go_back()
    expect(page.locator(".question")).to_have_text("Who lights the lamp?")
    page.get_by_role("button", name="Past conversations").click()
    rows = page.locator("#history-list li")
    rows.get_by_role("button", name="Rename").click()
    rows.get_by_label("Name", exact=True).fill("Lamps")
    page.keyboard.press("Enter")
    rows.get_by_role("button", name="Pin: Lamps").click()
    expect(rows.get_by_role("button", name="Pin: Lamps")).to_have_attribute("aria-pressed", "true")
    page.get_by_label("Find a past conversation").fill("nothing")
    expect(page.locator("#history-none")).to_be_visible()
    screenshot(page, "history-find")
    page.get_by_label("Find a past conversation").fill("lamp")
    expect(rows).to_have_count(1)

    runs = [{"evaluation_id": "eva_1", "state": "running", "done": 3, "total": 0,
             "created_at": "2026-01-02T03:04:05Z", "reason": None, "report": {}}]  # fmt: skip
    page.route("**/v1/evaluations?limit=10", lambda route: route.fulfill(json={"items": runs}))
    page.route("**/v1/evaluations/eva_1/cancel", lambda route: route.fulfill(json=runs[0]))
    page.get_by_role("button", name="Trends").click()
    expect(page.locator("#runs-list")).to_contain_text("3 questions asked")
    runs[0] = {**runs[0], "state": "cancelled"}
    with page.expect_request("**/v1/evaluations/eva_1/cancel"):
        page.get_by_role("button", name="Cancel the run").click()
    expect(page.locator("#runs-list")).to_contain_text("Cancelled.")
