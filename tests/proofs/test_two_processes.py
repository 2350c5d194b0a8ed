"""Two processes on one store: a read in either sees every write that either has acknowledged.

Writes go through the real front door, worker, access change and deletion, now in one process and
now in the other; right after each acknowledgement both are asked, as several people. Then two
transactions that overlap, in both orders. On SQLite and on PostgreSQL.

More writes: ``FOOTNOTE_PROOF_WRITES=500 pytest tests/proofs/test_two_processes.py``.
"""

import json
import os
import random
import subprocess
import sys
import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import select

from index.access.classes import intern_class
from index.db.change_log import record_change
from index.db.tables.documents import Document
from index.types import AccessList
from tests.postgres import fresh_database
from tests.proofs.follower_child import Process
from tests.proofs.seed import SEED

WRITES = int(os.environ.get("FOOTNOTE_PROOF_WRITES", "20"))
PEOPLE = ["user:ann", "user:bob", "user:owner"]
EVERYBODY = ["tenant:all"]


class Other:
    """The other process."""

    def __init__(self, folder, url):
        command = [sys.executable, "-m", "tests.proofs.follower_child", str(folder)]
        self._child = subprocess.Popen(
            command + ([url] if url else []),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1,
        )  # fmt: skip
        assert self.hear() == "ready"

    def say(self, *command):
        self._child.stdin.write(json.dumps(command) + "\n")

    def hear(self):
        line = self._child.stdout.readline()
        assert line, "the other process ended"
        return json.loads(line)[0]

    def __getattr__(self, name):
        def call(*arguments):
            self.say(name, *arguments)
            return self.hear()

        return call

    def close(self):
        self._child.stdin.close()
        self._child.wait(timeout=30)
        self._child.stdout.close()


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def processes(request, tmp_path_factory):
    """Start the other process once for all tests: each of them searches for a word of its own."""
    folder = tmp_path_factory.mktemp("two-processes")
    with ExitStack() as stack:
        url = None
        if request.param == "postgresql":
            server = request.getfixturevalue("postgres_server")
            url = stack.enter_context(fresh_database(server))
        one = Process(folder, url)
        stack.callback(one.shelf.database.engine.dispose)
        other = Other(folder, url)
        stack.callback(other.close)
        yield one, other


def readable(model, who):
    return sorted(
        [name, text]
        for name, text, allow in model.values()
        if who in allow or "tenant:all" in allow
    )


def write(process, model, rng, number):
    """Do one write, and remember it once it is acknowledged."""
    allow = rng.choice([["user:ann"], ["user:bob"], EVERYBODY, ["user:ann", "user:bob"]])
    kind = rng.choice(["put", "put", "replace", "move", "delete"]) if model else "put"
    known = rng.choice(sorted(model)) if kind != "put" else None
    if kind == "put":
        name, text = f"{number}.txt", f"lamp {number} burns"
        model[process.put(name, text, allow)] = (name, text, allow)
    elif kind == "replace":
        name, _, allow = model[known]
        text = f"lamp {number} burns again"
        process.put(name, text, allow, known)
        model[known] = (name, text, allow)
    elif kind == "move":
        process.move(known, allow)
        model[known] = (*model[known][:2], allow)
    else:
        process.delete(known)
        del model[known]
    return kind


def test_a_read_in_any_process_sees_every_acknowledged_write(processes):
    print(f"seed {SEED}")  # noqa: T201 - to repeat a failure
    rng, model, kinds = random.Random(SEED), {}, set()
    for number in range(WRITES):
        kinds.add(write(rng.choice(processes), model, rng, number))
        for process in rng.sample(processes, 2):
            for who in PEOPLE:
                assert process.search(who, "lamp") == readable(model, who), (number, who)
        if rng.random() < 0.2:
            rng.choice(processes).save()
    assert kinds == {"put", "replace", "move", "delete"}


def begin_move(session, document_id, allow):
    """Change a document's class, and leave the change log for later."""
    document = session.scalars(select(Document).where(Document.id == document_id)).one()
    before = document.class_key
    document.class_key = intern_class(session, "default", AccessList.of(allow))
    session.flush()
    return document.key, [before, document.class_key]


def names(process, word):
    return [name for name, _ in process.search("user:bob", word)]


def test_a_change_that_is_logged_before_another_one_begins_is_seen_first(processes):
    one, other = processes
    moved = one.put("moved.txt", "the bell", ["user:ann"])
    with one.library.database.write() as session:
        key, classes = begin_move(session, moved, EVERYBODY)
        record_change(session, key, classes, "access")
        other.say("put", "late.txt", "the bell", EVERYBODY)  # waits for us to commit
        assert names(one, "bell") == []
    assert "moved.txt" in names(one, "bell")
    assert other.hear()
    assert names(other, "bell") == names(one, "bell") == ["late.txt", "moved.txt"]


def test_a_change_that_begins_first_and_commits_last_is_not_skipped(processes):
    one, other = processes
    moved = one.put("moved.txt", "the fog", ["user:ann"])
    sqlite = one.library.database.sqlite
    heard = threading.Event()

    def listen():
        other.hear()
        heard.set()

    listener = threading.Thread(target=listen)
    with one.library.database.write() as session:
        document = session.scalars(select(Document).where(Document.id == moved)).one()
        document.title = "moved"
        session.flush()
        other.say("put", "quick.txt", "the fog", EVERYBODY)
        listener.start()
        if not sqlite:  # there one writer waits for the other
            assert heard.wait(60)
            assert names(one, "fog") == names(other, "fog") == ["quick.txt"]
        key, classes = begin_move(session, moved, EVERYBODY)
        record_change(session, key, classes, "access")
        assert "moved.txt" not in names(one, "fog")
    assert "moved.txt" in names(one, "fog")
    listener.join()
    assert names(other, "fog") == names(one, "fog") == ["moved.txt", "quick.txt"]
