"""Who may call which route: generated from the OpenAPI description, so that none is forgotten."""

import pytest
from sqlalchemy import select

from index.db.tables.access import Tenant
from index.db.tables.evaluations import EvaluationRun

OPEN = {"/healthz", "/livez", "/readyz"}
ADMIN = ("/v1/admin/", "/metrics")
CURATOR = ("/v1/sources", "/v1/quarantine", "/v1/reviews")
OPERATOR = "/v1/admin/tenants"
OWN = {"/v1/reviews/review_id"}
"""Open to everybody who has one."""
ROLES = ("reader", "curator", "admin")
"""The roles within a tenant; an operator's key is a reader's that manages tenants besides."""


def least_role(path):
    """Return the lowest role that a route is for."""
    if path.startswith(ADMIN):
        return "admin"
    return "curator" if path.startswith(CURATOR) and path not in OWN else "reader"


def routes(house):
    described = house.client.get("/openapi.json").json()
    for path, methods in described["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), _filled(path), operation


def _filled(path):
    return path.replace("{page}", "1").replace("{", "").replace("}", "")


def test_every_route_but_the_health_checks_needs_a_key(house):
    for method, path, _ in routes(house):
        answer = house.client.request(method, path)
        if path in OPEN:
            assert answer.status_code == 200, path
        else:
            assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize("role", [*ROLES, "operator"])
def test_a_role_opens_what_it_is_for_and_nothing_else(house, role):
    person = house.person("rita", role=role)
    for method, path, _ in routes(house):
        rank = ROLES.index(role.replace("operator", "reader"))
        enough = rank >= ROLES.index(least_role(path))
        if path.startswith(OPERATOR):
            enough = role == "operator"
        answer = person.request(method, path)
        is_refused = answer.status_code == 403 and answer.json()["code"] == "role-not-enough"
        assert is_refused is not enough, (role, method, path, answer.status_code)


def test_every_route_describes_its_problems_and_its_purpose(house):
    for method, path, operation in routes(house):
        assert operation["description"], (method, path)
        assert ("401" in operation["responses"]) is (path not in OPEN), (method, path)


def test_bodies_come_with_examples(house):
    text = house.client.get("/openapi.json").text
    for word in ("annual leave", "group:hr/all", "multipart/form-data"):
        assert word in text


def test_an_administrator_makes_and_revokes_keys(house):
    admin = house.person("root", role="admin")
    response = admin.post("/v1/admin/keys", json={"user": "ann", "groups": ["hr/all"]})
    assert response.status_code == 201
    key = {"Authorization": f"Bearer {response.json()['key']}"}
    assert house.client.get("/v1/documents", headers=key).status_code == 200
    admin.request("DELETE", f"/v1/admin/keys/{response.json()['key_id']}")
    assert house.client.get("/v1/documents", headers=key).status_code == 401
    listed = admin.get("/v1/admin/keys")
    assert response.json()["key"] not in listed.text


def test_a_group_change_is_seen_by_the_next_request(house, ann, bob):
    admin = house.person("root", role="admin")
    document_id = ann.add("The lamp is lit.", allow=["group:hr/all"])
    member = {"member": "user:bob", "group": "group:hr/all"}
    assert bob.get(f"/v1/documents/{document_id}").status_code == 404
    assert admin.post("/v1/admin/members", json=member).status_code == 204
    assert bob.get(f"/v1/documents/{document_id}").status_code == 200
    admin.request("DELETE", "/v1/admin/members", params=member)
    assert bob.get(f"/v1/documents/{document_id}").status_code == 404


def test_an_administrator_reads_no_content_by_role(house, ann):
    document_id = ann.add("The lamp is lit.")
    admin = house.person("root", role="admin")
    assert admin.get(f"/v1/documents/{document_id}").status_code == 404
    assert admin.get("/v1/documents").json()["items"] == []


def test_tenants_are_a_wall(house, ann):
    document_id = ann.add("The lamp is lit.", allow=["tenant:all"])
    stranger = house.person("ann", role="admin", tenant="other")
    assert stranger.get(f"/v1/documents/{document_id}").status_code == 404
    assert stranger.post("/v1/search", json={"query": "lamp"}).json()["passages"] == []
    assert len(stranger.get("/v1/admin/keys").json()["items"]) == 1


def test_an_evaluation_run_is_seen_by_who_started_it_and_by_nobody_else(house):
    carol = house.person("carol")
    others = [house.person("root", role="admin"), house.person("dora", role="curator")]
    stranger = house.person("carol", role="curator", tenant="other")
    with house.service.database.write() as session:
        assert session.scalar(select(Tenant).where(Tenant.id == "default"))
        session.add(
            EvaluationRun(
                id="run_1", tenant="default", owner="user:carol", kind="answers",
                report={"metrics": {"auroc": 0.9}},
            )
        )  # fmt: skip
    assert [run["evaluation_id"] for run in carol.get("/v1/evaluations").json()["items"]] == [
        "run_1"
    ]
    assert carol.get("/v1/evaluations/run_1").json()["report"] == {"metrics": {"auroc": 0.9}}
    for other in (stranger, *others):
        assert other.get("/v1/evaluations/run_1").status_code == 404
        assert other.get("/v1/evaluations").json()["items"] == []
