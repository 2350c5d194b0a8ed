"""GPUs that a language model needs for a rate of asks: weights, cache, reading and writing.

Reading a prompt is bound by arithmetic, two operations a parameter and token (Kaplan et al.,
Scaling Laws for Neural Language Models, 2020, section 2.1). Writing is bound by memory: each step
reads the weights once for the whole batch and each sequence's keys and values (Pope et al., 2022).
"""

import math
from dataclasses import dataclass

from api.capacity.catalogue import GPUS, MODELS
from api.capacity.constants import (
    ADDED_SECONDS,
    BUSY_GPU,
    DECODE_SHARE,
    GPU_MEMORY_SHARE,
    PARALLEL_SHARE,
    PREFILL_SHARE,
)
from api.capacity.quantity import Quantity, computed
from api.capacity.scenario import Scenario
from api.errors import UsageError

MOST_GPUS = 8
"""GPUs of one machine: a model is split over no more."""

MOST_SEQUENCES = 256
"""vLLM's default for sequences that one engine answers at once."""

MOST_ENGINES = 4096

ROUNDS = 60
"""Steps to the fixed point of batch and time; it converges within a few."""


@dataclass(frozen=True, slots=True)
class Engine:
    """One copy of the model on one or several GPUs, with the load that it gets."""

    gpus: int
    batch: float
    """Sequences in it at a time, on average."""
    reading_seconds: float
    """A prompt alone."""
    step_seconds: float
    """One token of each sequence."""
    cache_sequences: float
    """Sequences whose keys and values fit."""
    busy: float
    """The share of its time that reading prompts takes."""


@dataclass(frozen=True, slots=True)
class Generation:
    """The engines, and what an asker waits for."""

    engines: int
    engine: Engine
    figures: tuple[Quantity, ...]

    @property
    def gpus(self) -> int:
        """Return the number of GPUs in all."""
        return self.engines * self.engine.gpus


def plan_generation(scenario: Scenario) -> Generation:
    """Return the fewest engines that carry the busiest hour.

    Raises:
        UsageError: no machine of these GPUs holds the model, or no number of them is enough.

    """
    gpus = _gpus_for_weights(scenario)
    engines, engine = _fewest(scenario, gpus, scenario.asks_per_second)
    spread = computed("", 1.0, "", "", (PREFILL_SHARE, DECODE_SHARE, BUSY_GPU)).high
    most, _ = _fewest(scenario, gpus, scenario.asks_per_second * spread)
    return Generation(engines, engine, _figures(scenario, engines, most, engine))


def _fewest(scenario: Scenario, gpus: int, rate: float) -> tuple[int, Engine]:
    """Return the fewest engines that carry a rate, and one of them under its share."""
    if _engine(scenario, gpus, 1e-9, scenario.answer_seconds) is None:
        raise UsageError(
            "Even alone, an answer takes longer than --answer-seconds. Take a faster GPU, a "
            "smaller model or a shorter answer."
        )
    for engines in range(1, MOST_ENGINES + 1):
        engine = _engine(scenario, gpus, rate / engines, scenario.answer_seconds)
        if engine is not None:
            return engines, engine
    raise UsageError("No number of these GPUs carries that load. Take a smaller model or rate.")


def _gpus_for_weights(scenario: Scenario) -> int:
    """Return how many GPUs hold the weights and still have a quarter free for the cache."""
    model, gpu = MODELS[scenario.model or ""], GPUS[scenario.gpu]
    weights = model.parameters * scenario.weight_bytes
    count = 1
    while count <= MOST_GPUS:
        if weights <= 0.75 * GPU_MEMORY_SHARE.value * gpu.memory * count:
            return count
        count *= 2
    raise UsageError(
        f"{MOST_GPUS} GPUs of this kind do not hold the model. Take a larger kind, a smaller model "
        "or fewer bytes for a weight."
    )


def _engine(scenario: Scenario, gpus: int, rate: float, most_seconds: float) -> Engine | None:
    """Return an engine under a rate of asks, or none where it cannot carry it in time."""
    model, gpu = MODELS[scenario.model or ""], GPUS[scenario.gpu]
    useful = gpus * PARALLEL_SHARE.value ** math.log2(gpus)
    reading_rate = PREFILL_SHARE.value * gpu.flops * useful / (2 * model.parameters)
    reading = scenario.prompt_tokens / reading_rate
    busy = rate * reading
    if busy > BUSY_GPU.value:
        return None
    weights = model.parameters * scenario.weight_bytes
    context = scenario.prompt_tokens + scenario.answer_tokens / 2
    bandwidth = DECODE_SHARE.value * gpu.bandwidth * useful
    room = GPU_MEMORY_SHARE.value * gpu.memory * gpus - weights
    sequences = room / (model.cache_bytes * (scenario.prompt_tokens + scenario.answer_tokens))
    batch, step = 1.0, 0.0
    for _ in range(ROUNDS):
        step = (weights + max(batch, 1.0) * context * model.cache_bytes) / bandwidth / (1 - busy)
        batch = rate * (reading + scenario.answer_tokens * step)
        if batch > MOST_SEQUENCES or batch > BUSY_GPU.value * sequences:
            return None
    whole = ADDED_SECONDS.value + reading + (scenario.answer_tokens + 1) * step
    return Engine(gpus, batch, reading, step, sequences, busy) if whole <= most_seconds else None


def _figures(scenario: Scenario, engines: int, most: int, engine: Engine) -> tuple[Quantity, ...]:
    model = MODELS[scenario.model or ""]
    reads, writes = (PREFILL_SHARE, PARALLEL_SHARE), (DECODE_SHARE, PARALLEL_SHARE)
    first = ADDED_SECONDS.value + engine.reading_seconds + engine.step_seconds
    whole = first + scenario.answer_tokens * engine.step_seconds
    return (
        computed(
            "weights", model.parameters * scenario.weight_bytes, "bytes",
            f"{model.parameters:.3g} parameters ({model.card}) x {scenario.weight_bytes:g} bytes",
            (),
        ),
        computed(
            "keys and values", float(model.cache_bytes), "bytes a token",
            "2 x layers x heads of keys x size of a head x 2 bytes", (),
        ),
        Quantity(
            "GPUs", float(engines * engine.gpus), "cards", most / engines,
            "GPUs that hold the weights with a quarter free x the fewest engines whose reading and "
            "cache stay below the busy share",
        ),
        computed(
            "sequences at a time", engine.batch, "an engine", "asks a second x time of an ask",
            writes,
        ),
        computed(
            "sequences that fit", engine.cache_sequences, "an engine",
            "(memory x share - weights) / (bytes a token x tokens)", (),
        ),
        computed(
            "reading the prompt", engine.reading_seconds, "s",
            "tokens x 2 x parameters / (operations a second x used share)", reads,
        ),
        computed(
            "a token", engine.step_seconds, "s",
            "(weights + batch x context x bytes a token) / (bandwidth x used share)", writes,
        ),
        computed(
            "first token", first, "s", "what we add + reading the prompt + a token",
            (ADDED_SECONDS, PREFILL_SHARE),
        ),
        computed(
            "whole answer", whole, "s", "first token + tokens x time of a token",
            (ADDED_SECONDS, *writes),
        ),
    )  # fmt: skip
