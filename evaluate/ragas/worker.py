"""RAGAS' side of the pipe: scores samples, and asks its parent for every reply and every vector.

Run as a script, ``python -I worker.py N``, by a Python that has RAGAS, whose pins do not meet ours:
nothing of Footnote is imported. It speaks one JSON object a line on standard input and output:
``{"score", "metric", "fields"}`` comes in and ``{"scored", "value", "reason"}`` goes out;
``{"ask", "prompt", "schema"}`` or ``{"ask", "texts"}`` goes out and ``{"reply", ...}`` with the
same number comes in. N samples are scored at once. It can open no connection, so what
it is given stays here.
"""

import asyncio
import importlib
import json
import math
import sys
import threading
from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, NoReturn, TextIO


@dataclass(frozen=True)
class Metric:
    """One of RAGAS' metrics: where it is, what it needs of a sample, and whom it asks."""

    module: str
    name: str
    needs: tuple[str, ...]
    asks: tuple[str, ...] = ()


_NEW, _OLD = "ragas.metrics.collections", "ragas.metrics"
_PAIR = ("response", "reference")
_CONTEXTS = ("retrieved_contexts", "reference_contexts")
METRICS: Mapping[str, Metric] = {
    "faithfulness": Metric(
        _NEW, "Faithfulness", ("user_input", "response", "retrieved_contexts"), ("llm",)
    ),
    "response_groundedness": Metric(
        _NEW, "ResponseGroundedness", ("response", "retrieved_contexts"), ("llm",)
    ),
    "context_precision": Metric(
        _NEW, "ContextPrecision", ("user_input", "reference", "retrieved_contexts"), ("llm",)
    ),
    "context_recall": Metric(
        _NEW, "ContextRecall", ("user_input", "reference", "retrieved_contexts"), ("llm",)
    ),
    "answer_relevancy": Metric(
        _NEW, "AnswerRelevancy", ("user_input", "response"), ("llm", "embeddings")
    ),
    "factual_correctness": Metric(_NEW, "FactualCorrectness", _PAIR, ("llm",)),
    "noise_sensitivity": Metric(
        _NEW, "NoiseSensitivity", ("user_input", *_PAIR, "retrieved_contexts"), ("llm",)
    ),
    "semantic_similarity": Metric(_NEW, "SemanticSimilarity", _PAIR, ("embeddings",)),
    "non_llm_context_precision": Metric(_OLD, "NonLLMContextPrecisionWithReference", _CONTEXTS),
    "non_llm_context_recall": Metric(_OLD, "NonLLMContextRecall", _CONTEXTS),
    "non_llm_string_similarity": Metric(_NEW, "NonLLMStringSimilarity", _PAIR),
    "rouge_score": Metric(_NEW, "RougeScore", _PAIR),
    "bleu_score": Metric(_NEW, "BleuScore", _PAIR),
    "chrf_score": Metric(_NEW, "CHRFScore", _PAIR),
    "exact_match": Metric(_NEW, "ExactMatch", _PAIR),
    "string_presence": Metric(_NEW, "StringPresence", _PAIR),
    "quoted_spans_alignment": Metric(
        _NEW, "QuotedSpansAlignment", ("response", "retrieved_contexts")
    ),
}
"""Every metric that is offered, by the name that reports give it."""

CORRECTIONS = 2
"""How often a judge whose reply does not fit is told so and asked again."""
_FORBIDDEN = ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto")
_SHOWN = 160


class CouldNotJudgeError(Exception):
    """The judge did not answer, or not in the form that the metric needs."""


@dataclass
class Trace:
    """The judge's replies while one metric scored one sample."""

    replies: list[Any] = field(default_factory=list)
    failure: str = ""
    """The last thing that went wrong; some metrics swallow errors."""


class Parent:
    """The other end of the pipe."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._waiting: list[Future[dict[str, Any]]] = []

    def tell(self, message: Mapping[str, Any]) -> None:
        """Write one line."""
        self._out.write(json.dumps(message) + "\n")
        self._out.flush()

    def ask(self, **question: Any) -> "Future[dict[str, Any]]":
        """Ask; the reply with the same number settles the future."""
        self._waiting.append(Future())
        self.tell({"ask": len(self._waiting) - 1, **question})
        return self._waiting[-1]

    def settle(self, message: dict[str, Any]) -> None:
        """Hand a reply to whoever waits for it."""
        self._waiting[message["reply"]].set_result(message)


def judge_for(parent: Parent, trace: Trace) -> Any:
    """Return RAGAS' kind of language model, whose words come from the parent."""
    from pydantic import ValidationError
    from ragas.llms.base import InstructorBaseRagasLLM

    class ParentsJudge(InstructorBaseRagasLLM):  # type: ignore[misc, unused-ignore]
        def generate(self, prompt: str, response_model: Any) -> NoReturn:
            raise NotImplementedError("every metric here asks asynchronously")

        async def agenerate(self, prompt: str, response_model: Any) -> Any:
            current_prompt, problem, schema = prompt, "", response_model.model_json_schema()
            for _ in range(CORRECTIONS + 1):
                message = await asyncio.wrap_future(
                    parent.ask(prompt=current_prompt, schema=schema)
                )
                if "text" not in message:
                    trace.failure = f"the judge gave no reply: {message['error']}"
                    raise CouldNotJudgeError(trace.failure)
                try:
                    reply = response_model.model_validate_json(_object_in(message["text"]))
                except ValidationError as error:
                    problem = error.errors(include_url=False)[0]["msg"]
                    current_prompt = f"{prompt}\n\n{correction(problem)}"
                else:
                    trace.replies.append(reply)
                    return reply
            trace.failure = f"the judge's reply does not fit what RAGAS asks for: {problem}"
            raise CouldNotJudgeError(trace.failure)

    return ParentsJudge()


def correction(problem: str) -> str:
    """Return what a judge is told whose reply did not fit."""
    return f"Your last reply did not fit ({problem}). Reply with the JSON object alone."


def _object_in(text: str) -> str:
    """Return what may be the JSON object in a reply that has a fence or words around it."""
    start, end = text.find("{"), text.rfind("}")
    return text[start : end + 1] if 0 <= start < end else text


def embeddings_for(parent: Parent) -> Any:
    """Return RAGAS' kind of embedding model, whose vectors come from the parent."""
    from ragas.embeddings.base import BaseRagasEmbedding

    class ParentsEmbeddings(BaseRagasEmbedding):  # type: ignore[misc, unused-ignore]
        def embed_text(self, text: str, **_: Any) -> Any:
            return _vector(parent.ask(texts=[text]).result())

        async def aembed_text(self, text: str, **_: Any) -> Any:
            return _vector(await asyncio.wrap_future(parent.ask(texts=[text])))

    return ParentsEmbeddings()


def _vector(message: dict[str, Any]) -> Any:
    if "vectors" not in message:
        raise CouldNotJudgeError(f"no vector: {message['error']}")
    return message["vectors"][0]


async def value_of(
    metric: Metric, fields: Mapping[str, Any], parent: Parent, trace: Trace
) -> float:
    """Compute one metric of one sample with RAGAS."""
    kind = getattr(importlib.import_module(metric.module), metric.name)
    if metric.module == _OLD:
        from ragas import SingleTurnSample

        return float(await kind().single_turn_ascore(SingleTurnSample(**fields)))
    collaborators: dict[str, Any] = {}
    if "llm" in metric.asks:
        collaborators["llm"] = judge_for(parent, trace)
    if "embeddings" in metric.asks:
        collaborators["embeddings"] = embeddings_for(parent)
    return float((await kind(**collaborators).ascore(**fields)).value)


async def score_job(job: Mapping[str, Any], parent: Parent) -> dict[str, Any]:
    """Score one sample by one metric; whatever goes wrong becomes a reason, never a value."""
    metric, trace = METRICS[job["metric"]], Trace()
    try:
        value = await value_of(metric, job["fields"], parent, trace)
    except Exception as error:  # noqa: BLE001 - RAGAS raises whatever it likes; the reason is kept
        return _unjudged_message(job, trace.failure or f"RAGAS: {type(error).__name__}: {error}")
    if math.isnan(value):
        return _unjudged_message(job, trace.failure or "RAGAS gives no number here")
    near, low = 1e-6, -1.0 if "embeddings" in metric.asks else 0.0  # a cosine may be negative
    if not low - near <= value <= 1 + near:
        return _unjudged_message(job, f"RAGAS gives {value:g}, which is outside of {low:g} to 1")
    bounded = min(1.0, max(low, value))
    return {"scored": job["score"], "value": bounded, "reason": reason_of(trace)}


def _unjudged_message(job: Mapping[str, Any], reason: str) -> dict[str, Any]:
    return {"scored": job["score"], "value": None, "reason": reason[:1_000]}


def reason_of(trace: Trace) -> str:
    """Say what the judge decided: how many verdicts were yes, and the first that was no."""
    verdicts = [each for reply in trace.replies for each in _verdicts(reply)]
    ratings = [str(reply.rating) for reply in trace.replies if hasattr(reply, "rating")]
    reasons = [f"ratings {', '.join(ratings)} of 0 to 2"] if ratings else []
    if verdicts:
        reasons.append(f"{sum(yes for yes, _ in verdicts)} of {len(verdicts)} verdicts are yes")
        reasons += [f"the first no: {text}" for yes, text in verdicts if not yes][:1]
    if trace.failure:
        reasons.append(trace.failure)
    return "; ".join(reasons) or "computed by RAGAS"


def _verdicts(reply: Any) -> list[tuple[bool, str]]:
    items = getattr(reply, "statements", None) or getattr(reply, "classifications", None) or [reply]
    verdicts = []
    for each in items:
        decided = getattr(each, "verdict", getattr(each, "attributed", None))
        if decided is not None:
            text = f"{getattr(each, 'statement', '')} ({each.reason})".strip()
            verdicts.append((bool(decided), text[:_SHOWN]))
    return verdicts


async def work(parent: Parent, at_once: int) -> None:
    """Score what comes in until the parent closes the pipe."""
    loop = asyncio.get_running_loop()
    jobs: asyncio.Queue[dict[str, Any] | None] = asyncio.Queue()
    threading.Thread(target=_listen, args=(loop, parent, jobs), daemon=True).start()

    async def worker() -> None:
        while (job := await jobs.get()) is not None:
            parent.tell(await score_job(job, parent))
        jobs.put_nowait(None)  # for the next one

    await asyncio.gather(*(worker() for _ in range(at_once)))


def _listen(
    loop: asyncio.AbstractEventLoop, parent: Parent, jobs: "asyncio.Queue[dict[str, Any] | None]"
) -> None:
    for line in sys.stdin:
        message = json.loads(line)
        if "reply" in message:
            parent.settle(message)
        else:
            loop.call_soon_threadsafe(jobs.put_nowait, message)
    loop.call_soon_threadsafe(jobs.put_nowait, None)


def stay_here(event: str, _: tuple[Any, ...]) -> None:
    """Refuse every connection: an audit hook, which nothing can take off again."""
    if event in _FORBIDDEN:
        raise PermissionError(f"RAGAS' process opens no connection ({event})")


def main() -> None:
    """Say whether RAGAS is here and in which version, then score."""
    sys.addaudithook(stay_here)
    parent, sys.stdout = Parent(sys.stdout), sys.stderr  # what libraries print is no message
    try:
        from importlib.metadata import version

        importlib.import_module(_NEW)
        parent.tell({"ready": version("ragas")})
    except ImportError as error:
        parent.tell({"missing": str(error)})
        return
    asyncio.run(work(parent, int(sys.argv[1])))


if __name__ == "__main__":
    main()
