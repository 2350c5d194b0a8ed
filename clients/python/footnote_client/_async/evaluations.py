"""Evaluations: how good the answers are that you get."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Literal

from footnote_client._async.sender import AsyncSender
from footnote_client.errors import EvaluationFailedError, WaitTimeoutError
from footnote_client.models import RunList, RunView
from footnote_client.pauses import Waiting, async_pause
from footnote_client.requests import change, get, listed, without_none

DataSet = Literal["questions", "feedback", "generated"]


class AsyncEvaluations:
    """Your evaluation runs."""

    def __init__(self, sender: AsyncSender) -> None:
        self._sender = sender

    async def start(
        self,
        dataset: DataSet = "generated",
        *,
        questions: Iterable[Mapping[str, Any]] | None = None,
        limit: int | None = None,
        documents: Iterable[str] | None = None,
        collections: Iterable[str] | None = None,
    ) -> RunView:
        """Start an evaluation; it runs in the background.

        Args:
            dataset: ``questions`` that you send, your own good ``feedback``, or questions
                ``generated`` from documents that you may read.
            questions: samples with ``id``, ``question`` and what is expected.
            limit: at most so many questions.
            documents: only these are asked about.
            collections: only documents in them are asked about.

        """
        body = without_none(
            {
                "dataset": dataset,
                "questions": None if questions is None else [dict(each) for each in questions],
                "limit": limit,
                "documents": listed(documents),
                "collections": listed(collections),
            }
        )
        response = await self._sender.send(change("POST", "/v1/evaluations", body))
        return RunView.model_validate(response.json())

    async def list(self, *, limit: int = 100) -> Sequence[RunView]:
        """Return your runs without their questions, newest first."""
        response = await self._sender.send(get("/v1/evaluations", limit=limit))
        return RunList.model_validate(response.json()).items

    async def get(self, evaluation_id: str) -> RunView:
        """Return one of your runs with its report."""
        response = await self._sender.send(get(f"/v1/evaluations/{evaluation_id}"))
        return RunView.model_validate(response.json())

    async def cancel(self, evaluation_id: str) -> RunView:
        """Cancel a run; one that runs stops after a question."""
        path = f"/v1/evaluations/{evaluation_id}/cancel"
        response = await self._sender.send(change("POST", path))
        return RunView.model_validate(response.json())

    async def report_html(self, evaluation_id: str) -> str:
        """Return the report of a run as one page of HTML."""
        path = f"/v1/evaluations/{evaluation_id}/report.html"
        response = await self._sender.send(get(path))
        return response.text

    async def wait(
        self,
        evaluation_id: str,
        *,
        timeout: float = 3600.0,
        progress: Callable[[RunView], None] | None = None,
    ) -> RunView:
        """Return a run once it has succeeded; ``progress`` is called with each look at it.

        Raises:
            EvaluationFailedError: it failed or was cancelled.
            WaitTimeoutError: ``timeout`` seconds have passed; the run goes on.

        """
        waiting = Waiting(timeout)
        while True:
            run = await self.get(evaluation_id)
            if progress is not None:
                progress(run)
            if run.state == "succeeded":
                return run
            if run.state in {"failed", "cancelled"}:
                raise EvaluationFailedError(run)
            if waiting.is_over:
                raise WaitTimeoutError(f"{evaluation_id} is {run.state} after {timeout:g} s.")
            await async_pause(waiting.next_pause())
