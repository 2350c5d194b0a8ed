"""Following jobs on a terminal: a bar on stderr that shows what the running ones are doing."""

import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Self, TextIO

from index.text.untrusted_input import printable
from ingest.errors import SandboxUnprovenError
from ingest.queue.administration import is_paused
from ingest.queue.jobs import ENDED, get_job

if TYPE_CHECKING:
    from api.cli.http_client import Remote
    from api.composition.ingestion import IngestionPipeline
    from index.types import Actor

POLL_SECONDS = 0.2
POLLED_JOBS = 20
"""Jobs looked at together: they end in about the order in which they were handed in."""

DOING = {"parse": "reading", "chunk": "cutting", "embed": "embedding", "commit": "committing"}

Look = Callable[[str], Mapping[str, Any]]
"""Returns a job by its id."""

Ended = Callable[[str, Mapping[str, Any]], None]
"""Told each job once it has ended."""


class Bar:
    """A progress bar over files."""

    def __init__(self, total: int, *, lines: TextIO = sys.stderr) -> None:
        from tqdm import tqdm

        self._bar = tqdm(total=total, unit="file", file=sys.stderr)
        self._lines = lines

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.close()

    def tick(self, problem: str | None = None) -> None:
        """Count one file; say what was wrong with it."""
        if problem is not None:
            self._bar.write(printable(problem), file=self._lines)
        self._bar.update()

    def say(self, words: str) -> None:
        """Show some words beside the bar."""
        self._bar.set_postfix_str(printable(words), refresh=True)

    def show(self, views: Sequence[Mapping[str, Any]]) -> None:
        """Show what the running jobs are doing, or why the others wait."""
        self.say(doing(views))


def doing(views: Sequence[Mapping[str, Any]]) -> str:
    """Return in words how far some jobs are: ``reading 2, embedding 64 of 200``."""
    if not views:
        return ""
    stages = Counter(view["stage"] for view in views if view["state"] == "running")
    phrases = []
    for stage, word in DOING.items():
        if not stages[stage]:
            continue
        stage_views = [view for view in views if view["stage"] == stage and view["total"]]
        done_steps, total_steps = (
            sum(view[name] for view in stage_views) for name in ("done", "total")
        )
        share = f" {done_steps} of {total_steps}" if stage_views else ""
        count = f" {stages[stage]}" if stages[stage] > 1 and not share else ""
        phrases.append(f"{word}{count}{share}")
    reasons = [view["reason"] for view in views if view["state"] == "queued" and view["reason"]]
    return ", ".join(phrases) or (f"waiting: {reasons[0]}" if reasons else "waiting")


def look_once(look: Look, waiting: Sequence[str], bar: Bar, ended: Ended) -> list[str]:
    """Look at the first jobs that wait; tell those that have ended; return the others."""
    views = {job_id: look(job_id) for job_id in waiting[:POLLED_JOBS]}
    for job_id, view in views.items():
        if view["state"] in ENDED:
            ended(job_id, view)
    unfinished = {job_id: view for job_id, view in views.items() if view["state"] not in ENDED}
    bar.show(list(unfinished.values()))
    return [job_id for job_id in waiting if job_id in unfinished or job_id not in views]


def follow_here(
    ingestion: "IngestionPipeline", actor: "Actor", waiting: list[str], bar: Bar, ended: Ended
) -> None:
    """Work the queue of a local store until some jobs have ended.

    Raises:
        SandboxUnprovenError: parsers cannot be confined here; the jobs wait for another worker.

    """

    def look(job_id: str) -> Mapping[str, Any]:
        view = get_job(ingestion.library.database, actor, job_id)
        if view.state == "queued" and view.code == SandboxUnprovenError.code:
            raise SandboxUnprovenError(f"{view.reason} What was accepted waits in the queue.")
        return asdict(view)

    while waiting:
        worker = threading.Thread(target=ingestion.worker().run_until_idle, daemon=True)
        worker.start()
        while worker.is_alive():
            worker.join(POLL_SECONDS)
            waiting = look_once(look, waiting, bar, ended)
        if waiting:  # a retry that waits, a pause, or another process has the job
            if is_paused(ingestion.library.database, actor.scope.tenant):
                bar.say("The queue is paused.")
            time.sleep(POLL_SECONDS)


def follow_there(remote: "Remote", waiting: list[str], bar: Bar, ended: Ended) -> None:
    """Wait until some jobs of a running service have ended."""
    while waiting:
        waiting = look_once(remote.job, waiting, bar, ended)
        if waiting:
            time.sleep(POLL_SECONDS)


def work_until_ended(ingestion: "IngestionPipeline", actor: "Actor", job_ids: list[str]) -> int:
    """Work the queue until some jobs have ended; return how many did not succeed."""
    failed: list[str] = []
    with Bar(len(job_ids)) as bar:

        def ended(job_id: str, view: Mapping[str, Any]) -> None:
            succeeded = view["state"] == "succeeded"
            bar.tick(None if succeeded else f"{view['document_id']}: {view['reason']}")
            if not succeeded:
                failed.append(job_id)

        follow_here(ingestion, actor, job_ids, bar, ended)
    return len(failed)
