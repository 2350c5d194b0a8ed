"""A plan as a page of Markdown: for a terminal, and to hand on."""

import math

from api.capacity.plan import Plan
from api.capacity.quantity import Quantity
from api.capacity.scenario import Scenario

_LARGE = 1000.0
_SIZES = ((1e12, "TB"), (1e9, "GB"), (1e6, "MB"), (1e3, "kB"))
_TIMES = ((3600.0, "h"), (60.0, "min"), (1.0, "s"), (1e-3, "ms"))


def plan_lines(plan: Plan) -> list[str]:
    """Return the page, line by line."""
    lines = ["# Capacity plan", "", *_scenario_lines(plan.scenario), ""]
    for section in plan.sections:
        lines += [f"## {section.title}", "", "| what | estimate | range | how |"]
        lines.append("| --- | ---: | ---: | --- |")
        lines += [_row(figure) for figure in section.figures]
        lines += ["", *section.advice, *([""] if section.advice else [])]
    lines.append(
        "The range holds the truth nine times of ten, if the errors of what goes in are "
        "independent. Formulas and constants: docs/how-to/plan-capacity.md."
    )
    return lines


def _scenario_lines(scenario: Scenario) -> list[str]:
    size = (scenario.model or "").upper()
    model = f"a model of {size} parameters on {scenario.gpu.upper()}"
    words = [
        f"{scenario.chunks:,} chunks, of which an asker may read {scenario.readable:.0%};",
        f"{scenario.asks_per_minute:g} asks a minute in the busiest hour,",
        f"{scenario.asks_per_month:,.0f} a month;",
        "answers by quotes." if scenario.model is None else f"answers by {model}.",
    ]
    return [" ".join(words)]


def _row(figure: Quantity) -> str:
    low, high = shown(figure.low, figure.unit), shown(figure.high, figure.unit)
    spread = "" if low == high else f"{low} to {high}"
    return f"| {figure.name} | {shown(figure.value, figure.unit)} | {spread} | {figure.source} |"


def shown(value: float, unit: str) -> str:
    """Return a number with its unit, in the size that people read."""
    name, _, rest = unit.partition(" ")
    if name in {"machines", "cards"}:
        return f"{max(1, math.ceil(value)):,} {name}"
    if name == "bytes":
        return _sized(value, _SIZES, "B", rest)
    if unit == "s":
        return _sized(value, _TIMES, "s", "")
    if name == "$":
        return f"${_rounded(value)} {rest}".strip()
    return f"{_rounded(value)} {unit}".strip()


def _sized(value: float, sizes: tuple[tuple[float, str], ...], least: str, rest: str) -> str:
    size, name = next(((size, name) for size, name in sizes if value >= size), (1.0, least))
    return f"{_rounded(value / size)} {name} {rest}".strip()


def _rounded(value: float) -> str:
    return f"{value:,.0f}" if value >= _LARGE else f"{value:.3g}"
