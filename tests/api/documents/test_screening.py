"""Findings, masks and the quarantine over HTTP, on the page's routes and at the command line."""

import json
import time

import pytest
from sqlalchemy import select

from api.cli import main
from index.db.tables.questions import AnswerRow
from tests.fakes.pdf import column, write_pdf

MAIL = "zoe.keeper@lamp.example"
KEY = "AKIAQ3EGUMVN2PTKXD4Z"
TEXT = f"The lamp is lit at dusk by {MAIL}.\n\nThe log is written in ink."


@pytest.fixture
def masking(make_house):
    return make_house(screen_personal="mask")


@pytest.fixture
def holding(make_house):
    return make_house(screen_secret="quarantine")


def test_masked_words_are_in_no_answer_search_export_or_page(masking):
    ann, bob = masking.person("ann"), masking.person("bob")
    document_id = ann.add(TEXT, allow=["tenant:all"], title="Lamp")
    responses = [
        bob.post("/v1/search", json={"query": "lamp dusk"}),
        bob.post("/v1/ask", json={"question": "When is the lamp lit?"}),
        bob.post("/v1/ask", json={"question": "When is the lamp lit?", "stream": True}),
        bob.post("/v1/search", json={"query": MAIL}),
        bob.get(f"/v1/documents/{document_id}"),
        bob.get(f"/v1/documents/{document_id}/text"),
        bob.get("/v1/documents"),
        ann.get(f"/v1/documents/{document_id}/findings"),
    ]
    for answer in responses:
        assert answer.status_code == 200
        assert MAIL not in answer.text
        assert "keeper" not in answer.text
    body = responses[1].json()["citations"][0]
    text = responses[5].content.decode()
    assert text[body["start"] : body["end"]] == body["quote"]
    assert "\u2588" in body["quote"]


def test_the_original_of_a_masked_document_is_for_its_uploader_and_curators(masking):
    ann, bob = masking.person("ann"), masking.person("bob")
    cora = masking.person("cora", role="curator")
    pdf = write_pdf([column([f"Lit at dusk by {MAIL}."])])
    document_id = ann.add(pdf, filename="lamp.pdf", allow=["tenant:all"])
    plain = ann.add("The lamp is lit.", allow=["tenant:all"])
    for route in ("content", "pages/1.png"):
        for person in (ann, cora):
            assert person.get(f"/v1/documents/{document_id}/{route}").status_code == 200
        response = bob.get(f"/v1/documents/{document_id}/{route}")
        assert (response.status_code, response.json()["code"]) == (403, "original-withheld")
    assert bob.get(f"/v1/documents/{plain}/content").status_code == 200
    assert bob.get(f"/v1/documents/{document_id}/text").status_code == 200


@pytest.mark.own_service
def test_answers_from_before_a_mask_are_withheld(house, ann):
    admin = house.person("root", role="admin")
    ann.add(TEXT)
    conversation = ann.post("/v1/conversations").json()["conversation_id"]
    body = {"question": "When is the lamp lit?", "conversation_id": conversation}
    before = ann.post("/v1/ask", json=body).json()
    assert MAIL in before["text"]
    response = admin.request("PATCH", "/v1/admin/screening", json={"personal": "mask"})
    assert response.json()["effective"]["personal"] == "mask"
    assert admin.post("/v1/admin/reingest", json={}).json()["queued"] == 1
    _wait_for_masks(ann)
    turn = ann.get(f"/v1/conversations/{conversation}").json()["turns"][0]
    assert (turn["withheld"], turn["answer"]) == (True, None)
    rated = ann.post("/v1/feedback", json={"answer_id": before["answer_id"], "rating": 1})
    assert rated.status_code == 404
    after = ann.post("/v1/ask", json=body).json()
    assert MAIL not in json.dumps(after)
    turns = ann.get(f"/v1/conversations/{conversation}").json()["turns"]
    assert [one["withheld"] for one in turns] == [True, False]
    with house.service.database.read() as session:
        assert len(session.scalars(select(AnswerRow)).all()) == 2


def _wait_for_masks(person):
    until = time.monotonic() + 20
    while not person.get("/v1/documents").json()["items"][0]["masked"]:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_a_held_document_is_released_or_rejected_by_a_curator(holding):
    ann, bob = holding.person("ann"), holding.person("bob")
    cora = holding.person("cora", role="curator")
    ids = []
    for words in ("oil", "wick"):
        accepted = ann.upload(f"The lamp {words} key is {KEY}.", allow=["tenant:all"]).json()
        job = ann.job(accepted["job_id"])
        assert (job["state"], job["code"]) == ("failed", "quarantined")
        ids.append(accepted["document_id"])
    for person in (ann, bob, cora):
        assert person.post("/v1/search", json={"query": "lamp key"}).json()["passages"] == []
        assert person.get(f"/v1/documents/{ids[0]}/text").status_code == 404
    assert bob.get(f"/v1/documents/{ids[0]}/content").json()["code"] == "original-withheld"
    listed = cora.get("/v1/quarantine").json()["items"]
    assert [one["document_id"] for one in listed] == ids
    assert ann.get("/v1/quarantine").json()["code"] == "role-not-enough"
    released = cora.post(f"/v1/quarantine/{ids[0]}/release")
    assert ann.job(released.json()["job_id"])["state"] == "succeeded"
    response = cora.post(f"/v1/quarantine/{ids[1]}/reject", json={"reason": "Roll it."})
    assert response.status_code == 204
    assert len(bob.post("/v1/search", json={"query": "lamp key"}).json()["passages"]) == 1
    assert ann.get(f"/v1/documents/{ids[1]}").status_code == 404
    assert "Roll it." in ann.job(accepted["job_id"])["reason"]
    again = cora.post(f"/v1/quarantine/{ids[0]}/release")
    assert (again.status_code, again.json()["code"]) == (409, "not-quarantined")


def test_only_administrators_change_the_policy_and_a_wrong_one_is_refused(house, ann):
    admin = house.person("root", role="admin")
    assert ann.get("/v1/admin/screening").status_code == 403
    wrong = admin.request("PATCH", "/v1/admin/screening", json={"personal": "burn"})
    assert wrong.status_code == 422
    assert admin.get("/v1/admin/screening").json()["tenant"] == {}


def test_the_command_line_shows_findings_and_decides_about_the_quarantine(
    tmp_path, capsys, monkeypatch
):
    monkeypatch.setenv("FOOTNOTE_SCREEN_SECRET", "quarantine")
    data = ["--data", str(tmp_path / "data")]
    note = tmp_path / "note.txt"
    note.write_text(f"The lamp key is {KEY}.")

    def run(*words):
        capsys.readouterr()
        code = main([*words, *data])
        return code, capsys.readouterr().out

    def decide(verb, *options):
        return run("admin", "quarantine", verb, document_id, *options)[0]

    assert run("ingest", str(note))[0] == 3
    code, printed = run("admin", "quarantine", "list", "--json")
    item = json.loads(printed)["items"][0]
    assert (code, item["findings"]) == (0, {"secret/aws-key": 1})
    document_id = item["document_id"]
    code, printed = run("documents", "findings", document_id)
    assert code == 0
    assert "aws-key" in printed
    assert KEY not in printed
    assert run("documents", "findings", document_id, "--as", "user:bob")[0] == 1
    assert decide("release", "--version", "2") == decide("reject", "--version", "2") == 1
    assert decide("reject", "--version", "1", "--reason", "Roll it.") == 0
    assert run("admin", "quarantine", "list")[1] == ""
    assert decide("release") == 1
