"""`footnote verify`: reads the whole store and says what is not as it was written.

The stages come in an order of their own, and a file in the data folder remembers how far the last
run came, so that one that was stopped goes on where it was.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import func, select

from api.operations.scrub_state import ScrubState, load_state, save_state
from index.db.batched import batched
from index.db.blob_owners import owned_blobs
from index.db.database import Database
from index.db.tables.documents import Document, Version
from index.errors import StoreMismatchError
from index.integrity.damage import Damage, Throttle
from index.integrity.database_check import database_damage, unreadable
from index.integrity.row_check import UNREADABLE, check_records, check_versions
from index.integrity.snapshot_check import index_damage
from index.storage.blob_store import BlobStore
from index.storage.store_identity import store_problem
from index.storage.verified_originals import StoredOriginal, is_current, original_damage

STATE_FILE = "verify.json"
"""Where the data folder keeps how far a run came."""

STAGES = ("database", "rows", "records", "originals", "index", "orphans")

BATCH = 100
SAVE_SECONDS = 5.0
"""Seconds between two writes of the state: what a killed run does again."""

GRACE_SECONDS = 86_400.0
"""Younger originals without a document may belong to an upload that is being accepted."""

Progress = Callable[[str, int, int], None]
"""Called with the stage, and how many of how many things have been looked at; 0 is unknown."""


@dataclass(frozen=True, slots=True)
class ScrubDependencies:
    """The store that is verified."""

    database: Database
    blobs: BlobStore
    data: Path
    throttle: Throttle = field(default_factory=Throttle)


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """The outcome of a verification that came to its end."""

    is_sound: bool
    damage: tuple[Damage, ...]
    notes: tuple[Damage, ...]
    documents: int
    originals: int
    """Original files whose digests were compared."""
    resumed: bool
    """Whether it went on where an earlier run was stopped."""


@dataclass(frozen=True, slots=True)
class ScrubStep:
    """A part of a stage that is done."""

    damage: Sequence[Damage] = ()
    cursor: str | None = None
    """Where the stage goes on; none where it cannot be resumed in the middle."""
    count: int = 0


def scrub(
    store: ScrubDependencies,
    *,
    is_restarting: bool = False,
    progress: Progress = lambda _stage, _done, _total: None,
) -> ScrubReport:
    """Look at everything once; a run that was stopped is taken up where it was.

    Whatever stops it, how far it came and what it found is kept.
    """
    path = store.data / STATE_FILE
    state = ScrubState() if is_restarting else load_state(path)
    is_resumed = state != ScrubState()
    try:
        for stage in STAGES[STAGES.index(state.stage) if state.stage in STAGES else 0 :]:
            state.begin(stage)
            _run_stage(store, state, path, progress)
    except BaseException:  # an interrupt too: the next run goes on here
        save_state(path, state)
        raise
    path.unlink(missing_ok=True)
    damage = tuple(dict.fromkeys(state.damage))
    return ScrubReport(
        is_sound=all(one.is_note for one in damage),
        damage=tuple(one for one in damage if not one.is_note),
        notes=tuple(one for one in damage if one.is_note),
        documents=state.counts.get("rows", 0),
        originals=state.counts.get("originals", 0),
        resumed=is_resumed,
    )


def _run_stage(store: ScrubDependencies, state: ScrubState, path: Path, progress: Progress) -> None:
    total, written_at = _total(store.database, state.stage), time.monotonic()
    progress(state.stage, state.counts.get(state.stage, 0), total)
    try:
        for step in _RUN[state.stage](store, state.cursor):
            state.add(step.damage, step.cursor, step.count)
            progress(state.stage, state.counts[state.stage], total)
            if time.monotonic() - written_at >= SAVE_SECONDS:
                save_state(path, state)
                written_at = time.monotonic()
    except UNREADABLE as error:
        state.add([unreadable(error)], None, 0)


def _total(database: Database, stage: str) -> int:
    counts = {"rows": func.count(Document.key), "originals": func.count(Version.key)}
    if stage not in counts:
        return 0
    try:
        with database.read() as session:
            return session.scalar(select(counts[stage])) or 0
    except UNREADABLE:  # the stage itself reports it
        return 0


def _check_database(store: ScrubDependencies, _cursor: str | None) -> Iterator[ScrubStep]:
    yield ScrubStep(list(database_damage(store.database)))


def _check_rows(store: ScrubDependencies, cursor: str | None) -> Iterator[ScrubStep]:
    for rows in check_versions(store.database, store.throttle, int(cursor or 0)):
        yield ScrubStep(rows.damage, str(rows.last), rows.count)


def _check_records(store: ScrubDependencies, cursor: str | None) -> Iterator[ScrubStep]:
    for records in check_records(store.database, cursor or ""):
        yield ScrubStep(records.damage, records.table, records.count)


def _check_originals(store: ScrubDependencies, cursor: str | None) -> Iterator[ScrubStep]:
    after = cursor or ""
    while True:
        with store.database.read() as session:
            rows = session.execute(
                select(Version.blob, Version.size, Version.sha256)
                .where(Version.blob > after)
                .order_by(Version.blob)
                .limit(BATCH)
            ).all()
        if not rows:
            return
        for row in rows:
            original = StoredOriginal(row.blob, row.size, row.sha256)
            damage = original_damage(
                store.blobs, original, lambda block: store.throttle.take(len(block))
            )
            is_damaged = damage is not None and is_current(store.database, row.blob)
            findings = [Damage("originals", row.blob, str(damage))] if is_damaged else []
            yield ScrubStep(findings, row.blob, 1)
        after = rows[-1].blob


def _check_index(store: ScrubDependencies, _cursor: str | None) -> Iterator[ScrubStep]:
    for damage in index_damage(store.database, store.data / "index", store.throttle):
        yield ScrubStep([damage])


def _check_orphans(store: ScrubDependencies, _cursor: str | None) -> Iterator[ScrubStep]:
    """Look for originals without a row; rows without an original are damage of the originals."""
    try:
        problem = store_problem(store.database, store.blobs)
    except StoreMismatchError as error:
        problem = str(error)
    if problem is not None:
        yield ScrubStep([Damage("orphans", "store identity", problem)])
    names = store.blobs.names(older_than=time.time() - GRACE_SECONDS)
    for some in batched(names, BATCH):
        with store.database.read() as session:
            owned = owned_blobs(session, some)
        detail = "no document has this original; a sweep moves it to the trash"
        orphans = [
            Damage("orphans", name, detail, is_note=True) for name in sorted(set(some) - owned)
        ]
        yield ScrubStep(orphans, None, len(some))


_RUN: dict[str, Callable[[ScrubDependencies, str | None], Iterator[ScrubStep]]] = {
    "database": _check_database,
    "rows": _check_rows,
    "records": _check_records,
    "originals": _check_originals,
    "index": _check_index,
    "orphans": _check_orphans,
}
