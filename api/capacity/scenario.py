"""The deployment that is planned, as its planner describes it."""

from dataclasses import dataclass, fields

from api.capacity.catalogue import GPUS, MODELS
from api.errors import UsageError


@dataclass(frozen=True, slots=True)
class Scenario:
    """How much is stored, who may read how much of it, and how often somebody asks."""

    chunks: int
    readable: float = 0.1
    """The share of the chunks that an asker may read."""
    asks_per_minute: float = 10.0
    """In the busiest hour."""
    average: float = 0.2
    """The mean load of a month as a share of the busiest hour's."""
    new_chunks_per_day: int = 0
    document_bytes: float = 0.0
    """All original files; none where they are kept elsewhere."""
    model: str | None = None
    """The size of the language model; none where answers are quotes."""
    gpu: str = "h100"
    prompt_tokens: int = 3_000
    answer_tokens: int = 250
    answer_seconds: float = 15.0
    """A whole answer comes within so long in the busiest hour."""
    weight_bytes: float = 2.0
    """For a parameter: 2 as bfloat16, 1 as fp8, .5 as int4."""
    replicas: int = 2
    """Services at least; two survive the loss of one machine."""
    node_cores: int = 8
    node_memory: float = 32e9
    core_price: float = 0.04
    """Dollars an hour for a core with four gigabytes."""
    storage_price: float = 0.1
    """Dollars a month for a gigabyte."""
    gpu_price: float | None = None
    """Dollars an hour for a GPU; none takes the list's."""

    def __post_init__(self) -> None:
        """Refuse what no deployment has."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int | float) and not 0 <= value < 1e15:  # noqa: PLR2004
                raise UsageError(f"{field.name} is a number from 0 on, and less than 10^15.")
        if not 0 < self.readable <= 1 or not 0 < self.average <= 1:
            raise UsageError("--readable and --average are shares: above 0, and at most 1.")
        positive = (
            self.chunks, self.asks_per_minute, self.prompt_tokens, self.answer_tokens,
            self.answer_seconds, self.weight_bytes, self.replicas, self.node_cores,
            self.node_memory,
        )  # fmt: skip
        if min(positive) <= 0:
            raise UsageError(
                "Chunks, asks, tokens, seconds, bytes of a weight, replicas and the size of a "
                "machine are above 0."
            )
        if self.model is not None and self.model not in MODELS:
            raise UsageError(f"--model is one of {', '.join(MODELS)}, or is left out for quotes.")
        if self.gpu not in GPUS:
            raise UsageError(f"--gpu is one of {', '.join(GPUS)}.")

    @property
    def asks_per_second(self) -> float:
        """Return the asks a second in the busiest hour."""
        return self.asks_per_minute / 60

    @property
    def asks_per_month(self) -> float:
        """Return the asks in a month of 730 hours."""
        return self.asks_per_minute * 60 * 730 * self.average
