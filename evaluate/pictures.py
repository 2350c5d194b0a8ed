"""Pictures for the report: small SVG drawings that need no script."""

from collections.abc import Sequence
from html import escape

from evaluate.metrics.bootstrap import Interval
from evaluate.results import Curve

_BINS = 10
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
    for place, count in enumerate(counts):
        height = (_HEIGHT - _BOTTOM - _TOP) * count / top
        x, y = _LEFT + place * step + 1, _HEIGHT - _BOTTOM - height
        tip = f"{place / _BINS:.1f} to {(place + 1) / _BINS:.1f}: {count}"
        bars.append(
            f'<rect class="fill" x="{x:.1f}" y="{y:.1f}" width="{step - 2:.1f}" '
            f'height="{height:.1f}" rx="2"><title>{tip}</title></rect>'
        )
        if count:
            middle = x + step / 2 - 1
            bars.append(f'<text class="count" x="{middle:.1f}" y="{y - 4:.1f}">{count}</text>')
    return _framed("".join(bars), title, "score", "samples")


def line(curve: Curve) -> str:
    """Draw a curve in the unit square."""
    width, height = _WIDTH - _LEFT, _HEIGHT - _BOTTOM - _TOP
    places = [(_LEFT + width * across, _TOP + height * (1 - up)) for across, up in curve.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    grid = "".join(
        f'<line class="grid" x1="{_LEFT}" x2="{_WIDTH}" y1="{y:.1f}" y2="{y:.1f}"/>'
        f'<text class="tick" x="{_LEFT - 6}" y="{y + 4:.1f}">{1 - share:.2g}</text>'
        for share in (0, 0.25, 0.5, 0.75)
        for y in (_TOP + height * share,)
    )
    drawn = f'<polyline class="line" points="{path}"/>'
    return _framed(grid + drawn, curve.title, curve.across, curve.up)


def _framed(content: str, title: str, across: str, up: str) -> str:
    base = _HEIGHT - _BOTTOM
    ticks = "".join(
        f'<text class="count" x="{_LEFT + (_WIDTH - _LEFT) * share:.1f}" y="{base + 19}">'
        f"{share:.2g}</text>"
        for share in (0, 0.25, 0.5, 0.75, 1)
    )
    return (
        f'<svg class="chart" viewBox="0 0 {_WIDTH + 12} {_HEIGHT}" role="img" '
        f'aria-label="{escape(title)}"><title>{escape(title)}</title>{content}'
        f'<line class="axis" x1="{_LEFT}" x2="{_WIDTH}" y1="{base}" y2="{base}"/>{ticks}'
        f'<text class="name" x="{_WIDTH}" y="{_HEIGHT - 3}">{escape(across)}</text>'
        f'<text class="name left" x="0" y="14">{escape(up)}</text></svg>'
    )
