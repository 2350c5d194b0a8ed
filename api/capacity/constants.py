"""The cost of one unit of work: measured by our benchmarks, or taken as a rule."""

from api.capacity.quantity import Quantity

_PERFORMANCE = "measured (docs/performance.md)"

INDEX_BYTES = Quantity("index", 2_009, "bytes a chunk", 1.1, _PERFORMANCE)
RESIDENT_BYTES = Quantity("index in memory", 552, "bytes a chunk", 1.5, _PERFORMANCE)
DATABASE_BYTES = Quantity("database", 7_200, "bytes a chunk", 1.4, _PERFORMANCE)
SERVICE_BYTES = Quantity("a process without documents", 350e6, "bytes", 1.3, _PERFORMANCE)
REBUILD_RATE = Quantity("rebuilding the index", 6_500, "chunks/s a core", 1.5, _PERFORMANCE)
INGEST_SECONDS = Quantity("reading and embedding", 0.06, "core-seconds a chunk", 1.6, _PERFORMANCE)
ASK_SECONDS = Quantity("an ask of a model", 0.19, "core-seconds", 1.4, _PERFORMANCE)
QUOTE_SECONDS = Quantity(
    "an ask that quotes answer", 0.13, "core-seconds", 1.4, "measured (benchmarks/plan.py)"
)
ASK_SECONDS_PER_MILLION = Quantity(
    "the search of an ask", 0.11, "core-seconds for a million readable chunks", 1.4, _PERFORMANCE
)
ADDED_SECONDS = Quantity("the way to a model", 0.13, "s to the first token", 1.5, _PERFORMANCE)
STATEMENTS = Quantity("database statements", 14, "an ask", 1.3, "counted by a test")

BUSY_CORES = Quantity("busy share of cores", 0.6, "", 1.2, "a rule: above it, waiting grows fast")
BUSY_GPU = Quantity("busy share of a GPU", 0.7, "", 1.2, "a rule: above it, waiting grows fast")
PREFILL_SHARE = Quantity(
    "used share of a GPU's arithmetic while it reads", 0.4, "", 1.4, "a rule for bf16 kernels"
)
DECODE_SHARE = Quantity(
    "used share of a GPU's memory bandwidth while it writes", 0.6, "", 1.4, "a rule for kernels"
)
PARALLEL_SHARE = Quantity(
    "what is left of a GPU for each doubling of GPUs a model is split over", 0.9, "", 1.1, "a rule"
)
GPU_MEMORY_SHARE = Quantity(
    "share of a GPU's memory for weights and cache", 0.9, "", 1.0, "vLLM's default"
)
HOURS = 730.0
"""Hours in a month."""
