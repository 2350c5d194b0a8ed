"""Counts the jobs that this process's workers do."""

from datetime import datetime

from api.telemetry.prometheus import Metrics
from index.db.tables.base import utc_now
from ingest.queue.leases import Lease
from ingest.worker import JobEnd


def job_counter(metrics: Metrics) -> JobEnd:
    """Return a function that counts one attempt at a job, its wait and its stages."""

    def count(lease: Lease, outcome: str) -> None:
        stages = stage_seconds(lease, utc_now())
        metrics.job(outcome, _waited(lease), stages)

    return count


def stage_seconds(lease: Lease, end: datetime) -> dict[str, float]:
    """Return how long each stage took that was reached; the last one took until ``end``."""
    reached = lease.progress.columns["stages"]
    begins = {stage: datetime.fromisoformat(each["at"]) for stage, each in reached.items()}
    ends = [*list(begins.values())[1:], end]
    return {
        stage: max(0.0, (until - began).total_seconds())
        for (stage, began), until in zip(begins.items(), ends, strict=True)
    }


def _waited(lease: Lease) -> float | None:
    """Return how long the job could have been taken before it was."""
    if lease.due_at is None:
        return None
    taken_at = datetime.fromisoformat(lease.progress.columns["stages"]["parse"]["at"])
    return max(0.0, (taken_at - lease.due_at).total_seconds())
