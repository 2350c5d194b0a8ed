"""``kill -9`` at any moment: nothing accepted is missing, nothing is there twice.

More kills: ``FOOTNOTE_PROOF_KILLS=200 pytest tests/proofs/test_crash.py``.
"""

import os
import random
import subprocess
import sys
import time

from sqlalchemy import func, select

from index.tables import Change, ChunkRow, Document, Job, Vector, Version
from tests.fakes.store import Shelf
from tests.proofs.crash_child import ACTOR

KILLS = int(os.environ.get("FOOTNOTE_PROOF_KILLS", "20"))
DOCUMENTS = int(os.environ.get("FOOTNOTE_PROOF_DOCUMENTS", "500"))
SEED = int(os.environ.get("FOOTNOTE_PROOF_SEED", str(random.randrange(10**6))))


def start(folder):
    command = [sys.executable, "-m", "tests.proofs.crash_child", str(folder), str(DOCUMENTS)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def run_and_kill(folder, rng, accepted):
    """Kill the child some time after it has begun to accept; return whether it was killed."""
    child = start(folder)
    first = child.stdout.readline()
    time.sleep(rng.uniform(0, 0.6))
    child.kill()
    lines = [first, *child.stdout]
    child.wait()
    accepted.update(line.strip() for line in lines if line.endswith("\n") and line != "done\n")
    return "done\n" not in lines


def found(library):
    with library.read(ACTOR.scope) as reader:
        hits = reader.lexical(["lamp"], 10 * DOCUMENTS)
        return [(c.filename, c.ordinal, c.text, h.score) for c, h in zip(
            reader.chunks([h.chunk for h in hits]), hits, strict=True)]  # fmt: skip


def test_nothing_accepted_is_lost_and_nothing_is_doubled(tmp_path):
    print(f"seed {SEED}")  # noqa: T201 - to repeat a failure
    rng = random.Random(SEED)
    accepted: set[str] = set()
    killed = sum(run_and_kill(tmp_path, rng, accepted) for _ in range(KILLS))
    assert killed, "every child finished before it was killed: nothing was proved"
    done = start(tmp_path)
    assert "done" in done.communicate(timeout=240)[0]

    shelf = Shelf(tmp_path)
    with shelf.database.read() as session:
        names = session.scalars(select(Document.filename).where(Document.version == 1)).all()
        counts = [session.scalar(select(func.count()).select_from(t)) for t in (ChunkRow, Vector)]
        states = set(session.scalars(select(Job.state)))
        changes = session.scalar(select(func.count()).select_from(Change))
        blobs = set(session.scalars(select(Version.blob)))
    assert {f"{number}.txt" for number in accepted} <= set(names)
    assert sorted(names) == sorted(f"{number}.txt" for number in range(DOCUMENTS))
    assert counts[0] == counts[1] > DOCUMENTS
    assert states == {"succeeded"}
    assert changes == DOCUMENTS
    assert blobs <= set(shelf.library.blobs.names())
    kept = found(shelf.library)
    (tmp_path / "index").rename(tmp_path / "old-index")
    assert found(shelf.open()) == kept
    assert len(kept) == counts[0]
