"""Geometry of the page's drawings: what goes where in an SVG, so that the templates only have to say it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import ceil, floor, log10

from wunderkammer.apps.report.story import Point, RunReport
from wunderkammer.apps.report.wording import compact, duration, money, number, percent

WIDTH, HEIGHT = 340, 170
LEFT, RIGHT, TOP, BOTTOM = 40, 332, 14, 146
"""Where the axes of a curve lie within its WIDTH × HEIGHT."""
MOST_POINTS = 300
"""More than this many steps are thinned: the page has not that many dots to draw them with."""


@dataclass(frozen=True)
class Tick:
    at: float
    label: str


@dataclass(frozen=True)
class Curve:
    """One figure over the steps of the run."""

    title: str
    caption: str
    line: str
    """SVG path of the values; for columns, of their tops and feet."""
    area: str
    """The same, closed down to zero; empty for columns."""
    across: tuple[Tick, ...]
    up: tuple[Tick, ...]
    end: str
    """The last value, in words."""
    end_at: tuple[float, float]


def curves(report: RunReport) -> list[Curve]:
    """Coverage, QD score, new elites, calls, tokens, and cost or (without prices) time; none before the second step."""
    points = thinned(report.curve)
    if len(points) < 2:
        return []
    steps, last, drawn = [p.step for p in points], points[-1], []
    if cells := report.cells:
        coverage = [p.filled / cells for p in points]
        drawn = [
            curve("Coverage", "share of cells filled", steps, coverage, percent(coverage[-1]), top=1.0, words=percent),
            curve("QD score", "sum of the elites’ fitness", steps, [p.qd_score for p in points], number(last.qd_score)),
        ]
    drawn += [
        columns("New elites", "in each step", report.curve),
        curve("Model calls", "so far", steps, [float(p.calls) for p in points], number(last.calls)),
        curve("Tokens", "in and out, so far", steps, [float(p.tokens) for p in points], number(last.tokens)),
    ]
    if last.cost > 0:
        said = money(last.cost, report.currency)
        return [*drawn, curve("Cost", "so far", steps, [p.cost for p in points], said)]
    minutes = [p.seconds / 60 for p in points]
    return [*drawn, curve("Time", "minutes of work so far", steps, minutes, duration(last.seconds))]


def curve(
    title: str,
    caption: str,
    steps: Sequence[int],
    values: Sequence[float],
    end: str,
    *,
    top: float | None = None,
    words: Callable[[float], str] = compact,
) -> Curve:
    """A line over steps, from zero (or the lowest value below it) to `top` or the highest value."""
    high = top if top is not None else max(*values, 0.0)
    low = min(*values, 0.0)
    up = _ticks(low, high)
    low, high = min(low, up[0]), max(high, up[-1])
    xs = [_scaled(s, steps[0], steps[-1], LEFT, RIGHT) for s in steps]
    ys = [_scaled(v, low, high, BOTTOM, TOP) for v in values]
    line = "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in zip(xs, ys, strict=True))
    foot = _scaled(max(low, 0.0), low, high, BOTTOM, TOP)
    return Curve(
        title,
        caption,
        line,
        f"{line}L{xs[-1]:.1f},{foot:.1f}L{xs[0]:.1f},{foot:.1f}Z",
        _step_ticks(steps[0], steps[-1]),
        tuple(Tick(_scaled(v, low, high, BOTTOM, TOP), words(v)) for v in up),
        end,
        (xs[-1], ys[-1]),
    )


def columns(title: str, caption: str, points: Sequence[Point]) -> Curve:
    """New elites as columns; where steps are thinned, a column is the mean of those that it stands for."""
    size = max(1, ceil(len(points) / (MOST_POINTS // 3)))
    groups = [points[i : i + size] for i in range(0, len(points), size)]
    values = [sum(p.accepted for p in group) / len(group) for group in groups]
    up = _ticks(0.0, max(*values, 1.0))
    first, last = points[0].step, points[-1].step
    xs = [_scaled((g[0].step + g[-1].step) / 2, first, last, LEFT + 2, RIGHT - 2) for g in groups]
    ys = [_scaled(v, 0.0, up[-1], BOTTOM, TOP) for v in values]
    line = "".join(f"M{x:.1f},{BOTTOM}V{y:.1f}" for x, y in zip(xs, ys, strict=True))
    ticks = tuple(Tick(_scaled(v, 0.0, up[-1], BOTTOM, TOP), compact(v)) for v in up)
    said = f"{number(sum(p.accepted for p in points))} in all"
    return Curve(title, caption, line, "", _step_ticks(first, last), ticks, said, (xs[-1], ys[-1]))


def thinned(points: Sequence[Point], most: int = MOST_POINTS) -> list[Point]:
    """Evenly chosen points, first and last among them."""
    if len(points) <= most:
        return list(points)
    return [points[round(i * (len(points) - 1) / (most - 1))] for i in range(most)]


def _ticks(low: float, high: float) -> list[float]:
    """Two to five round values that enclose low … high."""
    span = (high - low) or 1.0
    rough = span / 3
    unit = 10.0 ** floor(log10(rough))
    size = next(unit * m for m in (1, 2, 2.5, 5, 10) if unit * m >= rough * 0.999)
    start, stop = floor(low / size + 1e-9), ceil(high / size - 1e-9)
    return [i * size for i in range(start, max(stop, start + 1) + 1)]


def _step_ticks(first: int, last: int) -> tuple[Tick, ...]:
    middle = (first + last) // 2
    shown = sorted({first, middle, last}) if last - first > 1 else [first, last]
    return tuple(Tick(_scaled(s, first, last, LEFT, RIGHT), compact(s)) for s in shown)


def _scaled(value: float, low: float, high: float, start: float, end: float) -> float:
    share = (value - low) / (high - low) if high > low else 0.5
    return start + share * (end - start)
