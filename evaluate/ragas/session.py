"""Our side of the pipe: starts RAGAS' process, hands it samples, answers what it asks."""

import json
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from threading import Lock
from typing import Any, Self

from tqdm import tqdm

from evaluate.errors import RagasMissingError
from evaluate.metrics.score import Score
from evaluate.ragas import worker
from evaluate.ragas.judge import Judge
from index.embedding.embedder import Embedder
from index.errors import FootnoteError

AT_ONCE = 8
"""Samples that are scored, and prompts that the judge has, at the same time."""
_ENDED = Score.unjudged("RAGAS' process ended before it came to this")


@dataclass(frozen=True, slots=True)
class RagasTask:
    """One metric to compute of one sample."""

    sample: str
    metric: str
    fields: Mapping[str, Any]
    """The values that the metric reads, under RAGAS' names."""


class RagasProcess:
    """RAGAS in the Python that has it; a context manager.

    The process gets neither our environment nor a connection: every reply and vector that it needs
    comes from here.
    """

    def __init__(self, python: Path, embedder: Embedder) -> None:
        self.version = ""
        """RAGAS' own, once it is started."""
        self.embeddings = embedder.name
        self._python = python
        self._embedder = embedder
        self._lock = Lock()
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the process has ended
        self._home = tempfile.TemporaryDirectory(prefix="ragas-")

    def __enter__(self) -> Self:
        """Start it.

        Raises:
            RagasMissingError: that Python does not start, or has no RAGAS that can be imported.

        """
        script = Path(worker.__file__).resolve()
        clean = {"RAGAS_DO_NOT_TRACK": "true", "HOME": self._home.name, "LANG": "C.UTF-8"}
        try:
            self._process = subprocess.Popen(  # noqa: S603 - the operator names the Python
                [str(self._python), "-I", str(script), str(AT_ONCE)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                text=True,
                encoding="utf-8",
                env=clean,
            )
        except OSError as error:
            self._clear()
            raise RagasMissingError(f"{self._python} does not start: {error.strerror}.") from error
        hello = self._hear()
        if "ready" not in hello:
            self._process.wait()
            why = hello.get("missing") or self._last_words()
            self.__exit__()
            raise RagasMissingError(
                f"{self._python} has no RAGAS that can be imported ({why}); "
                "`make ragas` makes .venv-ragas."
            )
        self.version = hello["ready"]
        return self

    def __exit__(self, *_: object) -> None:
        """End it and forget what it printed."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            with suppress(OSError):  # what was not read yet is read by nobody any more
                if pipe is not None:
                    pipe.close()
        self._clear()

    def score(
        self, jobs: Sequence[RagasTask], judge: Judge | None, *, progress: bool = True
    ) -> list[Score]:
        """Return the score of every job, in order; none is lost if the process dies.

        ``judge`` may be none where no job's metric asks one.
        """
        scores = [_ENDED] * len(jobs)
        jobs_left = len(jobs)
        pool = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="judge")
        try:
            for number, job in enumerate(jobs):
                pool.submit(self._say, score=number, metric=job.metric, fields=dict(job.fields))
            with tqdm(desc="ragas", total=len(jobs), disable=not progress) as bar:
                while jobs_left and (message := self._hear()):
                    if "ask" in message:
                        pool.submit(self._answer, message, judge)
                        continue
                    scores[message["scored"]] = Score(message["value"], message["reason"])
                    jobs_left -= 1
                    bar.update()
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
        return scores

    def _answer(self, message: Mapping[str, Any], judge: Judge | None) -> None:
        try:
            if "prompt" in message:
                assert judge is not None, "jobs that need a judge are not sent without one"
                answer: dict[str, Any] = {
                    "text": judge.reply(message["prompt"], message.get("schema"))
                }
            else:
                vectors = self._embedder.embed(message["texts"])
                answer = {"vectors": [[float(x) for x in vector] for vector in vectors]}
        except FootnoteError as error:
            answer = {"error": str(error) or error.title}
        except Exception as error:  # noqa: BLE001 - the metric that waits must get an answer
            answer = {"error": f"{type(error).__name__}"}
        self._say(reply=message["ask"], **answer)

    def _say(self, **message: Any) -> None:
        assert self._process.stdin is not None
        with self._lock:
            try:
                self._process.stdin.write(json.dumps(message) + "\n")
                self._process.stdin.flush()
            except (OSError, ValueError):
                return  # it has ended; whoever listens learns it from the end of the other pipe

    def _hear(self) -> dict[str, Any]:
        """Return the next message; an empty one means that the process has ended."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        try:
            message: dict[str, Any] = json.loads(line) if line.endswith("\n") else {}
        except ValueError:
            return {}
        return message

    def _last_words(self) -> str:
        self._errors.seek(0)
        lines = self._errors.read().decode(errors="replace").strip().splitlines()
        return lines[-1][:300] if lines else "it ended without a word"

    def _clear(self) -> None:
        self._errors.close()
        self._home.cleanup()
