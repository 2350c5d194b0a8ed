"""Pictures for the report: small SVG drawings that need no script."""

from collections.abc import Mapping, Sequence
from datetime import date
from html import escape

from evaluate.metrics.bootstrap import Interval
from evaluate.reports.number_format import figure
from evaluate.scoring.results import Curve

_BINS = 10
_FEW = 20
"""Points up to which each is drawn."""
_WIDTH, _HEIGHT = 640, 250
_LEFT, _BOTTOM, _TOP = 52, 44, 34


def interval_bar(value: float, interval: Interval | None, label: str) -> str:
    """Draw a value in [0, 1] as a dot, and its interval as a band, on one line."""
    band = ""
    if interval is not None:
        left, width = 100 * interval.low, max(100 * (interval.high - interval.low), 0.5)
        band = f'<rect class="band" x="{left:.2f}" y="1" width="{width:.2f}" height="8" rx="2"/>'
    return (
        f'<svg class="bar" viewBox="-4 0 108 10" role="img" aria-label="{escape(label)}">'
        f'<line class="axis" x1="0" x2="100" y1="5" y2="5"/>{band}'
        f'<circle class="dot" cx="{100 * value:.2f}" cy="5" r="2"><title>{escape(label)}</title>'
        "</circle></svg>"
    )


def histogram(values: Sequence[float], title: str) -> str:
    """Draw how many samples have which value, in ten bins over [0, 1]."""
    counts = [0] * _BINS
    for value in values:
        counts[min(int(max(value, 0.0) * _BINS), _BINS - 1)] += 1
    top = max([*counts, 1])
    step = (_WIDTH - _LEFT) / _BINS
    bars = []
    for bin_number, count in enumerate(counts):
        height = (_HEIGHT - _BOTTOM - _TOP) * count / top
        x, y = _LEFT + bin_number * step + 1, _HEIGHT - _BOTTOM - height
        tip = f"{bin_number / _BINS:.1f} to {(bin_number + 1) / _BINS:.1f}: {count}"
        bars.append(
            f'<rect class="fill" x="{x:.1f}" y="{y:.1f}" width="{step - 2:.1f}" '
            f'height="{height:.1f}" rx="2"><title>{tip}</title></rect>'
        )
        if count:
            middle = x + step / 2 - 1
            bars.append(f'<text class="count" x="{middle:.1f}" y="{y - 4:.1f}">{count}</text>')
    return _frame("".join(bars), title, "score", "samples")


def line(curve: Curve) -> str:
    """Draw a curve in the unit square."""
    width, height = _WIDTH - _LEFT, _HEIGHT - _BOTTOM - _TOP
    positions = [(_LEFT + width * across, _TOP + height * (1 - up)) for across, up in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in positions)
    grid = _grid(height)
    perfect = (
        f'<line class="perfect" x1="{_LEFT}" x2="{_WIDTH}" y1="{_TOP + height}" y2="{_TOP}"/>'
        if curve.diagonal
        else ""
    )
    are_few = len(positions) <= _FEW
    dots = [
        f'<circle class="fill" cx="{x:.1f}" cy="{y:.1f}" r="4"/>' for x, y in positions if are_few
    ]
    drawing = f'{perfect}<polyline class="line" points="{path}"/>{"".join(dots)}'
    return _frame(grid + drawing, curve.title, curve.across, curve.up, scale=curve.scale)


def trend(points: Sequence[tuple[date, float]], title: str, up: str, *, top: float = 1.0) -> str:
    """Draw a value for each day, between 0 and ``top``, oldest day first."""
    width, height = _WIDTH - _LEFT, _HEIGHT - _BOTTOM - _TOP
    first, last = points[0][0], points[-1][0]
    span = (last - first).days

    def across(day: date) -> float:
        return (day - first).days / span if span else 0.5

    positions = [
        (_LEFT + (width - 16) * across(day) + 8, _TOP + height * (1 - value / top))
        for day, value in points
    ]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in positions)
    dots = "".join(
        f'<circle class="fill" cx="{x:.1f}" cy="{y:.1f}" r="4">'
        f"<title>{day:%d %B}: {figure(value)}</title></circle>"
        for (x, y), (day, value) in zip(positions, points, strict=True)
    )
    days = dict.fromkeys((first, last))
    labels = {across(day): f"{day.day} {day:%b}" for day in days}
    drawing = f'{_grid(height, top)}<polyline class="line" points="{path}"/>{dots}'
    return _frame(drawing, title, "", up, labels=labels)


def difference_bar(value: float, interval: Interval | None, reach: float, label: str) -> str:
    """Draw a difference in [-reach, reach] as a dot on a line whose middle is 0."""

    def position(at: float) -> float:
        return 50 + 50 * max(-1.0, min(1.0, at / reach)) if reach else 50.0

    band = ""
    if interval is not None:
        left, right = position(interval.low), position(interval.high)
        width = max(right - left, 0.5)
        band = f'<rect class="band" x="{left:.2f}" y="1" width="{width:.2f}" height="8" rx="2"/>'
    return (
        f'<svg class="bar" viewBox="-4 0 108 10" role="img" aria-label="{escape(label)}">'
        f'<line class="axis" x1="0" x2="100" y1="5" y2="5"/>'
        f'<line class="middle" x1="50" x2="50" y1="0" y2="10"/>{band}'
        f'<circle class="dot" cx="{position(value):.2f}" cy="5" r="2"/></svg>'
    )


def _grid(height: float, top: float = 1.0) -> str:
    """Draw the lines across at four heights, with what they stand for."""
    return "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}">{_tick(top * (1 - share))}</text>'
        for share in (0, 0.25, 0.5, 0.75)
        for y in (_TOP + height * share,)
    )


def _frame(
    content: str,
    title: str,
    across: str,
    up: str,
    *,
    scale: float = 1.0,
    labels: Mapping[float, str] | None = None,
) -> str:
    """Draw the axis and its labels, by their place in [0, 1]; numbers up to ``scale`` if none."""
    base = _HEIGHT - _BOTTOM
    tick_labels = labels or {share: _tick(share * scale) for share in (0, 0.25, 0.5, 0.75, 1)}
    ticks = "".join(
        f'<text class="{"count" if share < 1 else "tick"}" '
        f'x="{_LEFT + (_WIDTH - _LEFT) * share:.1f}" y="{base + 19}">'
        f"{escape(label)}</text>"
        for share, label in tick_labels.items()
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="chart" '
        f'viewBox="0 0 {_WIDTH + 12} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{content}'
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{base}" y2="{base}"/>{ticks}'
        f'<text class="name" x="{_WIDTH}" y="{_HEIGHT - 3}">{escape(across)}</text>'
        f'<text class="name left" x="0" y="14">{escape(up)}</text></svg>'
    )


def _tick(value: float) -> str:
    return f"{value:.2g}" if value < 10 else f"{value:,.0f}"  # noqa: PLR2004 - readability
