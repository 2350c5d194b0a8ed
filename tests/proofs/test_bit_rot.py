"""One flipped bit anywhere in a store is found by `footnote verify`, or it changes nothing.

A bit is flipped in the database, in an original or in the index. Then the store is opened and read
as people read it: no text, passage or original that is served differs from what was stored,
whether somebody has verified the store or not. If the verification finds nothing, then everything
that is served is the same: lists, titles, access, results of searches; and so is every row that
carries a seal: people, groups, keys, sources, answers.

More flips: ``FOOTNOTE_PROOF_FLIPS=1000 pytest tests/proofs/test_bit_rot.py``.
"""

import os
import random
import shutil
from collections import Counter
from dataclasses import asdict

import pytest
from sqlalchemy import select

from api.operations.scrub import ScrubDependencies, scrub
from index.db.database import Database
from index.db.row_seals import sealed_columns, sealed_tables
from index.db.tables.access import ApiKey, GroupMember
from index.db.tables.documents import Source
from index.db.tables.questions import AnswerRow, Conversation
from index.documents import get_text, list_documents, open_content
from index.library import Library
from index.storage.blob_store import FolderBlobs
from index.storage.store_identity import check_store
from index.types import Actor, Scope
from ingest.upload import Upload, accept
from tests.fakes.embedder import FakeEmbedder
from tests.proofs.cases import SENTENCES
from tests.proofs.seed import SEED
from tests.proofs.stores import new_folder, new_store

FLIPS = int(os.environ.get("FOOTNOTE_PROOF_FLIPS", "40"))
ASKERS = [Scope.of("default", [f"user:{name}"]) for name in ("ann", "bob", "cleo")]
WORDS = ["lamp", "oil", "fog", "log", "ink", "bell", "keys", "leave"]
REFUSED = "refused"


def fill(store):
    """Put documents of several people in, one of them in two versions, and publish the index."""
    rng = random.Random(7)
    for number in range(12):
        owner = ("ann", "bob", "cleo")[number % 3]
        actor = Actor(Scope.of("default", [f"user:{owner}"]), f"user:{owner}")
        body = "\n\n".join(rng.sample(SENTENCES, 6)).encode()
        upload = Upload(
            f"rules-{number}.txt", [body], [f"user:{owner}", "group:sea/all"], ["user:eve"],
            None if number % 2 else f"Rules {number}", {"year": 2000 + number},
        )  # fmt: skip
        accepted = accept(store.library, actor, upload, limit_bytes=1 << 20, publishing="open")
        store.worker.run_until_idle(threads=1)
        if number == 3:
            newer = Upload("new.txt", [body + b"\n\nMore fog."], document_id=accepted.document_id)
            accept(store.library, actor, newer, limit_bytes=1 << 20, publishing="open")
            store.worker.run_until_idle(threads=1)
    with store.library.database.write() as session:
        for row in people_and_answers():
            session.add(row)
            session.flush()
    check_store(store.library.database, store.library.blobs)
    assert store.library.save()


def people_and_answers():
    """Return rows that decide who somebody is and what was answered."""
    return [
        row
        for number, name in enumerate(("ann", "bob", "cleo"))
        for row in (
            GroupMember(tenant="default", member=f"user:{name}", group="group:sea/all"),
            ApiKey(
                id=f"key_{name}", hash=f"{number}" * 64, tenant="default", user=f"user:{name}",
                groups=["group:sea/all"], role="reader",
            ),
            Source(
                id=f"src_{name}", tenant="default", owner=f"user:{name}", kind="url",
                location=f"https://{name}.example/", allow=[f"user:{name}"], deny=["user:eve"],
            ),
            Conversation(id=f"con_{name}", tenant="default", owner=f"user:{name}", title="Lamps"),
            AnswerRow(
                id=f"ans_{name}", tenant="default", conversation_id=f"con_{name}",
                asker=f"user:{name}", question="When is the lamp lit?",
                answer={"answer": "At dusk. " * 40}, documents=[],
            ),
        )
    ]  # fmt: skip


@pytest.fixture(scope="module")
def stored():
    """Return a folder with a whole store, and all that is served of it."""
    with new_store(FakeEmbedder(), queued=True) as store, new_folder() as copies:
        fill(store)
        with store.library.database.engine.connect() as connection:
            connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
        store.library.database.engine.dispose()
        folder = copies / "whole"
        shutil.copytree(store.shelf.folder, folder)
        expected = serve(folder)
        assert REFUSED not in expected.values()
        assert len(expected) > 3 * len(ASKERS)
        yield folder, copies, expected


def open_library(folder):
    database = Database.in_folder(folder)
    fake = FakeEmbedder()
    try:
        return Library(
            database, FolderBlobs(folder / "blobs"), folder / "index",
            model=fake.name, dimension=fake.dimension,
        )  # fmt: skip
    except BaseException:
        database.engine.dispose()
        raise


def attempt(action):
    """Return a result, or that there is none: every failure is a refusal to serve."""
    try:
        return action()
    except Exception:  # noqa: BLE001 - damage shows as any error; what counts is what is served
        return REFUSED


def serve(folder):
    """Read everything that everybody may read; return it by who and what."""
    library = attempt(lambda: open_library(folder))
    if library == REFUSED:
        return {}
    served = {}
    try:
        for asker in ASKERS:
            who = min(asker.principals)
            listed = attempt(lambda scope=asker: list_documents(library, scope, limit=100).items)
            served[who, "list"] = (
                listed if listed == REFUSED else [repr(asdict(view)) for view in listed]
            )
            served[who, "search"] = attempt(lambda scope=asker: search(library, scope))
            for view in listed if listed != REFUSED else ():
                one = view.document_id
                served[who, "text", one] = attempt(
                    lambda scope=asker, one=one: get_text(library, scope, one)
                )
                served[who, "content", one] = attempt(
                    lambda scope=asker, one=one: read(library, scope, one)
                )
        served["rows"] = attempt(lambda: records(library.database))
    finally:
        library.database.engine.dispose()
    return served


def records(database):
    """Return all that the sealed tables hold."""
    with database.read() as session:
        return {
            kind.__name__: sorted(
                repr([getattr(row, name) for name in sealed_columns(kind)])
                for row in session.scalars(select(kind))
            )
            for kind in sealed_tables()
        }


def read(library, scope, document_id):
    _, file = open_content(library, scope, document_id)
    with file:
        return file.read()


def search(library, scope):
    """Return the passages that words and vectors find, each with its place in the whole text."""
    vector = FakeEmbedder().embed(["lamp fog"])[0]
    with library.read(scope) as reader:
        hits = [*reader.lexical(WORDS, 50), *reader.dense(vector, 50)]
        chunks = reader.chunks([hit.chunk for hit in hits])
        spans = [reader.document_text(c.document_key, c.start, c.end) for c in chunks]
        return [
            (chunk.document_id, chunk.title, chunk.filename, chunk.text, span, hit.score)
            for chunk, span, hit in zip(chunks, spans, hits, strict=True)
        ]


def flip_a_bit(folder, rng):
    """Flip a bit of the database, of an original or of the index; return where."""
    part = rng.choice(["footnote.db", "blobs", "index"])
    files = sorted(
        path
        for path in ([folder / part] if part == "footnote.db" else (folder / part).rglob("*"))
        if path.is_file() and path.stat().st_size and path.name != "lock"
    )
    path = rng.choice(files)
    data = bytearray(path.read_bytes())
    at = rng.randrange(len(data))
    data[at] ^= 1 << rng.randrange(8)
    path.write_bytes(data)
    return part, f"{path.relative_to(folder)}, byte {at}"


def verify(folder):
    database = Database.in_folder(folder)
    try:
        return scrub(ScrubDependencies(database, FolderBlobs(folder / "blobs"), folder))
    finally:
        database.engine.dispose()


def contents(served):
    """Return every text and original that was served, by document."""
    pairs = Counter()
    for key, value in served.items():
        if value == REFUSED or key == "rows":
            continue
        if key[1] in {"text", "content"}:
            pairs[key[1], key[2], value] += 1
        elif key[1] == "search":
            pairs.update(("passage", text) for _, _, _, text, _, _ in value)
            pairs.update(("span", span) for _, _, _, _, span, _ in value)
    return set(pairs)


def test_a_whole_store_is_sound(stored):
    report = verify(stored[0])
    assert report.is_sound, report
    assert (report.documents, report.originals, report.notes) == (12, 12, ())


def test_every_flipped_bit_is_found_or_harmless_and_none_is_served(stored):
    folder, copies, expected = stored
    rng, outcomes = random.Random(SEED), Counter()
    print(f"seed {SEED}")  # noqa: T201 - to repeat a failure
    for _ in range(FLIPS):
        copy = copies / "damaged"
        shutil.copytree(folder, copy)
        part, where = flip_a_bit(copy, rng)
        report = verify(copy)
        served = serve(copy)
        assert contents(served) <= contents(expected), f"damage was served: {where}"
        if report.is_sound:
            assert served == expected, f"not found, and not harmless: {where}"
        outcomes[part, "found" if not report.is_sound else "harmless"] += 1
        shutil.rmtree(copy)
    print(dict(outcomes))  # noqa: T201 - the figure that docs/security.md quotes
    assert outcomes["blobs", "harmless"] <= FLIPS // 3  # the store's mark is the only other file
