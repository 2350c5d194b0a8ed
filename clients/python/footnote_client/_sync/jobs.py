"""Jobs: what becomes of an upload."""

from collections.abc import Callable, Sequence
from typing import Literal

from footnote_client._sync.sender import Sender
from footnote_client.errors import JobFailedError, WaitTimeoutError
from footnote_client.models import JobList, JobView, UploadResponse
from footnote_client.pauses import Waiting, pause
from footnote_client.requests import change, get
from footnote_client.streams import Stream, closing

JobState = Literal["queued", "running", "succeeded", "failed", "cancelled"]
ENDED = frozenset({"succeeded", "failed", "cancelled"})


class Jobs:
    """Your jobs."""

    def __init__(self, sender: Sender) -> None:
        self._sender = sender

    def list(self, *, limit: int = 100, state: JobState | None = None) -> Sequence[JobView]:
        """Return your jobs, newest first; with ``state``, those in it."""
        response = self._sender.send(get("/v1/jobs", limit=limit, state=state))
        return JobList.model_validate(response.json()).items

    def get(self, job: str | UploadResponse) -> JobView:
        """Return one of your jobs."""
        response = self._sender.send(get(f"/v1/jobs/{id_of(job)}"))
        return JobView.model_validate(response.json())

    def cancel(self, job: str | UploadResponse) -> JobView:
        """Cancel a job; what was searchable before stays searchable."""
        response = self._sender.send(change("POST", f"/v1/jobs/{id_of(job)}/cancel"))
        return JobView.model_validate(response.json())

    def retry(self, job: str | UploadResponse) -> JobView:
        """Queue a failed or cancelled job again."""
        response = self._sender.send(change("POST", f"/v1/jobs/{id_of(job)}/retry"))
        return JobView.model_validate(response.json())

    def events(self, job: str | UploadResponse) -> Stream[JobView]:
        """Yield a job at each change, until it has ended or the service closes the stream."""
        with closing(self._sender.events(get(f"/v1/jobs/{id_of(job)}/events"))) as events:
            for event in events:
                yield JobView.model_validate(event.data)

    def wait(
        self,
        job: str | UploadResponse,
        *,
        timeout: float = 600.0,
        progress: Callable[[JobView], None] | None = None,
    ) -> JobView:
        """Return a job once it has succeeded; ``progress`` is called with each look at it.

        Raises:
            JobFailedError: it failed or was cancelled.
            WaitTimeoutError: ``timeout`` seconds have passed; the job goes on.

        """
        waiting = Waiting(timeout)
        while True:
            view = self.get(job)
            if progress is not None:
                progress(view)
            if view.state == "succeeded":
                return view
            if view.state in ENDED:
                raise JobFailedError(view)
            if waiting.is_over:
                raise WaitTimeoutError(f"{view.job_id} is {view.state} after {timeout:g} s.")
            pause(waiting.next_pause())


def id_of(job: str | UploadResponse) -> str:
    """Return the id of a job, also of the job that an upload became."""
    return job if isinstance(job, str) else job.job_id
