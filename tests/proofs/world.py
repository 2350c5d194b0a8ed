"""Two running services that differ in one document, and everybody who may ask about it."""

import re
import time
from collections.abc import Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
from sqlalchemy import select, update

from index.db.tables.base import utc_now
from index.db.tables.collections import Collection
from index.db.tables.evaluations import EvaluationRun
from index.db.tables.reviews import ReviewItem
from index.db.tables.webhooks import Webhook, WebhookDelivery
from tests.api.conftest import House
from tests.fakes.pdf import column, write_pdf

SECRET = "The lamp burns whale oil from the northern store."
PUBLIC = "The boat brings oil and lamp glass on Tuesdays."
QUESTION = "What oil does the lamp burn?"
GROUP = "group:hr/all"
REPORT = {
    "kind": "answers", "dataset": "oil", "fingerprint": "0", "headline": "whale",
    "metrics": {"whale": 1.0}, "intervals": {}, "reasons": {"whale": "mean of 1 of 1"},
    "results": [{"id": "q1", "question": "What whale oil?", "scores": {}}],
    "curves": [], "config": {}, "counts": {}, "warnings": [],
    "started_at": "2026-01-02T03:04:05+00:00", "seconds": 1.0,
}  # fmt: skip
"""An evaluation run's."""

READERS = ["owner", "member"]
HIDDEN = ["other", "revoked", "denied", "stranger", "administrator"]
"""``denied`` is allowed through a group and denied by name; ``stranger`` is an administrator of
another tenant, ``administrator`` one of this tenant."""
EVERYBODY = [*READERS, *HIDDEN, "anonymous"]
WEBHOOK = "wh_0123456789abcdef01234568"
PUBLIC_COLLECTION = "col_0123456789abcdef01234569"
"""A collection that everybody sees, in both worlds; the secret document stands in it, too."""

_GENERATED = re.compile(
    r"\b(doc|chk|job|src|ans|conv|fb|key|run|req|rev|col|vsfb|resp|msg|fs|upload|part)_[0-9a-f]+\b"
    r"|\b(chatcmpl|modr|rerank)-[0-9a-f]+\b"
    r"|\"(?:created|created_at|completed_at|last_active_at|expires_at)\":\s*[0-9.]+"
    r"|\"(?:snapshot|accepted_at|created_at|updated_at|published_at|revoked_at|added_at|at|key|previous|digest|head)\":\s*\"[^\"]*\""
    r"|\"last_used_at\":\s*(?:null|\"[^\"]*\")"  # of a key: a person's activity, of no document
    r"|\"timings\":\s*\{[^}]*\}"
    r"|\"seconds\":\s*[0-9.e-]+"
)


@dataclass
class World:
    """A service with people; in the full one, the owner has done something."""

    house: House
    keys: dict[str, str] = field(default_factory=dict)
    ids: dict[str, str] = field(default_factory=dict)

    def ask(self, who: str, method: str, path: str, **content: Any) -> httpx.Response:
        headers = {} if who == "anonymous" else {"Authorization": f"Bearer {self.keys[who]}"}
        return self.house.client.request(method, path, headers=headers, **content)

    def settle(self) -> None:
        """Wait until no job and no evaluation is queued or running."""
        worker = self.house.service.pipelines.current.ingestion.worker()
        while worker.run_once():
            pass
        while self._is_evaluating():
            time.sleep(0.02)

    def _is_evaluating(self) -> bool:
        under_way = select(EvaluationRun.id).where(EvaluationRun.state.in_(["queued", "running"]))
        with self.house.service.database.read() as session:
            return session.scalar(under_way) is not None


@contextmanager
def two_worlds(folder):
    """Yield a world with the secret document and one that never had it."""
    with ExitStack() as stack:
        full, bare = (
            World(stack.enter_context(House(folder / name, workers=0, publishing="own")))
            for name in ("full", "bare")
        )
        for world in (full, bare):
            _settle_people(world)
        _live(full)
        for world in (full, bare):
            _revoke(world)
        yield full, bare


@contextmanager
def full_world(folder, **settings):
    """Yield a world with the secret document; its house has these settings."""
    with House(folder / "full", workers=0, publishing="own", **settings) as house:
        world = World(house)
        _settle_people(world)
        _live(world)
        yield world


def shape(response: httpx.Response, *, generated: bool) -> tuple[Any, ...]:
    """Return what is compared: the very bytes, or the bytes without what is generated."""
    headers = {
        name: value
        for name, value in response.headers.items()
        if name not in {"x-request-id", "date"} and not (generated and name == "content-length")
    }
    body = response.content
    return (
        response.status_code,
        headers,
        _GENERATED.sub("*", body.decode()) if generated else body,
    )


def _settle_people(world: World) -> None:
    people = {
        "owner": ("ann", (), "reader", "default"),
        "member": ("bob", ("hr/all",), "reader", "default"),
        "other": ("carl", ("sea/all",), "reader", "default"),
        "revoked": ("dora", (), "curator", "default"),
        "denied": ("gina", ("hr/all",), "reader", "default"),
        "stranger": ("erin", ("hr/all",), "admin", "elsewhere"),
        "administrator": ("root", (), "admin", "default"),
    }
    for name, (user, groups, role, tenant) in people.items():
        person = world.house.person(user, *groups, role=role, tenant=tenant)
        world.keys[name] = person.key
    member = {"member": "user:dora", "group": GROUP}
    world.ask("administrator", "POST", "/v1/admin/members", json=member)
    public = _upload(world, "administrator", "public.txt", PUBLIC.encode(), ["tenant:all"])
    _open_collection(world, public["document_id"])


def _open_collection(world: World, document_id: str) -> None:
    """Let the owner of the secret have a collection that everybody sees, under the same id."""
    right = {"member": "user:ann", "audience": "tenant:all"}
    world.ask("administrator", "POST", "/v1/admin/contributors", json=right)
    body = {"name": "Oil", "allow": ["tenant:all"]}
    made = world.ask("owner", "POST", "/v1/collections", json=body)
    assert made.status_code == 201
    world.ask("administrator", "DELETE", "/v1/admin/contributors", params=right)
    with world.house.service.database.write() as session:
        at = datetime(2026, 1, 2, tzinfo=UTC)
        same = {"id": PUBLIC_COLLECTION, "created_at": at, "updated_at": at}
        session.execute(update(Collection).values(same))
    _collect(world, PUBLIC_COLLECTION, document_id)


def _collect(world: World, collection_id: str, document_id: str) -> None:
    added = world.ask(
        "owner", "POST", f"/v1/collections/{collection_id}/documents",
        json={"documents": [document_id]},
    )  # fmt: skip
    assert added.status_code == 204


def _upload(
    world: World, who: str, name: str, content: bytes, allow: list[str], deny: Sequence[str] = ()
) -> dict[str, str]:
    data = {"allow": allow, "deny": list(deny)}
    accepted = world.ask(
        who, "POST", "/v1/documents", files={"file": (name, content)}, data=data
    ).json()
    world.settle()
    assert world.ask(who, "GET", f"/v1/jobs/{accepted['job_id']}").json()["state"] == "succeeded"
    return accepted


def _live(world: World) -> None:
    """Let the owner upload, converse and judge; the one to be revoked only reads along."""
    pdf = write_pdf([column([SECRET])], title="Whale oil")
    accepted = _upload(world, "owner", "secret.pdf", pdf, ["user:ann"])
    path = f"/v1/documents/{accepted['document_id']}"
    access = {"allow": ["user:ann", GROUP], "deny": ["user:gina"]}
    refused = world.ask("owner", "PATCH", path, json=access)
    assert refused.json()["code"] == "publishing-not-allowed"
    right = {"member": "user:ann", "audience": GROUP}
    world.ask("administrator", "POST", "/v1/admin/contributors", json=right)
    assert world.ask("owner", "PATCH", path, json=access).status_code == 200
    body = {"name": "whale", "parent_id": PUBLIC_COLLECTION, **access}
    collection = world.ask("owner", "POST", "/v1/collections", json=body).json()["collection_id"]
    for each in (collection, PUBLIC_COLLECTION):
        _collect(world, each, accepted["document_id"])
    batch = world.ask(
        "owner", "POST", f"/v1/vector_stores/{collection}/file_batches",
        json={"file_ids": [accepted["document_id"]]},
    ).json()  # fmt: skip
    world.ask("administrator", "DELETE", "/v1/admin/contributors", params=right)
    conversation = world.ask("owner", "POST", "/v1/conversations").json()["conversation_id"]
    asked = {"question": QUESTION, "conversation_id": conversation}
    answer = world.ask("owner", "POST", "/v1/ask", json=asked).json()
    assert "whale" in answer["text"]
    response = world.ask("owner", "POST", "/v1/responses", json={"input": QUESTION}).json()
    announced = {"bytes": 1000, "filename": "whale.txt", "mime_type": "", "purpose": "user_data"}
    partial_file = world.ask("owner", "POST", "/v1/uploads", json=announced).json()
    judged = {"answer_id": answer["answer_id"], "rating": 1, "comment": "whale"}
    world.ask("owner", "POST", "/v1/feedback", json=judged)
    read = world.ask("revoked", "GET", f"/v1/documents/{accepted['document_id']}/text")
    assert "whale" in read.text
    with world.house.service.database.write() as session:
        session.add(
            EvaluationRun(
                id="run_0a", tenant="default", owner="user:ann", kind="answers",
                report=REPORT,
            )
        )  # fmt: skip
        session.add(
            ReviewItem(
                id="rev_0123456789abcdef01234568", tenant="default", asker="user:ann",
                stage="after", rules=["oil"], policy="1+0", reason="Oil is sensitive.",
                question="What whale oil?", text="It burns whale oil.", asked="0", marks=["0"],
                documents=[accepted["document_id"]], expires_at=utc_now() + timedelta(days=1),
            )
        )  # fmt: skip
        session.add(
            Webhook(
                id=WEBHOOK, tenant="default", owner="user:ann", credential="key_0", url="http://x/",
                events=["document.ready"], secret="whsec_AAAA", disabled_at=utc_now(),
            )
        )  # fmt: skip
        session.flush()
        session.add(
            WebhookDelivery(
                id="msg_0123456789abcdef01234568", tenant="default", webhook_id=WEBHOOK,
                event="document.ready", subject=accepted["document_id"], state="delivered",
                data={"document_id": accepted["document_id"]}, attempts=1, due_at=utc_now(),
            )
        )  # fmt: skip
    keys = world.ask("administrator", "GET", "/v1/admin/keys").json()["items"]
    world.ids = {
        "document_id": accepted["document_id"],
        "job_id": accepted["job_id"],
        "conversation_id": conversation,
        "answer_id": answer["answer_id"],
        "response_id": response["id"],
        "item_id": f"{answer['answer_id'].replace('ans', 'msg')}00",
        "evaluation_id": "run_0a",
        "key_id": next(key["key_id"] for key in keys if key["user"] == "user:bob"),
        "page": "1",
        "tenant": "default",
        "model": "footnote",
        "review_id": "rev_0123456789abcdef01234568",
        "collection_id": collection,
        "public_collection": PUBLIC_COLLECTION,
        "vector_store_id": collection,
        "public_store": PUBLIC_COLLECTION,
        "file_id": accepted["document_id"],
        "batch_id": batch["id"],
        "upload_id": partial_file["id"],
        "source_id": "src_0123456789abcdef01234568",
        "resource_id": "scim_0123456789abcdef01234568",
        "name": "User",
        "user": "nobody",
        "webhook_id": WEBHOOK,
    }


def _revoke(world: World) -> None:
    member = {"member": "user:dora", "group": GROUP}
    gone = world.ask("administrator", "DELETE", "/v1/admin/members", params=member)
    assert gone.status_code == 204
