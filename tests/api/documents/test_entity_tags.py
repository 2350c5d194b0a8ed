"""Entity tags: a change that is meant for another state is refused and changes nothing."""

import pytest

from index.entity_tags import Precondition, entity_tag
from index.errors import PreconditionFailedError

STALE = {"If-Match": '"0123456789abcdef0123456789abcdef"'}
MEMBER = {"member": "user:bob", "group": "group:hr/all"}
FOLDER = {"kind": "folder", "location": "/srv/rules"}


def tag_of(person, path):
    answer = person.get(path)
    assert answer.status_code == 200
    tag = answer.headers["ETag"]
    assert tag.startswith('"')
    assert tag.endswith('"')
    return {"If-Match": tag}


def refuse(answer):
    assert answer.status_code == 412, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["code"] == "precondition-failed"


def test_a_document_is_changed_in_the_state_that_was_seen_and_in_no_other(ann):
    path = f"/v1/documents/{ann.add('The lamp is lit at dusk.')}"
    tag = tag_of(ann, path)
    response = ann.request("PATCH", path, json={"title": "One"}, headers=tag)
    assert response.status_code == 200
    fields = {"title": "Two", "deny": ["user:bob"], "licence": "None"}
    refuse(ann.request("PATCH", path, json=fields, headers=tag))
    end = ann.get(path)
    assert end.json() == response.json()
    assert end.headers["ETag"] == response.headers["ETag"]
    newest = {"If-Match": response.headers["ETag"]}
    assert ann.request("PATCH", path, json={"title": "Three"}, headers=newest).status_code == 200


def test_a_patch_that_is_refused_for_one_field_changes_none(ann):
    path = f"/v1/documents/{ann.add('The lamp is lit at dusk.')}"
    before = ann.get(path).json()
    fields = {"title": "Two", "licence": "None", "deny": ["nobody"]}
    assert ann.request("PATCH", path, json=fields).status_code == 422
    assert ann.get(path).json() == before


def test_a_new_version_and_a_deletion_take_the_tag_too(ann):
    path = f"/v1/documents/{ann.add('The lamp is lit at dusk.')}"
    new = {"files": {"file": ("note.txt", b"The lamp is lit at dawn.")}}
    refuse(ann.request("PUT", f"{path}/content", headers=STALE, **new))
    refuse(ann.request("DELETE", path, headers=STALE))
    before = tag_of(ann, path)
    accepted = ann.request("PUT", f"{path}/content", headers=before, **new)
    assert accepted.status_code == 202
    assert ann.job(accepted.json()["job_id"])["state"] == "succeeded"
    refuse(ann.request("DELETE", path, headers=before))
    assert ann.request("DELETE", path, headers=tag_of(ann, path)).status_code == 200


def test_whoever_may_not_change_a_document_learns_nothing_from_its_tag(ann, bob):
    hidden = f"/v1/documents/{ann.add('The lamp is lit at dusk.')}"
    path = f"/v1/documents/{ann.add('The log is kept in ink.', allow=['tenant:all'])}"
    for headers in (STALE, {"If-Match": "*"}, tag_of(ann, hidden)):
        missing = bob.request("DELETE", "/v1/documents/doc_0", headers=headers)
        response = bob.request("DELETE", hidden, headers=headers)
        assert (response.status_code, response.content) == (404, missing.content)
        assert bob.request("DELETE", path, headers=headers).status_code == 403


def test_the_same_state_has_the_same_tag_and_is_not_sent_twice(ann, bob):
    path = f"/v1/documents/{ann.add('The lamp is lit at dusk.', allow=['tenant:all'])}"
    tag = ann.get(path).headers["ETag"]
    assert bob.get(path).headers["ETag"] == tag
    for header in (tag, f"W/{tag}", f'"0", {tag}', "*"):
        again = bob.get(path, headers={"If-None-Match": header})
        assert (again.status_code, again.content, again.headers["ETag"]) == (304, b"", tag)
    assert bob.get(path, headers={"If-None-Match": '"0"'}).status_code == 200


def test_the_screening_policy_takes_its_tag(house):
    root = house.person("root", role="admin")
    path = "/v1/admin/screening"
    tag = tag_of(root, path)
    response = root.request("PATCH", path, json={"personal": "mask"}, headers=tag)
    assert response.status_code == 200
    assert tag_of(root, path) == {"If-Match": response.headers["ETag"]}
    refuse(root.request("PATCH", path, json={"personal": "keep"}, headers=tag))
    assert root.get(path).json()["tenant"] == {"personal": "mask"}


def test_the_guardrails_policy_has_a_tag(house):
    root = house.person("root", role="admin")
    tag = tag_of(root, "/v1/admin/policy")
    unchanged = {"If-None-Match": tag["If-Match"]}
    assert root.get("/v1/admin/policy", headers=unchanged).status_code == 304


def test_groups_take_their_tag(house):
    root = house.person("root", role="admin")
    path = "/v1/admin/members"
    tag = tag_of(root, path)
    assert root.post(path, json=MEMBER, headers=tag).status_code == 204
    refuse(root.post(path, json=MEMBER | {"member": "user:carl"}, headers=tag))
    refuse(root.request("DELETE", path, params=MEMBER, headers=tag))
    assert root.get(path).json()["items"] == [MEMBER]
    newest = tag_of(root, path)
    assert root.request("DELETE", path, params=MEMBER, headers=newest).status_code == 204


def test_contributors_take_the_tag_of_their_list(house):
    root = house.person("root", role="admin")
    path = "/v1/admin/contributors"
    tag = tag_of(root, path)
    ink = {"member": "user:bob", "audience": "group:ink/all"}
    oil = ink | {"audience": "group:oil/all"}
    assert root.post(path, json=ink, headers=tag).status_code == 200
    refuse(root.post(path, json=oil, headers=tag))
    refuse(root.request("DELETE", path, params=ink, headers=tag))
    assert ink in root.get(path).json()["items"]
    assert root.request("DELETE", path, params=ink, headers=tag_of(root, path)).status_code == 200


def test_a_tenant_takes_the_tag_of_its_rules_and_not_of_its_usage(house):
    olga, root = house.person("olga", role="operator"), house.person("root", role="admin")
    assert olga.post("/v1/admin/tenants", json={"tenant": "tagged"}).status_code == 201
    path = "/v1/admin/tenants/tagged"
    tag = tag_of(olga, path)
    response = olga.request("PATCH", path, json={"name": "Tagged"}, headers=tag)
    assert response.status_code == 200
    assert tag_of(olga, path) == {"If-Match": response.headers["ETag"]}
    refuse(olga.request("PATCH", path, json={"name": "Other"}, headers=tag))
    refuse(olga.post(f"{path}/suspend", headers=tag))
    assert olga.post(f"{path}/suspend", headers=tag_of(olga, path)).status_code == 200
    refuse(olga.post(f"{path}/resume", headers=tag))
    own = tag_of(root, "/v1/admin/tenant")
    root.add("The lamp is lit at dusk.")
    assert tag_of(root, "/v1/admin/tenant") == own
    change = {"publishing": "open"}
    patched = root.request("PATCH", "/v1/admin/tenant", json=change, headers=own)
    assert patched.status_code == 200
    refuse(root.request("PATCH", "/v1/admin/tenant", json={"publishing": "own"}, headers=own))
    root.request("PATCH", "/v1/admin/tenant", json={"publishing": None})


def test_a_webhook_takes_the_tag_of_its_rules(ann):
    body = {"url": "https://93.184.216.34/in", "events": ["document.ready"]}
    created = ann.post("/v1/webhooks", json=body)
    assert created.status_code == 201, created.text
    path = f"/v1/webhooks/{created.json()['webhook']['webhook_id']}"
    tag = tag_of(ann, path)
    stopped = ann.request("PATCH", path, json={"enabled": False}, headers=tag)
    assert stopped.status_code == 200
    refuse(ann.request("PATCH", path, json={"enabled": True}, headers=tag))
    refuse(ann.request("DELETE", path, headers=tag))
    newest = {"If-Match": stopped.headers["ETag"]}
    assert ann.request("DELETE", path, headers=newest).status_code == 204


def test_a_source_takes_its_tag(house):
    cora = house.person("cora", role="curator")
    refuse(cora.post("/v1/sources", json=FOLDER, headers={"If-Match": "*"}))
    source = cora.post("/v1/sources", json=FOLDER).json()["source"]
    path = f"/v1/sources/{source['source_id']}"
    assert cora.get(path).json() == source
    tag = tag_of(cora, path)
    rules = FOLDER | {"licence": "Ours"}
    assert cora.post("/v1/sources", json=rules, headers=tag).status_code == 201
    refuse(cora.post("/v1/sources", json=FOLDER, headers=tag))
    refuse(cora.request("DELETE", path, headers=tag))
    assert cora.get(path).json()["licence"] == "Ours"
    assert cora.request("DELETE", path, headers=tag_of(cora, path)).status_code == 204


def test_a_conversation_is_deleted_in_the_state_that_was_seen(ann):
    talk = ann.post("/v1/conversations").json()["conversation_id"]
    path = f"/v1/conversations/{talk}"
    tag = tag_of(ann, path)
    question = {"question": "When is the lamp lit?", "conversation_id": talk}
    assert ann.post("/v1/ask", json=question).status_code == 200
    refuse(ann.request("DELETE", path, headers=tag))
    assert len(ann.get(path).json()["turns"]) == 1
    assert ann.request("DELETE", path, headers=tag_of(ann, path)).status_code == 204


@pytest.mark.parametrize("header", ["", '"1"', 'W/"2"', '"1", "3"', "2"])
def test_only_the_strong_tag_of_now_fits(header):
    with pytest.raises(PreconditionFailedError):
        Precondition.of(header).check(lambda: '"2"')


@pytest.mark.parametrize("header", [None, "*", '"2"', '"1", "2"'])
def test_no_condition_any_state_and_the_tag_of_now_fit(header):
    Precondition.of(header).check(lambda: '"2"')


def test_a_tag_refuses_what_has_no_plain_form():
    with pytest.raises(TypeError):
        entity_tag(object())
