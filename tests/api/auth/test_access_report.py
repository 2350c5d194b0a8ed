"""Administrators see why, readers see nothing of it, and reads are noted without content."""

import pytest

from index.audit.query import AuditFilter, list_acts


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


@pytest.mark.own_service
def test_reads_are_noted_by_document_and_say_nothing_of_content(house, ann):
    document = ann.add("The secret lamp is lit at dusk.")
    ann.post("/v1/search", json={"query": "secret lamp"})
    ann.post("/v1/ask", json={"question": "When is the secret lamp lit?"})
    ann.get(f"/v1/documents/{document}/text")
    house.service.reads.flush()
    rows = list_acts(house.service.database, "default", AuditFilter(actor="user:ann"))
    reads = {row.act: row for row in rows if row.act in {"search", "ask", "text"}}
    assert reads["text"].object == reads["search"].object == document
    assert reads["ask"].details["documents"] == [document]
    assert "secret" not in str(rows)
