"""Hold a run against rules and a baseline, for continuous integration."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from evaluate.errors import InvalidRulesError
from evaluate.reports.number_format import figure, signed
from evaluate.scoring.comparison import Comparison, MetricChange, compare
from evaluate.scoring.results import Report

_SHOWN_SETTINGS = 6
_NO_CAUSE = ("versions", "limit", "at once")
"""Places of a configuration that explain nothing."""


class GateRule(BaseModel):
    """The bounds that one figure must keep."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    metric: str
    fall: float | None = Field(default=None, ge=0)
    """The largest loss against the baseline that is let pass although it is significant; 0 where
    the rule says nothing but its metric."""
    minimum: float | None = None
    maximum: float | None = None

    @model_validator(mode="before")
    @classmethod
    def _no_fall(cls, rule: Any) -> Any:
        """Let a rule that names a metric alone forbid every significant fall."""
        if not isinstance(rule, Mapping) or rule.keys() != {"metric"}:
            return rule
        return {**rule, "fall": 0}


class GateRules(BaseModel):
    """A file of rules."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rules: tuple[GateRule, ...] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class GateOutcome:
    """A rule, whether a run keeps it, and why."""

    rule: GateRule
    is_kept: bool
    reason: str


def read_rules(file: Path) -> GateRules:
    """Read rules from YAML.

    Raises:
        InvalidRulesError: the file is missing or does not fit; the message says where.

    """
    try:
        return GateRules.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except (OSError, yaml.YAMLError) as error:
        raise InvalidRulesError(f"{file} cannot be read: {error}") from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(map(str, first["loc"])) or "the file"
        raise InvalidRulesError(f"{file}: {field}: {first['msg']}.") from error


def check_gates(report: Report, baseline: Report, rules: GateRules) -> list[GateOutcome]:
    """Hold a run against the rules and its baseline."""
    compared = compare(report, baseline)
    if not compared.same_data or not compared.shared_questions:
        why = "The two runs are of different data; make a new baseline."
        return [GateOutcome(rule, is_kept=False, reason=why) for rule in rules.rules]
    return [_outcome(rule, report, compared) for rule in rules.rules]


def _outcome(rule: GateRule, report: Report, compared: Comparison) -> GateOutcome:
    value = report.metrics.get(rule.metric)
    if value is None:
        measure = report.measures.get(rule.metric)
        why = measure.score.reason if measure else "the run does not have it"
        return GateOutcome(rule, is_kept=False, reason=f"{rule.metric} could not be judged: {why}.")
    change = compared.changes.get(rule.metric)
    failures = [*_limits(rule, value, report), *_falls(rule, change)]
    if failures:
        return GateOutcome(rule, is_kept=False, reason=" ".join([*failures, *_causes(compared)]))
    return GateOutcome(rule, is_kept=True, reason=_reason_of_success(rule, value, change))


def _limits(rule: GateRule, value: float, report: Report) -> list[str]:
    reason = report.measures[rule.metric].score.reason
    failures = []
    if rule.minimum is not None and value < rule.minimum:
        failures.append(f"{rule.metric} is {figure(value)}, below {rule.minimum:g} ({reason}).")
    if rule.maximum is not None and value > rule.maximum:
        failures.append(f"{rule.metric} is {figure(value)}, above {rule.maximum:g} ({reason}).")
    return failures


def _falls(rule: GateRule, change: MetricChange | None) -> list[str]:
    if rule.fall is None:
        return []
    if change is None or change.difference is None:
        return [f"{rule.metric} cannot be compared: the baseline does not have it."]
    loss = -change.sign * change.difference
    if not change.worse or loss <= rule.fall:
        return []
    low, high = (change.interval.low, change.interval.high) if change.interval else (0.0, 0.0)
    losses = (
        f"; {change.lost} questions lost, {change.won} won" if change.lost or change.won else ""
    )
    sentence = (
        f"{rule.metric} went from {figure(change.before)} to {figure(change.after)} "
        f"(difference {signed(change.difference)}, "
        f"95 % interval {signed(low)} to {signed(high)}{losses})."
    )
    return [sentence]


def _causes(compared: Comparison) -> list[str]:
    """Name what was configured otherwise than in the baseline."""
    changes = [
        f"{setting}: {_short(before)} -> {_short(after)}"
        for setting, (before, after) in compared.settings.items()
        if not setting.startswith(_NO_CAUSE)
    ]
    if not changes:
        return ["The configuration is the baseline's."]
    more = f" and {len(changes) - _SHOWN_SETTINGS} more" if len(changes) > _SHOWN_SETTINGS else ""
    return [f"Configured otherwise: {', '.join(changes[:_SHOWN_SETTINGS])}{more}."]


def _reason_of_success(rule: GateRule, value: float, change: MetricChange | None) -> str:
    difference = (
        "" if change is None or change.difference is None else f" ({signed(change.difference)})"
    )
    return f"{rule.metric} is {figure(value)}{difference}."


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= 40 else f"{text[:39]}…"  # noqa: PLR2004 - what fits a line


def render_gates_markdown(outcomes: Sequence[GateOutcome]) -> str:
    """Return a list of the rules and whether they were kept, for a pull request."""
    lines = [f"- {'kept' if o.is_kept else '**broken**'}: {o.reason}" for o in outcomes]
    return "\n".join(["## Gates", "", *lines, ""])
