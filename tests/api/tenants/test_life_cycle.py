"""Tenants are made, limited, suspended and resumed by operators, and by nobody else."""

import json
import threading

import pytest

from api.auth.api_keys import create_key
from api.cli import main
from api.errors import InvalidRequestError
from api.tenants.life_cycle import create_tenant, suspend_tenant
from index.access.tenants import Amounts
from index.errors import QueueFullError, TenantSuspendedError
from index.queue_caps import QueueCaps
from index.types import Actor, Scope
from ingest.errors import JobNotRunnableError, QuotaError
from ingest.queue.leases import anything_due, beat, lease_next
from ingest.upload import Upload, accept
from tests.fakes.store import Shelf

TENANTS = "/v1/admin/tenants"


@pytest.fixture(params=["sqlite", "postgresql"])
def shelf(request, tmp_path):
    url = request.getfixturevalue("postgres_url") if request.param == "postgresql" else None
    shelf = Shelf(tmp_path, url=url)
    yield shelf
    shelf.database.engine.dispose()


@pytest.fixture
def olga(house):
    return house.person("olga", role="operator")


def upload(shelf, name, *, text="The lamp.", tenant="harbour", caps=None):
    ann = Actor(Scope.of(tenant, ["user:ann"]), "user:ann")
    file = Upload(f"{name}.txt", [text.encode()])
    return accept(shelf.library, ann, file, limit_bytes=100, caps=caps or QueueCaps())


@pytest.mark.own_service
def test_a_tenant_is_made_shown_and_changed_with_its_usage_beside_its_quotas(house, olga):
    made = olga.post(TENANTS, json={"tenant": "harbour", "quotas": {"documents": 2}})
    assert made.status_code == 201
    ann = house.person("ann", tenant="harbour")
    ann.add("The lamp is lit.")
    changed = olga.request("PATCH", f"{TENANTS}/harbour", json={"quotas": {"asks": 5}}).json()
    assert (changed["quotas"]["documents"], changed["quotas"]["asks"]) == (2, 5)
    shown = olga.get(f"{TENANTS}/harbour").json()
    assert (shown["state"], shown["usage"]["documents"], shown["usage"]["bytes"]) == (
        "active", 1, 16,
    )  # fmt: skip
    names = [item["tenant"] for item in olga.get(TENANTS).json()["items"]]
    assert names == ["default", "harbour"]
    root = house.person("root", role="admin", tenant="harbour")
    assert root.get("/v1/admin/tenant").json() == shown


def test_an_id_is_taken_once_and_well_formed(house, olga):
    for tenant, status in (("default", 409), ("operators", 409), ("Pier", 422), ("a/b", 422)):
        assert olga.post(TENANTS, json={"tenant": tenant}).status_code == status
    assert olga.get(f"{TENANTS}/operators").status_code == 404
    assert olga.post(f"{TENANTS}/operators/suspend").status_code == 404


def test_an_administrator_can_neither_make_nor_see_an_operators_key(house, olga):
    root = house.person("root", role="admin")
    refused = root.post("/v1/admin/keys", json={"user": "root", "role": "operator"})
    assert refused.status_code == 422
    assert {key["role"] for key in root.get("/v1/admin/keys").json()["items"]} == {"admin"}
    with pytest.raises(InvalidRequestError, match="operators alone"):
        create_key(house.service.database, "operators", "root", role="admin")


def test_a_suspended_tenant_is_refused_at_once_and_others_are_not_touched(house, olga):
    olga.post(TENANTS, json={"tenant": "harbour"})
    ann, bob = house.person("ann", tenant="harbour"), house.person("bob")
    document_id = ann.add("The lamp is lit at dusk.")
    olga.post(f"{TENANTS}/harbour/suspend")
    for method, path in (("GET", f"/v1/documents/{document_id}"), ("POST", "/v1/ask")):
        refused = ann.request(method, path)
        assert (refused.status_code, refused.json()["code"]) == (403, "tenant-suspended")
    assert bob.get("/v1/documents").status_code == 200
    olga.post(f"{TENANTS}/harbour/resume")
    assert ann.get(f"/v1/documents/{document_id}").status_code == 200


def test_no_job_of_a_suspended_tenant_begins_and_one_under_way_commits_nothing(shelf):
    create_tenant(shelf.database, "harbour")
    upload(shelf, "one")
    lease = lease_next(shelf.library)
    suspend_tenant(shelf.database, "harbour")
    with pytest.raises(JobNotRunnableError):
        beat(shelf.library, lease)
    assert not anything_due(shelf.library)
    assert lease_next(shelf.library) is None
    with pytest.raises(TenantSuspendedError):
        upload(shelf, "two")
    assert upload(shelf, "other", tenant="default")
    assert len(list(shelf.library.blobs.names())) == 2


def test_two_uploads_at_once_cannot_both_take_the_last_place(shelf):
    create_tenant(shelf.database, "harbour", quotas=Amounts(documents=2))
    upload(shelf, "first")
    outcomes, barrier = [], threading.Barrier(4)

    def race(number):
        barrier.wait()
        try:
            outcomes.append(upload(shelf, f"file {number}").document_id)
        except QuotaError as error:
            outcomes.append(error)

    threads = [threading.Thread(target=race, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refused = [outcome for outcome in outcomes if isinstance(outcome, QuotaError)]
    assert len(refused) == 3
    assert "quota of 2 documents" in str(refused[0])
    assert len(list(shelf.library.blobs.names())) == 2


def test_a_tenants_quota_of_jobs_takes_the_place_of_the_services_cap(shelf):
    create_tenant(shelf.database, "harbour", quotas=Amounts(jobs=2))
    for name in ("one", "two"):
        upload(shelf, name, caps=QueueCaps(tenant=1))
    with pytest.raises(QueueFullError, match="quota of 2 jobs under way"):
        upload(shelf, "three", caps=QueueCaps(tenant=9))
    upload(shelf, "one", caps=QueueCaps(tenant=1))  # it is recognised, so it adds no job
    create_tenant(shelf.database, "pier")
    upload(shelf, "one", tenant="pier", caps=QueueCaps(tenant=1))
    with pytest.raises(QueueFullError):
        upload(shelf, "two", tenant="pier", caps=QueueCaps(tenant=1))


@pytest.mark.own_service
def test_asks_of_a_day_and_evaluations_are_refused_beyond_the_quota(house, olga):
    quotas = {"asks": 1, "evaluations": 0}
    olga.post(TENANTS, json={"tenant": "harbour", "quotas": quotas})
    ann, bob = house.person("ann", tenant="harbour"), house.person("bob")
    ann.add("The lamp is lit at dusk.")
    question = {"question": "When is the lamp lit?"}
    assert ann.post("/v1/ask", json=question).status_code == 200
    refused = ann.post("/v1/ask", json=question)
    assert (refused.status_code, refused.json()["code"]) == (429, "ask-quota-spent")
    assert int(refused.headers["Retry-After"]) > 0
    assert bob.post("/v1/ask", json=question).status_code == 200
    refused = ann.post("/v1/evaluations", json={"dataset": "generated"})
    assert (refused.status_code, refused.json()["code"]) == (429, "queue-full")
    assert "0 evaluations under way" in refused.json()["detail"]


def test_the_command_line_makes_a_tenant_and_its_first_key(tmp_path, capsys):
    data = ["--data", str(tmp_path), "--json"]
    assert main(["admin", "key", "create", "--user", "ann", "--tenant", "harbour", *data]) == 2
    assert main(["admin", "tenant", "create", "harbour", "--quota", "documents=5", *data]) == 0
    assert main(["admin", "key", "create", "--user", "ann", "--tenant", "harbour", *data]) == 0
    assert main(["admin", "tenant", "quota", "harbour", "--quota", "documents=none", *data]) == 0
    assert main(["admin", "tenant", "suspend", "harbour", *data]) == 0
    capsys.readouterr()
    assert main(["admin", "key", "list", "--tenant", "harbour", *data]) == 0
    assert [key["user"] for key in json.loads(capsys.readouterr().out)["keys"]] == ["user:ann"]
    assert main(["admin", "tenant", "show", "harbour", *data]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["state"], shown["quotas"]["documents"]) == ("suspended", None)
    assert main(["admin", "tenant", "quota", "harbour", "--quota", "dogs=1", *data]) == 2
