"""Webhooks: what is sent, to whom, how it is signed, repeated and given up."""

import json
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler
from itertools import count

import pytest
from sqlalchemy import select, update
from standardwebhooks import Webhook as Receiver
from standardwebhooks.webhooks import WebhookVerificationError

from api.auth.api_keys import revoke_key
from api.auth.people import resume_person, suspend_person
from api.webhooks.delivery_queue import CLAIM, PAUSES, claim_message, forget_deliveries
from api.webhooks.delivery_worker import DeliveryDependencies, send_next, work_deliveries
from index.db.tables.base import utc_now
from index.db.tables.webhooks import Webhook, WebhookDelivery
from index.egress.address_policy import networks
from index.egress.fetcher import Fetcher
from index.webhooks.outbox import PING, queue_delivery
from tests.api.conftest import House
from tests.fakes.threaded_server import answering_with

URL = "http://hooks.example:{port}/in"
ALL = ["document.ready", "document.failed", "review.decided", "evaluation.finished"]
MOST_FAILURES = 3


@dataclass
class Inbox:
    """A receiver: the status that it answers with, and what has come."""

    port: int = 0
    status: int = 204
    messages: list[tuple[dict[str, str], bytes]] = field(default_factory=list)

    @property
    def events(self):
        return [json.loads(body) for _, body in self.messages]

    def subjects(self, event):
        return [next(iter(e["data"].values())) for e in self.events if e["type"] == event]


@contextmanager
def receiving():
    class Handler(BaseHTTPRequestHandler):
        def log_message(self, *_):
            """Say nothing."""

        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            headers = {name.lower(): value for name, value in self.headers.items()}
            inbox.messages.append((headers, body))
            self.send_response(inbox.status)
            self.send_header("Location", f"http://hooks.example:{inbox.port}/elsewhere")
            self.send_header("Content-Length", "0")
            self.end_headers()

    with answering_with(Handler) as port:
        inbox = Inbox(port)
        yield inbox


@pytest.fixture
def inbox():
    with receiving() as inbox:
        yield inbox


@pytest.fixture(scope="module")
def house(tmp_path_factory):
    """Return a service that sends nothing by itself: the tests send, and need not wait."""
    folder = tmp_path_factory.mktemp("webhooks")
    with House(folder / "data", egress_allow=["127.0.0.0/8"], webhook_senders=0) as house:
        yield house


@pytest.fixture(autouse=True)
def _quiet(house):
    """Leave no webhook behind: the next test's receiver is another one."""
    yield
    with house.service.database.write() as session:
        session.query(WebhookDelivery).delete()
        session.query(Webhook).delete()


@pytest.fixture
def ann(house):
    return house.person("ann", "hr/all")


@pytest.fixture
def bob(house):
    return house.person("bob")


@pytest.fixture
def courier(house):
    """Return what sends everything that is due, to a name that leads to this machine."""
    fetcher = Fetcher(
        allowed_networks=networks(["127.0.0.0/8"]), resolver=lambda host, port: ["127.0.0.1"]
    )
    needs = DeliveryDependencies(house.service.database, fetcher, MOST_FAILURES)

    def send_all():
        number = 0
        while send_next(needs):
            number += 1
        return number

    return send_all


def subscribe(house, person, inbox, events=ALL):
    """Make a webhook of a person; the row's URL is then one that only the courier resolves."""
    body = {"url": f"http://127.0.0.1:{inbox.port}/in", "events": events}
    created = person.post("/v1/webhooks", json=body)
    assert created.status_code == 201, created.text
    hook = created.json()
    with house.service.database.write() as session:
        row = session.get_one(Webhook, hook["webhook"]["webhook_id"])
        row.url = URL.format(port=inbox.port)
    return hook


_NUMBERS = count()


def news(person, **access):
    """Add a document that was not there before: the same bytes again would be no event."""
    return person.add(f"The lamp is lit: {next(_NUMBERS)}.", **access)


def make_due(house):
    with house.service.database.write() as session:
        session.execute(
            update(WebhookDelivery)
            .where(WebhookDelivery.state == "pending")
            .values(due_at=utc_now())
        )


def row_of(house, hook):
    with house.service.database.read() as session:
        row = session.get(Webhook, hook["webhook"]["webhook_id"])
        session.expunge_all()
        return row


def test_a_ready_document_is_told_of_with_a_signature_that_the_library_accepts(
    house, ann, inbox, courier
):
    hook = subscribe(house, ann, inbox)
    document = news(ann)
    courier()
    headers, body = inbox.messages[0]
    event = Receiver(hook["secret"]).verify(body, headers)
    assert event["type"] == "document.ready"
    assert event["data"] == {"document_id": document, "version": 1, "state": "ready"}
    assert event["timestamp"]
    with pytest.raises(WebhookVerificationError):
        Receiver(hook["secret"]).verify(body + b" ", headers)
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    (delivery,) = ann.get(f"{path}/deliveries").json()["items"]
    assert delivery["delivery_id"] == headers["webhook-id"]
    assert (delivery["state"], delivery["status"], delivery["attempts"]) == ("delivered", 204, 1)
    assert hook["secret"] not in ann.get(path).text + ann.get("/v1/webhooks").text


def test_nobody_is_told_of_what_they_may_not_read(house, ann, bob, inbox, courier):
    with receiving() as other_inbox:
        mine, other = subscribe(house, ann, inbox), subscribe(house, bob, other_inbox)
        private = news(ann, allow=["user:ann"])
        shared = news(ann, allow=["tenant:all"])
        broken = ann.upload(b"%PDF-1.7 broken", filename="b.pdf", allow=["user:ann"]).json()
        ann.job(broken["job_id"])
        courier()
        assert set(inbox.subjects("document.ready")) == {private, shared}
        assert inbox.subjects("document.failed") == [broken["document_id"]]
        assert other_inbox.subjects("document.ready") == [shared]
        assert len(other_inbox.messages) == 1
        told = bob.get(f"/v1/webhooks/{other['webhook']['webhook_id']}/deliveries").json()
        assert len(told["items"]) == 1
        assert row_of(house, mine).failures == row_of(house, other).failures == 0


def test_rights_count_as_they_are_when_it_is_sent(house, ann, bob, inbox, courier):
    subscribe(house, bob, inbox)
    document = news(ann, allow=["tenant:all"])
    ann.request("PATCH", f"/v1/documents/{document}", json={"allow": ["user:ann"]})
    assert courier() == 0
    assert inbox.messages == []


def test_a_group_of_the_key_counts_and_a_revoked_key_ends_the_webhook(house, ann, inbox, courier):
    hook = subscribe(house, ann, inbox)
    root = house.person("root", role="curator")
    document = news(root, allow=["group:hr/all"])
    courier()
    assert inbox.subjects("document.ready") == [document]
    revoke_key(house.service.database, "default", row_of(house, hook).credential)
    news(root, allow=["group:hr/all"])
    assert courier() == 0
    row = row_of(house, hook)
    assert row.disabled_at is not None
    assert "not valid" in row.disabled_reason


def test_whoever_turns_a_webhook_elsewhere_has_it_told_what_their_own_key_may_read(
    house, ann, inbox, courier
):
    hook = subscribe(house, ann, inbox)
    weaker = house.person("ann")
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    body = {"url": f"http://127.0.0.1:{inbox.port}/elsewhere"}
    assert weaker.request("PATCH", path, json=body).status_code == 200
    news(house.person("root", role="curator"), allow=["group:hr/all"])
    assert courier() == 0
    assert inbox.messages == []


def test_a_suspended_person_is_told_nothing_by_a_webhook_of_the_command_line(
    house, ann, inbox, courier
):
    hook = subscribe(house, ann, inbox)
    with house.service.database.write() as session:
        session.get_one(Webhook, hook["webhook"]["webhook_id"]).credential = "os:root"
    suspend_person(house.service.database, "default", "ann")
    try:
        news(house.person("root", role="curator"), allow=["tenant:all"])
        assert courier() == 0
    finally:
        resume_person(house.service.database, "default", "ann")
    assert (inbox.messages, row_of(house, hook).disabled_reason) == ([], "The owner is suspended.")


def test_a_long_queue_of_one_webhook_delays_another_by_one_message(house, ann, bob, inbox, courier):
    many, one = (subscribe(house, each, inbox) for each in (ann, bob))
    with house.service.database.write() as session:
        for hook, number in ((many, 3), (one, 1)):
            webhook_id = hook["webhook"]["webhook_id"]
            for _ in range(number):
                queue_delivery(
                    session, "default", webhook_id, PING, webhook_id, {"webhook_id": webhook_id}
                )
    courier()
    subjects = inbox.subjects("webhook.ping")
    assert subjects.index(one["webhook"]["webhook_id"]) <= 1
    assert len(subjects) == 4


def test_one_ping_of_a_webhook_waits_at_a_time(house, ann, inbox, courier):
    hook = subscribe(house, ann, inbox)
    for _ in range(3):
        pinged = ann.post(f"/v1/webhooks/{hook['webhook']['webhook_id']}/ping")
        assert pinged.status_code == 204
    assert courier() == 1
    ann.post(f"/v1/webhooks/{hook['webhook']['webhook_id']}/ping")
    assert courier() == 1


def test_an_attempt_that_fails_is_made_again_with_the_same_id_until_it_is_given_up(
    house, ann, inbox, courier
):
    hook = subscribe(house, ann, inbox)
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    inbox.status = 500
    news(ann)
    assert courier() == 1
    assert courier() == 0  # it is not due yet
    waits = ann.get(f"{path}/deliveries").json()["items"][0]
    assert (waits["state"], waits["status"]) == ("pending", 500)
    assert waits["next_at"] > waits["attempted_at"]
    inbox.status = 204
    make_due(house)
    assert courier() == 1
    assert len({headers["webhook-id"] for headers, _ in inbox.messages}) == 1
    assert ann.get(f"{path}/deliveries").json()["items"][0]["state"] == "delivered"
    assert ann.get(path).json()["failures"] == 0


def test_a_message_is_given_up_after_the_last_pause(house, ann, inbox, courier):
    hook = subscribe(house, ann, inbox)
    inbox.status = 500
    news(ann)
    for _ in range(len(PAUSES) + 1):
        make_due(house)
        assert courier() == 1
        with house.service.database.write() as session:  # the pauses are under test, not the cap
            session.get_one(Webhook, hook["webhook"]["webhook_id"]).disabled_at = None
    make_due(house)
    assert courier() == 0
    items = ann.get(f"/v1/webhooks/{hook['webhook']['webhook_id']}/deliveries").json()["items"]
    assert [(each["state"], each["attempts"]) for each in items] == [("failed", len(PAUSES) + 1)]


def test_a_webhook_that_fails_too_often_is_disabled_and_can_be_enabled_again(
    house, ann, inbox, courier
):
    hook = subscribe(house, ann, inbox)
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    inbox.status = 302  # a redirect is not followed
    for _ in range(MOST_FAILURES + 1):
        news(ann)
    assert courier() == MOST_FAILURES
    assert {headers["host"] for headers, _ in inbox.messages} == {f"hooks.example:{inbox.port}"}
    view = ann.get(path).json()
    assert (view["enabled"], view["failures"]) == (False, MOST_FAILURES)
    assert "failed" in view["disabled_reason"]
    inbox.status = 200
    news(ann)
    assert ann.request("PATCH", path, json={"enabled": True}).json()["enabled"] is True
    make_due(house)
    assert courier() == MOST_FAILURES + 1  # what waited, and nothing of the time between


def test_a_receiver_that_is_gone_is_not_tried_again(house, ann, inbox, courier):
    hook = subscribe(house, ann, inbox)
    inbox.status = 410
    news(ann)
    courier()
    assert row_of(house, hook).disabled_reason.startswith("The receiver said")


def test_a_process_that_dies_while_it_sends_loses_nothing(house, ann, inbox, courier):
    subscribe(house, ann, inbox)
    news(ann)
    taken = claim_message(house.service.database)
    assert taken is not None
    assert courier() == 0  # another process has it
    with house.service.database.write() as session:
        row = session.get_one(WebhookDelivery, taken.message_id)
        assert row.due_at > utc_now() + CLAIM / 2
        row.due_at = utc_now()
    assert courier() == 1
    assert inbox.messages[0][0]["webhook-id"] == taken.message_id


def test_an_evaluation_tells_its_owner_alone_and_a_ping_tells_of_nothing(
    house, ann, bob, inbox, courier
):
    with receiving() as other_inbox:
        hook = subscribe(house, ann, inbox)
        other = subscribe(house, bob, other_inbox)
        run = ann.post("/v1/evaluations", json={"dataset": "feedback"}).json()
        ann.post(f"/v1/evaluations/{run['evaluation_id']}/cancel")
        path = f"/v1/webhooks/{other['webhook']['webhook_id']}/ping"
        assert ann.post(path).status_code == 404
        assert bob.post(path).status_code == 204
        courier()
        told = [event for event in inbox.events if event["type"] == "evaluation.finished"]
        state = ann.get(f"/v1/evaluations/{run['evaluation_id']}").json()["state"]
        assert state in {"cancelled", "failed"}  # it holds nothing, and may have ended before
        assert told[0]["data"] == {"evaluation_id": run["evaluation_id"], "state": state}
        assert [event["type"] for event in other_inbox.events] == ["webhook.ping"]
        Receiver(hook["secret"]).verify(*reversed(inbox.messages[0]))


def test_a_decided_review_tells_its_asker_and_reviewers(tmp_path, inbox):
    policy = tmp_path / "policy.yaml"
    policy.write_text(
        'version: "1"\nrules:\n'
        "  - {name: zeus, words: [zeus], stages: [before], action: review, message: Held.}\n"
    )
    settings = {"egress_allow": ["127.0.0.0/8"], "webhook_senders": 0}
    with House(tmp_path / "data", policy=policy, **settings) as house:
        people = {
            name: house.person(name, role=role)
            for name, role in (("ann", "reader"), ("carl", "reader"), ("rex", "curator"))
        }
        hooks = {name: subscribe(house, person, inbox) for name, person in people.items()}
        held = people["ann"].post("/v1/ask", json={"question": "Where is Zeus?"}).json()["review"]
        path = f"/v1/reviews/{held['id']}/decide"
        assert people["rex"].post(path, json={"decision": "deny"}).status_code == 200
        with house.service.database.read() as session:
            queued = session.scalars(select(WebhookDelivery)).all()
            assert len(queued) == 3
        taken = []
        while (message := claim_message(house.service.database)) is not None:
            taken.append(message)
        ids = {hook["webhook"]["webhook_id"]: name for name, hook in hooks.items()}
        assert {ids[message.webhook_id] for message in taken} == {"ann", "rex"}
        assert json.loads(taken[0].body)["data"] == {"review_id": held["id"], "state": "denied"}


def test_a_webhook_is_its_owners_and_an_administrator_can_stop_it(house, ann, bob, inbox, courier):
    hook = subscribe(house, ann, inbox)
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    root = house.person("root", role="admin")
    elsewhere = house.person("erin", role="admin", tenant="elsewhere")
    for stranger in (bob, elsewhere):
        assert stranger.get("/v1/webhooks").json() == {"items": []}
        for method, tail, content in (
            ("GET", "", {}), ("PATCH", "", {"json": {"enabled": False}}), ("DELETE", "", {}),
            ("GET", "/deliveries", {}), ("POST", "/rotate", {}), ("POST", "/ping", {}),
        ):  # fmt: skip
            assert stranger.request(method, path + tail, **content).status_code == 404
    assert root.get(path).json()["owner"] == "user:ann"
    for method, tail, content in (
        ("GET", "/deliveries", {}), ("POST", "/rotate", {}), ("POST", "/ping", {}),
        ("PATCH", "", {"json": {"enabled": True}}),
        ("PATCH", "", {"json": {"url": "http://127.0.0.1/x", "enabled": False}}),
    ):  # fmt: skip
        assert root.request(method, path + tail, **content).status_code == 404
    stopped = root.request("PATCH", path, json={"enabled": False}).json()
    assert (stopped["enabled"], stopped["disabled_reason"]) == (False, "It was stopped.")
    assert ann.request("PATCH", path, json={"enabled": True}).json()["enabled"] is True
    renewed = ann.post(f"{path}/rotate?grace_hours=0").json()
    assert renewed["webhook"]["former_secret_until"] is None
    news(ann)
    courier()
    Receiver(renewed["secret"]).verify(*reversed(inbox.messages[0]))
    with pytest.raises(WebhookVerificationError):
        Receiver(hook["secret"]).verify(*reversed(inbox.messages[0]))
    assert root.request("DELETE", path).status_code == 204
    assert ann.get(path).status_code == 404


def test_a_renewed_secret_and_the_one_before_sign_for_a_day(house, ann, inbox, courier):
    hook = subscribe(house, ann, inbox)
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}"
    first = hook["secret"]
    second, third = (ann.post(f"{path}/rotate").json() for _ in range(2))
    until = datetime.fromisoformat(third["webhook"]["former_secret_until"])
    assert timedelta(hours=23) < until - utc_now() <= timedelta(hours=24)
    assert ann.get(path).json()["former_secret_until"] == third["webhook"]["former_secret_until"]

    def signers():
        """Return which of the three secrets the next message is signed with."""
        ann.post(f"{path}/ping")
        assert courier() == 1
        secrets = (first, second["secret"], third["secret"])
        return [is_signed_with(secret, inbox.messages[-1]) for secret in secrets]

    assert signers() == [False, True, True]
    with house.service.database.write() as session:
        session.execute(update(Webhook).values(former_secret_until=utc_now()))
    assert signers() == [False, False, True]
    forget_deliveries(house.service.database)
    with house.service.database.read() as session:
        assert session.scalars(select(Webhook.former_secret)).all() == [None]
    assert ann.post(f"{path}/rotate?grace_hours=169").status_code == 422


def is_signed_with(secret, message):
    try:
        Receiver(secret).verify(*reversed(message))
    except WebhookVerificationError:
        return False
    return True


def test_many_senders_look_one_at_a_time_and_send_at_once(house, ann):
    """Two receivers that answer only when both have been asked: two senders serve them, at once."""
    both, stop = threading.Barrier(2, timeout=60), threading.Event()

    class Together(Fetcher):
        def post(self, url, body, headers):
            both.wait()
            return 200

    for number in range(2):
        body = {"url": f"http://127.0.0.1:9/{number}", "events": ALL}
        webhook = ann.post("/v1/webhooks", json=body).json()["webhook"]
        ann.post(f"/v1/webhooks/{webhook['webhook_id']}/ping")
    fetcher = Together(allowed_networks=networks(["127.0.0.0/8"]))
    needs = DeliveryDependencies(house.service.database, fetcher, MOST_FAILURES, senders=3)
    senders = [
        threading.Thread(target=work_deliveries, args=(needs, stop)) for _ in range(needs.senders)
    ]
    with needs.lookout:
        for each in senders:
            each.start()
        with house.service.database.read() as session:  # nobody looks while another one does
            assert set(session.scalars(select(WebhookDelivery.attempts))) == {0}
    until = time.monotonic() + 60
    states = set()
    while states != {"delivered"}:
        assert time.monotonic() < until
        with house.service.database.read() as session:
            states = set(session.scalars(select(WebhookDelivery.state)))
        time.sleep(0.01)
    stop.set()
    for each in senders:
        each.join(60)


def test_a_url_that_leads_inside_is_refused_when_it_is_named_and_when_it_is_sent(
    house, ann, inbox, courier
):
    for url in ("http://10.0.0.1/x", "ftp://hooks.example/x", "http://ann:x@hooks.example/"):
        refused = ann.post("/v1/webhooks", json={"url": url, "events": ALL})
        assert (refused.status_code, refused.json()["code"]) == (422, "url-refused")
    unknown = ann.post("/v1/webhooks", json={"url": "http://127.0.0.1/", "events": ["x"]})
    assert unknown.status_code == 422
    hook = subscribe(house, ann, inbox)
    with house.service.database.write() as session:
        session.get_one(Webhook, hook["webhook"]["webhook_id"]).url = "http://[::ffff:10.0.0.1]/x"
    inner = Fetcher(
        allowed_networks=networks(["127.0.0.0/8"]), resolver=lambda host, port: ["10.0.0.1"]
    )
    news(ann)
    assert send_next(DeliveryDependencies(house.service.database, inner, MOST_FAILURES))
    path = f"/v1/webhooks/{hook['webhook']['webhook_id']}/deliveries"
    (delivery,) = ann.get(path).json()["items"]
    assert (delivery["status"], delivery["state"]) == (None, "pending")
    assert "public address" in delivery["error"]


def test_there_is_a_cap_and_old_messages_go(tmp_path):
    settings = {"egress_allow": ["127.0.0.0/8"], "webhook_senders": 0}
    with House(tmp_path / "data", webhooks_per_person=1, **settings) as house:
        ann = house.person("ann")
        body = {"url": "http://127.0.0.1:9/in", "events": ["document.ready"]}
        assert ann.post("/v1/webhooks", json=body).status_code == 201
        assert ann.post("/v1/webhooks", json=body).json()["code"] == "queue-full"
        news(ann)
        with house.service.database.write() as session:
            session.execute(update(WebhookDelivery).values(occurred_at=utc_now() - timedelta(31)))
        forget_deliveries(house.service.database)
        with house.service.database.read() as session:
            assert session.scalars(select(WebhookDelivery)).all() == []


def test_a_running_service_sends_by_itself_what_an_earlier_one_has_left(tmp_path, inbox):
    settings = {"egress_allow": ["127.0.0.0/8"]}
    with House(tmp_path / "data", webhook_senders=0, **settings) as house:
        ann = house.person("ann")
        body = {"url": f"http://127.0.0.1:{inbox.port}/in", "events": ["document.ready"]}
        secret = ann.post("/v1/webhooks", json=body).json()["secret"]
        document = news(ann)
    assert inbox.messages == []
    with House(tmp_path / "data", webhook_senders=1, **settings):
        until = time.monotonic() + 60
        while not inbox.messages:
            assert time.monotonic() < until
            time.sleep(0.02)
    assert inbox.subjects("document.ready") == [document]
    Receiver(secret).verify(*reversed(inbox.messages[0]))
