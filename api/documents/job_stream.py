"""A job's progress as server-sent events."""

import dataclasses
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import anyio
from starlette.concurrency import run_in_threadpool

from index.db.database import Database
from index.types import Actor
from ingest.queue.jobs import ENDED, JobView, get_job

LOOK_SECONDS = 0.25
"""Between two looks at a job."""

KEEP_ALIVE_SECONDS = 15.0
LONGEST_SECONDS = 600.0
"""A stream ends after this long. The client may open another one, for which its key is checked."""


async def job_events(database: Database, actor: Actor, view: JobView) -> AsyncIterator[str]:
    """Yield ``progress`` whenever a job has changed, then ``done`` with how it ended.

    Source: https://html.spec.whatwg.org/multipage/server-sent-events.html
    """
    yield _render(view)
    began = sent_at = time.monotonic()
    while view.state not in ENDED and time.monotonic() - began < LONGEST_SECONDS:
        await anyio.sleep(LOOK_SECONDS)
        latest = await run_in_threadpool(get_job, database, actor, view.job_id)
        if latest != view:
            view, sent_at = latest, time.monotonic()
            yield _render(view)
        elif time.monotonic() - sent_at > KEEP_ALIVE_SECONDS:
            sent_at = time.monotonic()
            yield ": still waiting\n\n"


def _render(view: JobView) -> str:
    name = "done" if view.state in ENDED else "progress"
    data = json.dumps(dataclasses.asdict(view), ensure_ascii=False, default=_plain)
    return f"event: {name}\ndata: {data}\n\n"


def _plain(value: Any) -> str:
    return str(value.isoformat())
