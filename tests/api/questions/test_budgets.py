"""Token budgets, rates of users and tenants, and the usage report, through the service."""

import json
import threading
from contextlib import ExitStack
from datetime import UTC, date, datetime

import pytest

from api.cli import main
from api.questions.token_budget import spent_budget
from api.questions.usage import Bill, TokenTotals, UsageLine, add_bill, sum_tokens, usage_report
from generate.llm.registry import Registry, Tier
from generate.types import Usage
from index.db.database import Database
from index.types import Actor, Scope
from tests.api.conftest import House
from tests.api.evaluations.test_run_store import begin, ended
from tests.fakes.model_replies import prompt_tokens
from tests.fakes.model_server import running_model_server

TEXT = "The ferry to Ardal leaves the north pier at nine. A ticket costs four crowns."
QUESTION = "When does the ferry to Ardal leave?"
SAID = "The ferry to Ardal leaves at nine. [1]"


def actor(user="ann", tenant="north"):
    return Actor(Scope.of(tenant, [f"user:{user}"]), f"user:{user}")


ANN, BOB = actor(), actor("bob")


@pytest.fixture(params=["sqlite", "postgresql"])
def database(request, tmp_path):
    if request.param == "postgresql":
        database = Database(request.getfixturevalue("postgres_url"))
    else:
        database = Database.in_folder(tmp_path / "store")
    database.create()
    yield database
    database.engine.dispose()


def pay(database, who, prompt, completion=0, model="m", *, cached=False):
    with database.write() as session:
        add_bill(session, who, Bill(model, {model: Usage(prompt, completion, 0.5)}, cached))


def terms(**given):
    return Tier.model_validate(given)


def test_tokens_add_up_by_day_and_month_for_the_user_and_the_tenant(database):
    pay(database, ANN, 10, 5)
    pay(database, ANN, 20)
    pay(database, BOB, 100)
    pay(database, actor(tenant="south"), 1000)
    today = datetime.now(UTC).date()
    later = date(today.year, today.month, 28)
    with database.read() as session:
        assert sum_tokens(session, ANN, today) == TokenTotals(135, 135, 35, 35)
        if later != today:
            assert sum_tokens(session, ANN, later) == TokenTotals(0, 135, 0, 35)
        assert sum_tokens(session, ANN, date(today.year + 1, 1, 1)) == TokenTotals()


def test_processes_that_count_at_the_same_time_lose_nothing(database):
    threads = [
        threading.Thread(target=lambda: [pay(database, ANN, 1) for _ in range(5)]) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.read() as session:
        assert sum_tokens(session, ANN, datetime.now(UTC).date()).user_day == 20


def test_a_budget_is_used_up_when_it_is_reached_and_the_wait_lasts_until_all_are_filled(database):
    now = datetime.now(UTC)
    assert spent_budget(database, ANN, terms(user_tokens={"day": 1})) is None
    pay(database, ANN, 30)
    assert spent_budget(database, ANN, Tier()) is None
    assert spent_budget(database, ANN, terms(user_tokens={"day": 31})) is None
    assert spent_budget(database, BOB, terms(user_tokens={"day": 30})) is None
    assert spent_budget(database, BOB, terms(tenant_tokens={"day": 30})) is not None
    assert spent_budget(database, BOB, terms(tenant_tokens={"month": 30})) is not None
    noon = datetime(now.year, now.month, now.day, 12, tzinfo=UTC)
    over = spent_budget(database, ANN, terms(user_tokens={"day": 30}), noon)
    assert over.retry_after == 12 * 3600
    both = terms(user_tokens={"day": 30, "month": 30})
    over = spent_budget(database, ANN, both, noon)
    end = datetime(now.year + now.month // 12, now.month % 12 + 1, 1, tzinfo=UTC)
    assert over.retry_after == (end - noon).total_seconds()


def test_nothing_may_be_spent_of_a_budget_of_nothing(database):
    assert spent_budget(database, ANN, terms(user_tokens={"day": 0})) is not None


def test_the_report_groups_by_tenant_user_and_model(database):
    pay(database, ANN, 10, 5)
    pay(database, ANN, 0, model="quote", cached=True)
    pay(database, BOB, 100)
    pay(database, actor(tenant="south"), 1)
    report = usage_report(database, None)
    assert report.items == [
        UsageLine("north", "north", 3, 1, 110, 5, 1.5),
        UsageLine("south", "south", 1, 0, 1, 0, 0.5),
    ]
    by_user = usage_report(database, "north", by="user").items
    assert [(line.name, line.asks, line.prompt_tokens) for line in by_user] == [
        ("user:ann", 2, 10), ("user:bob", 1, 100),
    ]  # fmt: skip
    by_model = usage_report(database, "north", by="model").items
    assert [(line.name, line.asks) for line in by_model] == [("m", 2), ("quote", 1)]
    assert usage_report(database, None, since=date(2999, 1, 1)).items == []


def test_a_models_price_is_known_by_its_name():
    models = [{"name": "m", "url": "http://h", "price": {"prompt": 2, "completion": 4}}]
    registry = Registry.model_validate({"models": models})
    assert registry.cost("m", 500_000, 250_000) == 2.0
    assert registry.cost("other", 500_000, 250_000) == 0.0


# Through the service.


@pytest.fixture
def server():
    with running_model_server(script=SAID) as running:
        yield running


@pytest.fixture
def open_house(tmp_path, server):
    def opened(*, rewriting="rules", **tier):
        models = {
            "models": [
                {"name": "m", "url": server.url, "price": {"prompt": 1e6, "completion": 1e6}}
            ],
            "tiers": {"standard": tier},
        }
        (tmp_path / "models.yaml").write_text(json.dumps(models), encoding="utf-8")
        return House(tmp_path / "data", models=tmp_path / "models.yaml", rewriting=rewriting)

    return opened


def ask(person, **fields):
    return person.post("/v1/ask", json={"question": QUESTION, **fields})


def test_over_budget_the_quoting_answerer_takes_over_and_says_so(open_house, server):
    with open_house(user_tokens={"day": 1}) as house:
        ann, bob = house.person("ann"), house.person("bob")
        ann.add(TEXT, allow=["tenant:all"])
        first = ask(ann).json()
        assert (first["model"], first["usage"]["cost"] > 0) == ("m", True)
        request_count = len(server.requests)
        second = ask(ann).json()
        assert (second["status"], second["model"]) == ("answered", "quote")
        assert second["notice"].startswith("The token budget is used up")
        assert second["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost": 0.0}
        assert len(server.requests) == request_count
        assert ask(bob).json()["model"] == "m"


def test_where_the_operator_chooses_it_an_ask_over_budget_is_refused_before_work(
    open_house, server
):
    with open_house(tenant_tokens={"month": 1}, over_budget="refuse") as house:
        ann, bob = house.person("ann"), house.person("bob")
        ann.add(TEXT, allow=["tenant:all"])
        assert ask(ann).status_code == 200
        request_count = len(server.requests)
        for person in (ann, bob):
            reply = ask(person)
            assert (reply.status_code, reply.json()["code"]) == (429, "budget-spent")
            assert int(reply.headers["retry-after"]) >= 1
        assert len(server.requests) == request_count
        assert ann.post("/v1/search", json={"query": "ferry"}).status_code == 200
        stranger = house.person("ann", tenant="elsewhere")
        assert ask(stranger).status_code == 200


def test_what_was_asked_is_reported_to_the_tenants_administrator_alone(
    open_house, tmp_path, capsys
):
    with open_house() as house:
        ann, admin = house.person("ann"), house.person("root", role="admin")
        ann.add(TEXT, allow=["tenant:all"])
        usage = ask(ann).json()["usage"]
        ask(ann, question="Who is the mayor of Ardal?")
        report = admin.get("/v1/admin/usage", params={"by": "user"}).json()
        [line] = report["items"]
        assert (line["name"], line["asks"]) == ("user:ann", 2)
        assert line["prompt_tokens"] >= usage["prompt_tokens"] > 0
        assert line["cost"] >= usage["cost"] > 0
        assert admin.get("/v1/admin/usage", params={"since": "2999-01-01"}).json()["items"] == []
        stranger = house.person("root", role="admin", tenant="elsewhere")
        assert stranger.get("/v1/admin/usage").json()["items"] == []
        metrics = admin.get("/metrics").text
        assert 'footnote_model_tokens_total{kind="prompt",model="' in metrics
    capsys.readouterr()
    assert main(["admin", "usage", "--by", "user", "--json", "--data", str(tmp_path / "data")]) == 0
    assert json.loads(capsys.readouterr().out)["items"] == [line]
    assert main(["admin", "usage", "--data", str(tmp_path / "data")]) == 0
    assert "2 asks" in capsys.readouterr().out
    assert main(["admin", "usage", "--since", "soon", "--data", str(tmp_path / "data")]) == 2


def test_users_and_tenants_have_rates_of_their_own(open_house):
    with open_house(user_requests=12, tenant_requests=18) as house:
        ann, again, bob = house.person("ann"), house.person("ann"), house.person("bob")
        stranger = house.person("ann", tenant="elsewhere")
        statuses = [person.get("/v1/documents").status_code for person in (ann, again, ann)]
        assert statuses == [200, 200, 429]
        assert [bob.get("/v1/documents").status_code for _ in range(2)] == [200, 429]
        response = bob.get("/v1/documents")
        assert response.json()["code"] == "rate-limited"
        assert int(response.headers["retry-after"]) >= 1
        assert stranger.get("/v1/documents").status_code == 200


JUDGED = '{"verdict": "supported", "reason": "It says so."}'
POLICY = """
version: "1"
rules:
  - name: moderation
    stages: [before, after]
    action: block
    model: {{format: qwen3guard, url: "{url}", name: guard, timeout_s: 5}}
"""


@pytest.fixture
def judge():
    with running_model_server(script=JUDGED) as running:
        yield running


@pytest.fixture
def watched_house(tmp_path, judge):
    """Open a service whose writer, judge and guard are models on servers of their own."""
    with ExitStack() as stack:

        def serve(text):
            return stack.enter_context(running_model_server(script=text))

        def opened(*, guard="Safety: Safe\nCategories: None", **tier):
            writer, warden = serve(SAID), serve(guard)
            listed = [("m", writer, True), ("judge", judge, False), ("guard", warden, False)]
            models = [
                {"name": name, "url": server.url, "serving": serving, "price": {"prompt": 1e6}}
                for name, server, serving in listed
            ]
            registry = {"models": models, "tiers": {"standard": tier}}
            (tmp_path / "models.yaml").write_text(json.dumps(registry), encoding="utf-8")
            (tmp_path / "policy.yaml").write_text(POLICY.format(url=warden.url))
            return stack.enter_context(
                House(
                    tmp_path / "data", models=tmp_path / "models.yaml", verifier="judge",
                    judge_url=judge.url, judge_name="judge", policy=tmp_path / "policy.yaml",
                )
            )  # fmt: skip

        yield opened


def spent_on(admin):
    items = admin.get("/v1/admin/usage", params={"by": "model"}).json()["items"]
    return {line["name"]: (line["prompt_tokens"], line["cost"]) for line in items}


def test_an_answer_costs_what_its_writer_its_judge_and_its_guard_have_read(watched_house):
    house = watched_house()
    ann, admin = house.person("ann"), house.person("root", role="admin")
    ann.add(TEXT, allow=["tenant:all"])
    reply = ask(ann).json()
    assert (reply["status"], reply["model"]) == ("answered", "m")
    usage = spent_on(admin)
    assert set(usage) == {"m", "judge", "guard"}
    assert all(tokens == cost > 0 for tokens, cost in usage.values())
    total = sum(tokens for tokens, _ in usage.values())
    assert reply["usage"]["prompt_tokens"] == reply["usage"]["cost"] == total


def test_whoever_starts_an_evaluation_pays_its_judge(watched_house, judge):
    house = watched_house()
    ann, admin = house.person("ann"), house.person("root", role="admin")
    ann.add(TEXT, allow=["tenant:all"])
    body = {"id": "q", "question": QUESTION, "answers": ["at nine"]}
    run = ended(ann, begin(ann, dataset="questions", questions=[body]))
    assert run["state"] == "succeeded", run
    assert len(judge.requests) > 1
    prompt_size = sum(prompt_tokens(request["messages"]) for request in judge.requests)
    assert spent_on(admin)["judge"] == (prompt_size, prompt_size)


def test_a_rewritten_question_is_paid_for_by_who_asked_it(open_house):
    with open_house(rewriting="model") as house:
        ann, admin = house.person("ann"), house.person("root", role="admin")
        ann.add(TEXT, allow=["tenant:all"])
        thread = ann.post("/v1/conversations", json={}).json()["conversation_id"]
        body = [ask(ann, conversation_id=thread).json()["usage"] for _ in range(2)]
        sums = [sum(usage[kind] for usage in body) for kind in ("prompt_tokens", "cost")]
        [line] = admin.get("/v1/admin/usage", params={"by": "user"}).json()["items"]
        assert [line["prompt_tokens"], line["cost"]] == sums
        assert body[1]["completion_tokens"] > body[0]["completion_tokens"]


def test_a_guard_that_stops_a_question_has_cost_its_asker_tokens(watched_house):
    house = watched_house(guard="Safety: Unsafe\nCategories: Violent", user_tokens={"day": 1})
    ann, admin = house.person("ann"), house.person("root", role="admin")
    reply = ask(ann).json()
    assert (reply["status"], reply["usage"]["prompt_tokens"] > 0) == ("blocked", True)
    assert spent_on(admin)["guard"][0] == reply["usage"]["prompt_tokens"]
    with house.service.database.read() as session:
        me = Actor(Scope.of("default", ["user:ann"]), "user:ann")
        totals = sum_tokens(session, me, datetime.now(UTC).date())
    assert totals.user_day >= reply["usage"]["prompt_tokens"]


def test_over_budget_no_writer_is_asked_and_the_guard_still_is(watched_house):
    house = watched_house(user_tokens={"day": 1})
    ann, admin = house.person("ann"), house.person("root", role="admin")
    ann.add(TEXT, allow=["tenant:all"])
    ask(ann)
    before = spent_on(admin)
    reply = ask(ann).json()
    assert (reply["status"], reply["model"]) == ("answered", "quote")
    after = spent_on(admin)
    assert after["m"] == before["m"]
    assert after["guard"][0] - before["guard"][0] == reply["usage"]["prompt_tokens"] > 0
