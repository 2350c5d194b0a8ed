"""The shape of a report in JSON, as ``report.json`` has it and evaluation runs return it.

Every field may be missing: a stored report is from the version that made it, and a run that has not
ended has none of them.
"""

from typing import Any

from pydantic import ConfigDict
from typing_extensions import TypedDict


class IntervalJson(TypedDict, total=False):
    """An interval of confidence, such as the 95 % one."""

    low: float
    high: float
    level: float


class ScoreJson(TypedDict, total=False):
    """One sample's score: a value, or the reason why it could not be judged."""

    value: float | None
    reason: str


class ResultJson(TypedDict, total=False):
    """One sample; more fields hold what a reader needs to understand it, by kind of report."""

    __pydantic_config__ = ConfigDict(extra="allow")  # type: ignore[misc]  # pydantic's own way
    id: str
    question: str
    scores: dict[str, ScoreJson]
    documents: list[str]
    """Identifiers of the documents that it drew on."""


class CurveJson(TypedDict, total=False):
    """A line, such as risk against coverage; ``points`` are pairs within 0 and 1."""

    title: str
    across: str
    up: str
    points: list[list[float]]
    scale: float
    diagonal: bool


class FiguresJson(TypedDict, total=False):
    """Figures by name: value, 95 % interval, and why one could not be judged."""

    metrics: dict[str, float | None]
    intervals: dict[str, IntervalJson | None]
    reasons: dict[str, str]


class SummaryJson(FiguresJson, total=False):
    """A report without its samples, as ``--json`` prints it."""

    kind: str
    dataset: str
    fingerprint: str
    headline: str
    counts: dict[str, int]
    config: dict[str, Any]
    warnings: list[str]
    started_at: str
    seconds: float


class ReportJson(SummaryJson, total=False):
    """A whole report; a list of runs leaves samples and curves out."""

    results: list[ResultJson]
    curves: list[CurveJson]
    slices: dict[str, FiguresJson]
