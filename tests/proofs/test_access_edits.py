"""Edits at the same time, on both databases: every acknowledged edit is in the end state.

Each history has its own document and several writers, each with a field of its own, and two who
add readers to the same list under ``If-Match``. An edit that was answered 200 must be seen at the
end, and a person who was denied must not read. Some histories share a tenant: its lists and queues
stay short, so that the thousandth history costs as much as the first.

More histories: ``FOOTNOTE_PROOF_HISTORIES=1000 pytest tests/proofs/test_access_edits.py``.
"""

import os
import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import count
from threading import Barrier

import pytest

from index.db.database import Database
from tests.api.conftest import House
from tests.postgres import fresh_database
from tests.proofs.seed import SEED

HISTORIES = int(os.environ.get("FOOTNOTE_PROOF_HISTORIES", "6"))
KINDS = ["hidden", "injection", "personal", "secret"]
EDITS = 3
"""Edits that one writer makes in a history at most."""


HISTORIES_OF_TENANT = 25
TENANTS = count()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def house(request, tmp_path_factory):
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            server, template = map(
                request.getfixturevalue, ("postgres_server", "migrated_postgres")
            )
            url = stack.enter_context(fresh_database(server, template))
            Database(url).create()  # gives the store secrets of its own
        folder = tmp_path_factory.mktemp("edits")
        yield stack.enter_context(House(folder, workers=0, database_url=url))


def histories(house, **roles):
    """Yield each history's number and its people, by name and role."""
    people = []
    for history in range(HISTORIES):
        if history % HISTORIES_OF_TENANT == 0:
            tenant = f"edits-{next(TENANTS)}"
            people = [house.person(name, role=role, tenant=tenant) for name, role in roles.items()]
        yield history, *people


def at_once(tasks: list[Callable[[], object]]) -> list[object]:
    """Run tasks in threads that start together; return what each returned."""
    barrier = Barrier(len(tasks))

    def run(task):
        barrier.wait(timeout=30)
        return task()

    with ThreadPoolExecutor(len(tasks)) as threads:
        return list(threads.map(run, tasks))


class Writer:
    """Somebody who edits one field of a document, one edit after the other."""

    def __init__(self, person, path, name, values):
        self.person, self.path, self.name, self.values = person, path, name, values

    def __call__(self):
        for value in self.values:
            answer = self.person.request("PATCH", self.path, json={self.name: value})
            assert answer.status_code == 200, answer.text
            assert answer.json()[self.name] == value
        return self.name, self.values[-1]


class Adder:
    """Somebody who adds readers to a list as it is, and reads it again where it has changed."""

    def __init__(self, person, path, readers):
        self.person, self.path, self.readers = person, path, readers

    def __call__(self):
        for reader in self.readers:
            while not self._adds(reader):
                pass
        return "added", self.readers

    def _adds(self, reader):
        seen = self.person.get(self.path)
        answer = self.person.request(
            "PATCH",
            self.path,
            json={"allow": [*seen.json()["allow"], reader]},
            headers={"If-Match": seen.headers.get("ETag", "*")},
        )
        assert answer.status_code in {200, 412}, answer.text
        return answer.status_code == 200


def writers_of(history, person, path, rng):
    """Return the writers of a history: what is edited how often, and in which order they start."""
    count = rng.randint(1, EDITS)
    numbers = [f"{history}.{number}" for number in range(count)]
    tasks = [
        Writer(person, path, "deny", [["user:bob", f"user:x{n}"] for n in numbers]),
        Writer(person, path, "title", [f"Title {n}" for n in numbers]),
        Writer(person, path, "attributes", [{"number": n} for n in numbers]),
        Writer(person, path, "licence", [f"Licence {n}" for n in numbers]),
        *(Adder(person, path, [f"user:{who}{n}" for n in numbers]) for who in ("p", "q")),
    ]
    rng.shuffle(tasks)
    return tasks


def test_every_acknowledged_edit_of_a_document_is_in_the_end_state(house):
    rng = random.Random(SEED)
    for history, ann, bob in histories(house, ann="reader", bob="reader"):
        fields = {"allow": ["user:ann", "tenant:all"]}
        accepted = ann.upload(f"Lamp {history}.", filename=f"{history}.txt", **fields).json()
        path = f"/v1/documents/{accepted['document_id']}"
        assert bob.get(path).status_code == 200
        acknowledged = at_once(writers_of(history, ann, path, rng))
        end = ann.get(path).json()
        allow = {"user:ann", "tenant:all"}
        for name, value in acknowledged:
            if name == "added":
                allow |= set(value)
            else:
                assert end[name] == value, (history, SEED)
        assert set(end["allow"]) == allow, (history, SEED)
        assert bob.get(path).status_code == 404, (history, SEED)


def test_a_deny_at_the_same_time_as_an_allow_holds(house):
    for history, ann, bob in histories(house, ann="reader", bob="reader"):
        accepted = ann.upload(f"Oil {history}.", filename=f"{history}.txt").json()
        path = f"/v1/documents/{accepted['document_id']}"
        at_once(
            [
                Writer(ann, path, "deny", [["user:bob"]]),
                Writer(ann, path, "allow", [["tenant:all", "user:ann"]]),
            ]
        )
        assert ann.get(path).json()["deny"] == ["user:bob"]
        assert bob.get(path).status_code == 404, history


def test_every_acknowledged_edit_of_the_screening_policy_is_in_the_end_state(house):
    for history, root in histories(house, root="admin"):
        action = ["keep", "mask", "quarantine"][history % 3]
        answers = at_once([_screening(root, kind, action) for kind in KINDS])
        assert [answer.status_code for answer in answers] == [200] * len(KINDS)
        tenant = root.get("/v1/admin/screening").json()["tenant"]
        assert tenant == dict.fromkeys(KINDS, action), history


def test_every_acknowledged_change_of_the_groups_is_in_the_end_state(house):
    for history, root in histories(house, root="admin"):
        if history % HISTORIES_OF_TENANT == 0:
            root.post("/v1/admin/members", json={"member": "user:ann", "group": "group:hr/all"})
        group = f"group:hr/{history}"
        names = [f"user:{history}.{number}" for number in (1, 2, 2, 3)]
        answers = at_once([_join(root, name, group) for name in names])
        assert [answer.status_code for answer in answers] == [204] * len(names)
        members = root.get("/v1/admin/members").json()["items"]
        assert {m["member"] for m in members if m["group"] == group} == set(names)


def test_the_rules_of_a_source_are_those_of_one_edit_and_never_a_mixture(house):
    for history, cora in histories(house, cora="curator"):
        rules = [_rules(history, number) for number in range(4)]
        kept = at_once([_source(cora, rule) for rule in rules])
        assert {answer.status_code for answer in kept} == {201}
        listed = cora.get("/v1/sources").json()["items"]
        here = [source for source in listed if source["location"] == rules[0]["location"]]
        assert len(here) == 1
        assert {name: here[0][name] for name in rules[0]} in rules


def _rules(history, number):
    return {
        "kind": "folder",
        "location": f"/shelf/{history}",
        "allow": ["user:ann" if number % 2 else "user:cora"],
        "deny": [f"user:x{number // 2}"],
        "licence": f"Licence {number}",
        "retention_days": number + 1,
    }


def _screening(person, kind, action):
    return lambda: person.request("PATCH", "/v1/admin/screening", json={kind: action})


def _join(person, member, group):
    body = {"member": member, "group": group}
    return lambda: person.post("/v1/admin/members", json=body)


def _source(person, rules):
    return lambda: person.post("/v1/sources", json=rules)
