"""The whole plan: machines, memory, disk, database, GPUs, waiting times and cost."""

import math
from dataclasses import dataclass

from api.capacity.catalogue import GPUS
from api.capacity.constants import (
    ADDED_SECONDS,
    ASK_SECONDS,
    ASK_SECONDS_PER_MILLION,
    BUSY_CORES,
    DATABASE_BYTES,
    HOURS,
    INDEX_BYTES,
    INGEST_SECONDS,
    QUOTE_SECONDS,
    REBUILD_RATE,
    RESIDENT_BYTES,
    SERVICE_BYTES,
    STATEMENTS,
)
from api.capacity.generation import Generation, plan_generation
from api.capacity.quantity import Quantity, computed
from api.capacity.scenario import Scenario

EVALUATION_HALF_WIDTH = 0.03
"""Half of a 95 % interval that an evaluation should have."""

WORKING_SECONDS = 8 * 3600
"""New documents come in within so long a day."""

_GIVEN_PRICES = Quantity("prices", 1.0, "", 1.5, "yours, or an order of magnitude")


@dataclass(frozen=True, slots=True)
class PlanSection:
    """One section of the plan with its figures and what they mean."""

    title: str
    figures: tuple[Quantity, ...]
    advice: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """All that a deployment needs, section by section."""

    scenario: Scenario
    sections: tuple[PlanSection, ...]

    def figure(self, title: str, name: str) -> Quantity:
        """Return a figure by the title of its section and its name."""
        return next(
            one
            for section in self.sections
            if section.title == title
            for one in section.figures
            if one.name == name
        )


def make_plan(scenario: Scenario) -> Plan:
    """Return what a scenario needs.

    Raises:
        UsageError: the model does not fit, or no number of GPUs is enough.

    """
    generation = plan_generation(scenario) if scenario.model else None
    services, replicas = _services(scenario)
    sections = [services, _storage(scenario, replicas), _ingestion(scenario)]
    if generation is not None:
        sections.append(
            PlanSection("Language model", generation.figures, _gpu_advice(scenario, generation))
        )
    else:
        sections.append(_quoting(scenario))
    sections += [_evaluation(scenario), _cost(scenario, replicas, generation)]
    return Plan(scenario, tuple(sections))


def _services(scenario: Scenario) -> tuple[PlanSection, int]:
    readable = scenario.chunks * scenario.readable
    ask = ASK_SECONDS if scenario.model else QUOTE_SECONDS
    seconds = ask.value + ASK_SECONDS_PER_MILLION.value * readable / 1e6
    cores = scenario.asks_per_second * seconds / BUSY_CORES.value
    busy = computed("cores", cores, "", "", (ask, ASK_SECONDS_PER_MILLION, BUSY_CORES))
    replicas, most = (
        max(scenario.replicas, math.ceil(value / scenario.node_cores))
        for value in (cores, busy.high)
    )
    resident = SERVICE_BYTES.value + RESIDENT_BYTES.value * scenario.chunks
    whole = SERVICE_BYTES.value + INDEX_BYTES.value * scenario.chunks
    asks = (ask, ASK_SECONDS_PER_MILLION)
    figures = (
        computed(
            "an ask", seconds, "core-seconds",
            "an ask + the search x millions of chunks that an asker may read", asks,
        ),
        computed("cores", cores, "", "asks a second x an ask / busy share", (*asks, BUSY_CORES)),
        Quantity(
            "services", float(replicas), "machines", most / replicas,
            "as many as asked for, or as the cores need",
        ),
        computed(
            "memory of a service", resident, "bytes",
            "a process + what stays of the index in memory x chunks",
            (SERVICE_BYTES, RESIDENT_BYTES),
        ),
        computed(
            "memory for the fastest search", whole, "bytes", "a process + the index x chunks",
            (SERVICE_BYTES, INDEX_BYTES),
        ),
        computed(
            "start", 1.3 * scenario.chunks / 1e6 + 3, "s",
            "3 + 1.3 for each million chunks whose checksums are read", (REBUILD_RATE,),
        ),
    )  # fmt: skip
    advice = []
    if resident > scenario.node_memory:
        advice.append(
            "The index does not fit into a machine's memory, and every service holds the whole of "
            "it. Take larger machines, or split the documents over several installations."
        )
    elif whole > scenario.node_memory:
        advice.append("The index is larger than a machine's memory: cold searches read the disk.")
    if replicas > 1:
        advice.append("Several services need PostgreSQL and a bucket: docs/how-to.")
    return PlanSection("Services", figures, tuple(advice)), replicas


def _storage(scenario: Scenario, replicas: int) -> PlanSection:
    database = DATABASE_BYTES.value * scenario.chunks
    index = INDEX_BYTES.value * scenario.chunks
    figures = (
        computed(
            "database", database, "bytes", "bytes a chunk x chunks: texts, vectors, access",
            (DATABASE_BYTES,),
        ),
        computed(
            "index of each service", index, "bytes", "bytes a chunk x chunks", (INDEX_BYTES,)
        ),
        computed(
            "originals", scenario.document_bytes, "bytes", "as given", ()
        ),
        computed(
            "a backup", database + scenario.document_bytes, "bytes", "database + originals",
            (DATABASE_BYTES,),
        ),
        computed(
            "statements", scenario.asks_per_second * STATEMENTS.value + replicas * 1.2, "a second",
            "asks a second x statements + 1.2 for each idle service", (STATEMENTS,),
        ),
        computed(
            "rebuilding an index", scenario.chunks / REBUILD_RATE.value, "s",
            "chunks / chunks a second of one core", (REBUILD_RATE,),
        ),
    )  # fmt: skip
    return PlanSection("Storage", figures)


def _ingestion(scenario: Scenario) -> PlanSection:
    first = scenario.chunks * INGEST_SECONDS.value
    daily = scenario.new_chunks_per_day * INGEST_SECONDS.value / WORKING_SECONDS
    return PlanSection(
        "Ingestion",
        (
            computed(
                "first filling", first / 3600, "core-hours", "chunks x core-seconds a chunk",
                (INGEST_SECONDS,),
            ),
            computed(
                "worker cores", daily / BUSY_CORES.value, "",
                "new chunks a day x core-seconds a chunk / eight hours / busy share",
                (INGEST_SECONDS, BUSY_CORES),
            ),
        ),
    )  # fmt: skip


def _quoting(scenario: Scenario) -> PlanSection:
    readable = scenario.chunks * scenario.readable / 1e6
    seconds = ADDED_SECONDS.value + ASK_SECONDS_PER_MILLION.value * readable
    return PlanSection(
        "Answers by quotes",
        (
            computed(
                "whole answer", seconds, "s",
                "what we add before a model + the search x millions of readable chunks",
                (ADDED_SECONDS, ASK_SECONDS_PER_MILLION),
            ),
        ),
    )  # fmt: skip


def _gpu_advice(scenario: Scenario, generation: Generation) -> tuple[str, ...]:
    count = f"{generation.engines} engine{'s' if generation.engines > 1 else ''}"
    advice = [f"{count} of {generation.engine.gpus} {scenario.gpu.upper()} each."]
    if generation.engines == 1:
        advice.append("One engine has no stand-in: while it restarts, answers are quotes.")
    return tuple(advice)


def _evaluation(scenario: Scenario) -> PlanSection:
    questions = 0.25 * (1.96 / EVALUATION_HALF_WIDTH) ** 2
    return PlanSection(
        "Evaluation",
        (
            computed(
                "questions", questions, "", "1.96^2 x .25 / .03^2: a share within 3 points", ()
            ),
            computed(
                "a run", questions * ASK_SECONDS.value / 60, "core-minutes",
                "questions x an ask, without the model's time", (ASK_SECONDS,),
            ),
        ),
        (
            "Differences of less than 3 points need more questions.",
            f"At {scenario.asks_per_minute:g} asks a minute, a day of live scores says as much.",
        ),
    )  # fmt: skip


def _cost(scenario: Scenario, replicas: int, generation: Generation | None) -> PlanSection:
    cores = replicas * scenario.node_cores * scenario.core_price * HOURS
    gigabytes = (
        DATABASE_BYTES.value * scenario.chunks
        + replicas * INDEX_BYTES.value * scenario.chunks
        + 2 * scenario.document_bytes
    ) / 1e9
    storage = gigabytes * scenario.storage_price
    price = GPUS[scenario.gpu].price if scenario.gpu_price is None else scenario.gpu_price
    gpus = generation.gpus * price * HOURS if generation else 0.0
    month = cores + storage + gpus
    inputs = (DATABASE_BYTES, _GIVEN_PRICES)
    return PlanSection(
        "Cost",
        (
            computed(
                "machines", cores, "$ a month", "services x cores x price x 730 h", (_GIVEN_PRICES,)
            ),
            computed("GPUs", gpus, "$ a month", "GPUs x price x 730 h", (_GIVEN_PRICES,)),
            computed(
                "storage", storage, "$ a month",
                "(database + indexes + originals + their backup) x price", inputs,
            ),
            computed("all", month, "$ a month", "machines + GPUs + storage", (_GIVEN_PRICES,)),
            computed(
                "an answer", month / scenario.asks_per_month, "$", "all / asks a month",
                (_GIVEN_PRICES,),
            ),
        ),
    )  # fmt: skip
