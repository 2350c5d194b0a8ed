"""How far a job is: kept in memory, and written with what is written under its lease anyway."""

from typing import Any, Literal

from index.db.tables.base import utc_now
from ingest.cancellation import LOST
from ingest.errors import JobNotRunnableError

Stage = Literal["parse", "chunk", "embed", "commit"]


class Progress:
    """The stages a job has reached. One thread reports, another may write them to the job's row."""

    def __init__(self) -> None:
        self.is_lost = False
        """Whether a write has found that the lease is lost."""
        self.columns: dict[str, Any] = {"stages": {}}
        """Values of ``jobs``; another object after each report."""
        self.report("parse")

    def report(self, stage: Stage, done: int = 0, total: int = 0) -> None:
        """Note the stage, and how many of how many chunks are done.

        Raises:
            JobNotRunnableError: the lease was lost: cancelled, or another worker has the job.

        """
        if self.is_lost:
            raise JobNotRunnableError(LOST)
        stages = self.columns["stages"]
        began = stages.get(stage, {}).get("at") or utc_now().isoformat()
        reached = {"at": began, "done": done, "total": total}
        self.columns = {
            "stage": stage, "done": done, "total": total, "stages": {**stages, stage: reached},
        }  # fmt: skip
