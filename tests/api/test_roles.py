"""Who may call which route: generated from the OpenAPI description, so that none is forgotten."""

import json

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
ROLES = ("reader", "evaluator", "contributor", "curator", "admin")
"""The roles within a tenant; an operator's key is a reader's that manages tenants besides."""


def least_role(path):
    """Return the lowest role that a route is for."""
    if path.startswith(ADMIN):
        return "admin"
    return "curator" if path.startswith(CURATOR) and path not in OWN else "reader"


def routes(description):
    for path, methods in description["paths"].items():
        for method, operation in methods.items():
            yield method.upper(), _filled(path), operation


def _filled(path):
    return path.replace("{page}", "1").replace("{", "").replace("}", "")


def test_every_route_but_the_health_checks_needs_a_key(house, description):
    for method, path, _ in routes(description):
        answer = house.client.request(method, path)
        if path in OPEN:
            assert answer.status_code == 200, path
        else:
            assert answer.status_code == 401, (method, path)


@pytest.mark.parametrize("role", [*ROLES, "operator"])
def test_a_role_opens_what_it_is_for_and_nothing_else(house, description, role):
    person = house.person("rita", role=role)
    for method, path, _ in routes(description):
        rank = ROLES.index(role.replace("operator", "reader"))
        enough = rank >= ROLES.index(least_role(path))
        if path.startswith(OPERATOR):
            enough = role == "operator"
        answer = person.request(method, path)
        is_refused = answer.status_code == 403 and answer.json()["code"] == "role-not-enough"
        assert is_refused is not enough, (role, method, path, answer.status_code)


def test_every_route_describes_its_problems_and_its_purpose(description):
    for method, path, operation in routes(description):
        assert operation["description"], (method, path)
        assert ("401" in operation["responses"]) is (path not in OPEN), (method, path)


def test_bodies_come_with_examples(description):
    text = json.dumps(description)
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


@pytest.mark.own_service
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


def test_a_contributor_publishes_to_everybody_and_an_evaluator_does_not(make_house):
    house = make_house(publishing="own")
    everybody = {"allow": ["tenant:all"]}
    assert house.person("cora", role="contributor").upload("Oil.", **everybody).status_code == 202
    for role in ("reader", "evaluator"):
        refused = house.person(f"{role}1", role=role).upload("Oil.", **everybody)
        assert refused.json()["code"] == "publishing-not-allowed"


def test_a_contributor_changes_nothing_of_others(house, ann):
    document = ann.add("The lamp is lit.", allow=["tenant:all"])
    cora = house.person("cora", role="contributor")
    reply = cora.request("PATCH", f"/v1/documents/{document}", json={"title": "Mine"})
    assert reply.status_code == 403


def test_an_evaluator_is_capped_by_the_tenant_alone(make_house):
    house = make_house(evaluations_per_person=1, evaluations_per_tenant=3)
    pause = {"dataset": "questions", "questions": [{"id": "q", "question": "Why?"}] * 500}
    for role, statuses in (("reader", [202, 429]), ("evaluator", [202, 202])):
        person = house.person(role, role=role)
        assert [
            person.post("/v1/evaluations", json=pause).status_code for _ in statuses
        ] == statuses


def test_everybody_sees_their_name_rights_and_limits(make_house):
    house = make_house(evaluations_per_person=4, rate_limit=600)
    me = house.person("eva", role="evaluator").get("/v1/me").json()
    assert (me["name"], me["role"]) == ("eva", "evaluator")
    assert me["rights"] == ["ask", "upload", "evaluate", "measure"]
    assert me["limits"]["requests_per_minute"] == 600
    assert me["limits"]["evaluations_waiting"] is None
    assert house.person("rob").get("/v1/me").json()["limits"]["evaluations_waiting"] == 4
    operator = house.person("olga", role="operator").get("/v1/me").json()
    assert "operate" in operator["rights"]
