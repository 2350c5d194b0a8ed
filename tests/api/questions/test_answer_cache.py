"""The cache of answers: what is kept, who gives way, and how a service shows it."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from api.questions.answer_cache import AnswerCache, CacheableQuestion, forget_gone
from generate.config import AnswerConfig
from generate.types import Answer, GuardNote, Turn, Usage
from index.db.tables.base import utc_now
from index.db.tables.documents import Document
from index.types import Actor, Scope
from ingest.lifecycle.management import delete_document
from tests.api.conftest import House
from tests.fakes.model_server import running_model_server

TEXT = "The ferry to Ardal leaves the north pier at nine. A ticket costs four crowns."
QUESTION = "When does the ferry to Ardal leave?"
ANN = Actor(Scope.of("default", ["user:ann"]), "user:ann")
GIVEN = Answer(
    status="answered", text="At nine.", sentences=(), citations=(), usage=Usage(9, 3, 0.5),
    snapshot="s", model="m", confidence=0.9, documents=("doc_1",),
)  # fmt: skip


def test_the_oldest_of_the_tenant_with_most_gives_way():
    cache = AnswerCache(3)
    cache.put("north", "a", GIVEN)
    for key in "bcd":
        cache.put("south", key, GIVEN)
    assert len(cache) == 3
    assert cache.get("north", "a")
    assert [bool(cache.get("south", key)) for key in "bcd"] == [False, True, True]


def test_what_was_asked_again_is_the_last_to_give_way():
    cache = AnswerCache(2)
    for key in "ab":
        cache.put("north", key, GIVEN)
    assert cache.get("north", "a")
    cache.put("north", "c", GIVEN)
    assert [bool(cache.get("north", key)) for key in "abc"] == [True, False, True]


def test_tenants_do_not_share_answers():
    cache = AnswerCache(3)
    cache.put("north", "a", GIVEN)
    assert cache.get("south", "a") is None


def test_what_drew_on_a_deleted_document_is_dropped():
    cache = AnswerCache(3)
    cache.put("north", "a", GIVEN)
    cache.put("north", "b", replace(GIVEN, documents=("doc_2",)))
    assert cache.documents() == {"doc_1", "doc_2"}
    cache.forget(["doc_1"])
    assert cache.documents() == {"doc_2"}


class Named:
    name = "m"


class Parts:
    """The dependencies that ``lasting`` looks at."""

    def __init__(self, model=Named, **config):
        self.model = model
        self.config = AnswerConfig(**config)


def lasting(reply, dependencies=None, history=(), *, judged=False):
    scope = Scope.of("north", [])
    return CacheableQuestion("?", scope, history, None, dependencies or Parts()).is_lasting(
        reply, is_judged=judged
    )


def test_only_whole_answers_are_kept():
    assert lasting(GIVEN)
    assert lasting(replace(GIVEN, status="no_evidence", notice="Nothing."))
    for status in ("partial", "blocked", "failed"):
        assert not lasting(replace(GIVEN, status=status))


@pytest.mark.parametrize("action", ["allow", "redact", "review", "block"])
def test_nothing_that_a_rule_of_the_policy_touched_is_kept(action):
    assert not lasting(replace(GIVEN, guard=(GuardNote("before", "r", action),)))


def test_what_stands_in_for_a_model_is_not_kept():
    assert not lasting(replace(GIVEN, model="quote", notice="The model is down."))
    assert not lasting(replace(GIVEN, model="second"))
    assert not lasting(replace(GIVEN, notice="It broke off."))
    failed = replace(GIVEN, status="no_evidence", model="quote", confidence=0.5)
    assert not lasting(failed)
    assert not lasting(replace(failed, confidence=0.01)), "the model decides"
    assert lasting(replace(failed, confidence=0.0001))
    assert lasting(replace(failed, confidence=0.01), Parts(model=None))


def test_quotes_are_kept_where_no_model_and_no_judge_could_have_failed():
    quoted_answer = replace(GIVEN, model="quote", notice="No language model is configured.")
    assert lasting(quoted_answer, Parts(model=None))
    assert not lasting(quoted_answer, Parts(model=None), judged=True)


def test_a_follow_up_is_kept_only_where_its_rewriting_cannot_have_failed():
    talk = (Turn("user", "And then?"),)
    assert lasting(GIVEN, Parts(), talk)
    assert not lasting(GIVEN, Parts(rewriting="model"), talk)
    assert lasting(GIVEN, Parts(rewriting="model"))


# Through the service.


@pytest.fixture
def server():
    with running_model_server(script="The ferry to Ardal leaves at nine. [1]") as running:
        yield running


@pytest.fixture
def house(tmp_path, server):
    model_settings = {"model_url": f"{server.url}/v1", "model_name": "m"}
    with House(tmp_path / "data", answer_cache=10, **model_settings) as house:
        yield house


def ask(person, **fields):
    answer = person.post("/v1/ask", json={"question": QUESTION, **fields})
    assert answer.status_code == 200, answer.text
    return answer


def same(answer):
    generated = {"answer_id", "timings", "usage"}
    return {name: value for name, value in answer.items() if name not in generated}


def test_a_kept_answer_costs_nothing_and_is_an_answer_of_its_own(house, server, ann):
    ann.add(TEXT)
    first = ask(ann).json()
    request_count = len(server.requests)
    again = ask(ann).json()
    assert same(again) == same(first)
    assert first["usage"]["prompt_tokens"] > 0
    assert again["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
    assert again["answer_id"] != first["answer_id"]
    assert set(again["timings"]) == {"recall"}
    stream = ask(ann, stream=True)
    assert stream.text.startswith("event: sentence")
    assert len(server.requests) == request_count
    admin = house.person("root", role="admin")
    metrics = admin.get("/metrics").text
    assert 'footnote_answer_cache_total{outcome="hit"} 2.0' in metrics
    assert 'footnote_answer_cache_total{outcome="miss"} 1.0' in metrics
    assert "footnote_answer_cache_entries 1.0" in metrics
    [line] = admin.get("/v1/admin/usage").json()["items"]
    assert (line["asks"], line["cached"]) == (3, 2)
    assert line["prompt_tokens"] == first["usage"]["prompt_tokens"]


def test_a_change_that_the_asker_can_see_counts_at_once_and_no_other_does(house, server, ann, bob):
    admin = house.person("root", role="admin")
    shared_id = ann.add(TEXT, allow=["user:ann", "group:hr/all"])
    member = {"member": "user:bob", "group": "group:hr/all"}
    admin.post("/v1/admin/members", json=member)
    assert ask(bob).json()["status"] == "answered"
    request_count = len(server.requests)
    ann.add("The ferry to Ardal leaves at ten, secretly.", filename="hidden.txt")
    assert ask(bob).json()["timings"].keys() == {"recall"}
    assert len(server.requests) == request_count
    admin.request("DELETE", "/v1/admin/members", params=member)
    assert ask(bob).json()["status"] == "no_evidence"
    admin.post("/v1/admin/members", json=member)
    assert ask(bob).json()["timings"].keys() == {"recall"}
    ann.request("DELETE", f"/v1/documents/{shared_id}")
    assert "nine" not in ask(bob).text
    assert all(shared_id not in entry.documents for entry in house.service.questions.answers._all())


def test_what_another_process_deleted_or_masked_is_dropped_by_and_by(house, ann):
    kept_id, masked_id, deleted_id = (ann.add(TEXT, filename=f"{n}.txt") for n in range(3))
    database, cache = house.service.database, house.service.questions.answers
    for document in (kept_id, masked_id, deleted_id):
        cache.put("default", document, replace(GIVEN, documents=(document,)))
    forget_gone(cache, database, 60)
    assert cache.documents() == {kept_id, masked_id, deleted_id}
    with database.write() as session:
        session.scalars(
            select(Document).where(Document.id == masked_id)
        ).one().masked_at = utc_now()
    delete_document(house.service.pipelines.current.library, ANN, deleted_id)
    forget_gone(cache, database, 60)
    assert cache.documents() == {kept_id}


def test_over_budget_a_kept_answer_is_still_given(tmp_path, server):
    (tmp_path / "models.yaml").write_text(
        f"models: [{{name: m, url: '{server.url}'}}]\n"
        "tiers: {standard: {user_tokens: {day: 1}}}\n",
        encoding="utf-8",
    )
    with House(tmp_path / "data", answer_cache=10, models=tmp_path / "models.yaml") as house:
        ann = house.person("ann")
        ann.add(TEXT)
        assert [ask(ann).json()["model"] for _ in range(2)] == ["m", "m"]
        other = ask(ann, question="How many crowns does a ticket cost?").json()
        assert other["notice"].startswith("The token budget is used up")
        again = ask(ann, question="How many crowns does a ticket cost?").json()
        assert again["notice"] == other["notice"]
        assert "recall" not in again["timings"]
