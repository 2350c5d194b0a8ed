"""Administrators see why, readers see nothing of it, and reads are noted without content."""

import json


def test_an_administrator_is_told_why_and_since_when(house, ann):
    admin = house.person("root", role="admin")
    document = ann.add("The lamp is lit at dusk.", allow=["group:hr/all"], deny=["user:bob"])
    body = {"document_id": document, "principal": "user:bob"}
    report = admin.get("/v1/admin/access", params=body).json()
    assert report["explanation"]["readable"] is False
    assert report["explanation"]["denied_by"] == ["user:bob"]
    assert [event["action"] for event in report["history"]] == ["upload"]
    assert ann.get("/v1/admin/access", params=body).status_code == 403


def test_an_administrator_of_another_tenant_is_told_nothing(house, ann):
    other = house.person("root", role="admin", tenant="north")
    body = {"document_id": ann.add("lamp"), "principal": "user:ann"}
    assert other.get("/v1/admin/access", params=body).status_code == 404


def test_reads_are_noted_by_document_and_say_nothing_of_content(house, ann, tmp_path):
    document = ann.add("The secret lamp is lit at dusk.")
    ann.post("/v1/search", json={"query": "secret lamp"})
    ann.post("/v1/ask", json={"question": "When is the secret lamp lit?"})
    ann.get(f"/v1/documents/{document}/text")
    house.service.reads.close()
    log_text = "".join(path.read_text() for path in (tmp_path / "data" / "audit").iterdir())
    reads = [json.loads(line) for line in log_text.splitlines()]
    assert [(reader["action"], reader["documents"]) for reader in reads] == [
        ("search", [document]),
        ("ask", [document]),
        ("text", [document]),
    ]
    assert "secret" not in log_text
