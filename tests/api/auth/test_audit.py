"""Every act of an administrator and every read leaves a row: who, by which credential, and why."""

import json
from datetime import timedelta
from urllib.parse import quote

import pytest

from api.auth.api_keys import create_key, find_caller, list_keys, rotate_key
from api.cli import main
from index.audit.query import AuditFilter, list_acts
from index.audit.verification import verify_chain
from index.db.tables.access import ApiKey
from index.db.tables.base import utc_now
from tests.api.conftest import Person

pytestmark = pytest.mark.own_service

MEMBER = {"member": "user:ann", "group": "group:hr/all"}
ACTS = {
    "key-create": ("POST", "/v1/admin/keys", {"json": {"user": "fred"}}),
    "group-add": ("POST", "/v1/admin/members", {"json": MEMBER}),
    "group-remove": ("DELETE", "/v1/admin/members", {"params": MEMBER}),
    "screening-set": ("PATCH", "/v1/admin/screening", {"json": {"personal": "mask"}}),
    "queue-pause": ("POST", "/v1/admin/queue/pause", {"json": {"reason": "move"}}),
    "queue-resume": ("POST", "/v1/admin/queue/resume", {}),
    "policy-reload": ("POST", "/v1/admin/policy/reload", {}),
    "source-set": ("POST", "/v1/sources", {"json": {"kind": "folder", "location": "/x"}}),
}


@pytest.fixture
def root(house):
    return house.person("root", role="admin")


def bearer(house, key):
    return Person(house.client, key)


def rows_of(house, **fields):
    house.service.reads.flush()
    return list_acts(house.service.database, "default", AuditFilter(**fields))


def key_of(house, user):
    return [key for key in list_keys(house.service.database, "default") if key.user == user][-1]


def test_every_administrative_act_has_a_row_with_person_credential_and_reason(house, root):
    root.client.headers["Audit-Reason"] = quote("ticket 7 \u2013 Zo\u00eb")
    for act, (method, path, content) in ACTS.items():
        assert root.request(method, path, **content).is_success, act
        row = rows_of(house, act=act)[0]
        assert (row.actor, row.credential) == ("user:root", key_of(house, "user:root").key_id)
        assert row.reason == "ticket 7 \u2013 Zo\u00eb", act
    assert verify_chain(house.service.database, "default").is_intact


def test_edits_and_reads_of_a_document_have_rows_and_no_content_stands_in_them(house, ann):
    document_id = ann.add("The whale oil lamp is lit at dusk.")
    ann.request(
        "PATCH", f"/v1/documents/{document_id}", json={"deny": ["user:bob"], "title": "Whale"}
    )
    ann.get(f"/v1/documents/{document_id}/text")
    ann.get(f"/v1/documents/{document_id}/content")
    ann.post("/v1/search", json={"query": "whale oil"})
    answer = ann.post("/v1/ask", json={"question": "When is the whale oil lamp lit?"}).json()
    ann.request("DELETE", f"/v1/documents/{document_id}")
    acts = [row.act for row in rows_of(house, object=document_id)]
    assert {
        "document-upload", "document-edit", "document-access", "document-delete", "text",
        "content", "search",
    } <= set(acts)  # fmt: skip
    assert rows_of(house, object=answer["answer_id"])[0].act == "ask"
    assert {row.credential for row in rows_of(house, actor="user:ann")} == {
        key_of(house, "user:ann").key_id
    }
    assert "whale" not in str(rows_of(house)).lower()


def test_a_key_that_acts_as_somebody_else_leaves_a_trace_and_that_person_sees_it(house, root, ann):
    ann_id = ann.add("The lamp is lit.")
    made = root.post("/v1/admin/keys", json={"user": "ann"}, headers={"Audit-Reason": "audit"})
    as_ann = bearer(house, made.json()["key"])
    assert as_ann.get(f"/v1/documents/{ann_id}/text").is_success
    read = rows_of(house, act="text")[0]
    assert (read.actor, read.credential) == ("user:ann", made.json()["key_id"])
    creation = rows_of(house, act="key-create", actor="user:root")[0]
    assert creation.details["impersonates"] is True
    seen = next(
        key for key in ann.get("/v1/me").json()["keys"] if key["key_id"] == made.json()["key_id"]
    )
    assert (seen["made_by"], seen["reason"]) == ("user:root", "audit")
    assert "audit" not in house.person("bob").get("/v1/me").text


def test_without_the_scope_impersonate_an_administrator_makes_keys_for_nobody_else(house, root):
    narrow = {"user": "root", "role": "admin", "scopes": ["read", "write", "admin"]}
    made = root.post("/v1/admin/keys", json=narrow).json()
    limited = bearer(house, made["key"])
    refusal = limited.post("/v1/admin/keys", json={"user": "ann"})
    assert (refusal.status_code, refusal.json()["code"]) == (403, "scope-not-enough")
    own = limited.post("/v1/admin/keys", json={"user": "root", "role": "admin"})
    assert own.status_code == 201
    assert "impersonate" not in bearer(house, own.json()["key"]).get("/v1/me").json()["scopes"]
    more = {"user": "root", "role": "admin", "scopes": ["admin", "impersonate"]}
    assert limited.post("/v1/admin/keys", json=more).status_code == 403
    of_ann = root.post("/v1/admin/keys", json={"user": "ann"}).json()["key_id"]
    assert limited.post(f"/v1/admin/keys/{of_ann}/rotate").status_code == 403


def test_a_key_does_what_its_scopes_say_and_no_more(house, root):
    def person(*scopes, role="admin"):
        body = {"user": "root", "role": role, "scopes": scopes}
        return bearer(house, root.post("/v1/admin/keys", json=body).json()["key"])

    reading, writing, administering = person("read"), person("write"), person("admin")
    assert reading.get("/v1/documents").is_success
    assert reading.post("/v1/search", json={"query": "lamp"}).is_success
    assert reading.post("/v1/conversations", json={}).is_success
    assert reading.upload("The lamp.").status_code == 403
    assert reading.get("/v1/admin/keys").status_code == 403
    assert reading.get("/metrics").status_code == 403
    assert writing.upload("The lamp is lit.").status_code == 202
    assert writing.get("/v1/documents").status_code == 403
    assert administering.get("/v1/admin/keys").is_success
    assert administering.get("/v1/documents").status_code == 403


def test_a_key_expires_and_the_database_is_told_of_its_last_use(house, ann):
    database = house.service.database
    assert ann.get("/v1/me").is_success
    house.service.reads.flush()
    key = key_of(house, "user:ann")
    assert utc_now() - key.last_used_at < timedelta(minutes=1)
    with database.write() as session:
        session.get(ApiKey, key.key_id).expires_at = utc_now() - timedelta(seconds=1)
    assert ann.get("/v1/me").status_code == 401


def test_a_rotated_key_is_valid_for_its_grace_and_the_new_one_has_the_same_rights(house, root):
    database = house.service.database
    old, view = create_key(database, "default", "ann", groups=["hr/all"], role="curator")
    rotated = root.post(f"/v1/admin/keys/{view.key_id}/rotate", json={"grace_hours": 1}).json()
    new = find_caller(database, rotated["key"])
    assert (new.actor.scope, new.actor.role) == (find_caller(database, old).actor.scope, "curator")
    assert key_of(house, "user:ann").key_id == rotated["key_id"]
    again = root.post(f"/v1/admin/keys/{view.key_id}/rotate")
    assert (again.status_code, again.json()["code"]) == (422, "invalid-request")
    token, _ = rotate_key(database, "default", rotated["key_id"], grace=timedelta(0))
    assert find_caller(database, rotated["key"]) is None
    assert find_caller(database, token) is not None


def test_the_log_is_shown_exported_and_verified_over_http(house, root, ann):
    ann.add("The lamp is lit.")
    house.service.reads.flush()
    page = root.get("/v1/admin/audit", params={"limit": 1}).json()
    assert page["next"] == page["items"][0]["sequence"] > 1
    lines = root.get("/v1/admin/audit/export").text.splitlines()
    rows, head = [json.loads(line) for line in lines[:-1]], json.loads(lines[-1])["head"]
    assert [row["sequence"] for row in rows] == list(range(1, len(rows) + 1))
    assert head == f"{len(rows)}:{rows[-1]['digest']}"
    report = root.get("/v1/admin/audit/verification", params={"head": head}).json()
    assert report["problems"] == []
    assert root.get("/v1/admin/audit/verification", params={"head": "x"}).status_code == 422
    for path in ("", "/export", "/verification"):
        assert ann.get(f"/v1/admin/audit{path}").status_code == 403


def test_commands_on_a_data_folder_are_the_operators(tmp_path, capsys):
    data = ["--data", str(tmp_path), "--json"]

    def run(*arguments):
        capsys.readouterr()
        status = main([*arguments, *data])
        return status, json.loads(capsys.readouterr().out)

    _, created = run("admin", "key", "create", "--user", "ann", "--reason", "first key")
    assert set(created) == {"key", "key_id"}
    run("admin", "group", "add", "hr/all", "user:ann")
    run("admin", "queue", "pause", "--reason", "move")
    run("admin", "queue", "resume")
    run("admin", "trash", "empty", "--confirm")
    _, rotated = run("admin", "key", "rotate", created["key_id"], "--grace-hours", "0")
    run("admin", "key", "revoke", rotated["key_id"])
    _, log = run("admin", "audit", "list")
    assert [row["act"] for row in reversed(log["items"])] == [
        "key-create", "group-add", "queue-pause", "queue-resume", "trash-empty", "key-rotate",
        "key-revoke",
    ]  # fmt: skip
    assert {row["actor"] for row in log["items"]} == {"operator"}
    assert all(row["credential"].startswith("os:") for row in log["items"])
    assert log["items"][-1]["reason"] == "first key"
    assert created["key"] not in json.dumps(log)
    status, report = run("admin", "audit", "verify")
    assert (status, report["chains"][0]["rows"]) == (0, 7)
    out = tmp_path / "audit.jsonl"
    assert main(["admin", "audit", "export", "--out", str(out), "--data", str(tmp_path)]) == 0
    assert len(out.read_text().splitlines()) == 8
    status, _ = run("admin", "audit", "verify", "--head", f"9:{'0' * 64}")
    assert status == 1
