"""Prometheus metrics: one registry for each app, so that tests do not share counters.

Labels are routes, stages, models, rules and codes: never a person, a document or a question, and
never a word that a caller chose.
"""

from collections.abc import Callable, Iterable, Mapping, Sized

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    start_http_server,
)
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from api.admission.controller import Admission
from generate.llm.metering import Meter, ModelCall
from generate.types import Answer
from index.tracing import sampled_trace_id

_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 120)

_LONG_SECONDS = (0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120, 300, 1800, 7200)

_SCORES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.99, 1.0, 2.5, 10, 100, 1000, 10_000)

SUCCESS = "ok"
"""The outcome of a request to a model that ended without an error."""


class Metrics:
    """The counters of the service; an observation inside a recorded trace carries its id."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        ProcessCollector(registry=self.registry)
        self._requests = self._seconds(
            "footnote_request_seconds",
            "Time from request to the end of the response, by route.",
            ["method", "route", "status"],
        )
        self._open_requests = self._gauge(
            "footnote_requests_open", "Requests whose response is not complete."
        )
        self._open_streams = self._gauge(
            "footnote_streams_open", "Responses of server-sent events that are not complete."
        )
        self._refusals = self._counter(
            "footnote_refusals", "Requests refused, by the problem's code.", ["code"]
        )
        self._loop_lag = self._seconds(
            "footnote_event_loop_lag_seconds",
            "How much later than planned the event loop ran a timer.",
        )
        self._make_answer_metrics()
        self._make_model_metrics()
        self._make_job_metrics()

    def _make_answer_metrics(self) -> None:
        self._stages = self._seconds(
            "footnote_stage_seconds", "Time spent in one stage of a search or an answer.", ["stage"]
        )
        self._answers = self._counter("footnote_answers", "Answers given, by status.", ["status"])
        self._verdicts = self._counter(
            "footnote_verdicts", "Sentences of answers, by the verdict on them.", ["verdict"]
        )
        self._guardrails = self._counter(
            "footnote_guardrail_actions",
            "Rules of the policy that acted on an answer, once for each answer.",
            ["stage", "rule", "action"],
        )
        self._recalls = self._counter(
            "footnote_answer_cache",
            "Looks into the cache of answers: hit or miss; none where it is off.",
            ["outcome"],
        )
        self._waits = self._seconds(
            "footnote_admission_wait_seconds", "Time that an ask or a search waited for its turn."
        )
        self._live = Histogram(
            "footnote_live_score",
            "Scores of sampled answers: groundedness, abstained, confidence in [0, 1]; seconds.",
            ["name"],
            buckets=_SCORES,
            registry=self.registry,
        )
        self._live_skipped = self._counter(
            "footnote_live_skipped", "Sampled answers that were not scored because too many waited."
        )

    def _make_model_metrics(self) -> None:
        self._tokens = self._counter(
            "footnote_model_tokens",
            "Tokens that models have read (prompt) and written (completion) for asks.",
            ["model", "kind"],
        )
        self._cost = self._counter(
            "footnote_model_cost",
            "Price of these tokens, in the currency of the models' prices.",
            ["model"],
        )
        self._calls = self._seconds(
            "footnote_model_seconds",
            "Time of one request to a model, by outcome: ok, asker-left, or the error's code.",
            ["model", "outcome"],
        )
        self._first_tokens = self._seconds(
            "footnote_model_first_token_seconds",
            "Time from a request to a model to the first piece of its reply.",
            ["model"],
        )

    def _make_job_metrics(self) -> None:
        self._job_ends = self._counter(
            "footnote_job_attempts",
            "Attempts at jobs that this process's workers have ended, by outcome.",
            ["outcome"],
        )
        self._job_waits = self._seconds(
            "footnote_job_wait_seconds",
            "Time from when a job could be taken to when a worker took it.",
            buckets=_LONG_SECONDS,
        )
        self._job_stages = self._seconds(
            "footnote_job_stage_seconds",
            "Time spent in one stage of a job: parse (with screening), chunk, embed, commit.",
            ["stage"],
            buckets=_LONG_SECONDS,
        )

    def _seconds(
        self,
        name: str,
        text: str,
        labels: Iterable[str] = (),
        buckets: tuple[float, ...] = _SECONDS,
    ) -> Histogram:
        return Histogram(
            name, text, labels, unit="seconds", buckets=buckets, registry=self.registry
        )

    def _counter(self, name: str, text: str, labels: Iterable[str] = ()) -> Counter:
        return Counter(name, text, labels, registry=self.registry)

    def _gauge(self, name: str, text: str) -> Gauge:
        return Gauge(name, text, registry=self.registry)

    def live_score(self, name: str, value: float) -> None:
        """Count one score of a sampled answer."""
        self._live.labels(name).observe(value)

    def live_skipped(self) -> None:
        """Count one sampled answer that was not scored."""
        self._live_skipped.inc()

    def request_began(self) -> None:
        """Count a request as open."""
        self._open_requests.inc()

    def request(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one finished request."""
        self._open_requests.dec()
        self._requests.labels(method, route, str(status)).observe(seconds, _exemplar())

    def stream(self, *, begins: bool) -> None:
        """Count a response of server-sent events that begins or has ended."""
        self._open_streams.inc(1 if begins else -1)

    def stages(self, timings: Mapping[str, float]) -> None:
        """Count the seconds of each stage of one search or answer."""
        exemplar = _exemplar()
        for stage, seconds in timings.items():
            self._stages.labels(stage).observe(seconds, exemplar)

    def refusal(self, code: str) -> None:
        """Count one refused request."""
        self._refusals.labels(code).inc()

    def answer(self, answer: Answer) -> None:
        """Count one answer, the verdicts on its sentences and the rules that acted on it."""
        self._answers.labels(answer.status).inc(exemplar=_exemplar())
        for sentence in answer.sentences:
            self._verdicts.labels(sentence.verdict).inc()
        for note in answer.guard:
            self._guardrails.labels(note.stage, note.rule, note.action).inc()

    def spent(self, meter: Meter) -> None:
        """Count the requests to models, the tokens and the cost of one ask."""
        for model, usage in meter.usages.items():
            self._tokens.labels(model, "prompt").inc(usage.prompt_tokens)
            self._tokens.labels(model, "completion").inc(usage.completion_tokens)
            self._cost.labels(model).inc(usage.cost)
        for call in meter.calls:
            self._count_call(call)

    def _count_call(self, call: ModelCall) -> None:
        exemplar = _exemplar()
        outcome = call.failure or SUCCESS
        self._calls.labels(call.model, outcome).observe(call.seconds, exemplar)
        if call.first_token_s is not None:
            self._first_tokens.labels(call.model).observe(call.first_token_s, exemplar)

    def waited(self, seconds: float) -> None:
        """Count one wait for a turn."""
        self._waits.observe(seconds, _exemplar())

    def event_loop_lag(self, seconds: float) -> None:
        """Count how late the event loop was."""
        self._loop_lag.observe(seconds)

    def job(self, outcome: str, waited_s: float | None, stages: Mapping[str, float]) -> None:
        """Count one attempt at a job."""
        self._job_ends.labels(outcome).inc()
        if waited_s is not None:
            self._job_waits.observe(waited_s)
        for stage, seconds in stages.items():
            self._job_stages.labels(stage).observe(seconds)

    def watch_admission(self, admission: Admission) -> None:
        """Report how many asks wait and are under way whenever the metrics are read."""
        for name, text, value in (
            ("waiting", "Asks and searches that wait for a place.", lambda: admission.waiting),
            ("under_way", "Asks and searches that have a place.", lambda: admission.under_way),
        ):
            self._gauge(f"footnote_admission_{name}", text).set_function(value)

    def recalled(self, *, hit: bool) -> None:
        """Count one look into the cache of answers."""
        self._recalls.labels("hit" if hit else "miss").inc()

    def watch_cache(self, cache: Sized) -> None:
        """Report how many answers are kept whenever the metrics are read."""
        gauge = self._gauge(
            "footnote_answer_cache_entries",
            "Answers that this process keeps to give them again.",
        )
        gauge.set_function(lambda: len(cache))

    def watch(self, *collectors: Collector) -> None:
        """Ask the collectors whenever the metrics are read."""
        for collector in collectors:
            self.registry.register(collector)

    def serve(self, host: str, port: int) -> Callable[[], None]:
        """Serve the metrics openly on a port of their own; return what ends that."""
        server, thread = start_http_server(port, host, self.registry)

        def close() -> None:
            server.shutdown()
            server.server_close()
            thread.join()

        return close

    def render(self, accept: str = "") -> tuple[bytes, str]:
        """Return everything and its media type: Prometheus's text, or OpenMetrics where asked."""
        encode, media_type = choose_encoder(accept)
        return encode(self.registry), media_type


def _exemplar() -> dict[str, str] | None:
    """Return the current trace's id, where the trace is recorded."""
    trace_id = sampled_trace_id()
    return {"trace_id": trace_id} if trace_id else None
