"""What a calibration study found, as SVG: losses by set, what outliers cost by dose, kurtosis of a trained pair."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from wunderkammer.domains.calibration.spread import Interval

LEFT, WIDTH, RIGHT, ROW, TOP = 190, 760, 120, 20, 34
"""User units: where scales begin, how wide a drawing is, what figures take beside it, a row, the title."""
INK, SOFT = "#1b1a17", "#69645a"
COLOURS = ("#2f4a86", "#b0512b", "#2a7f62", "#8a6d1d", "#6d3f78", "#3d7f8c", "#69645a")


@dataclass(frozen=True)
class Scale:
    """Values to places between two ends."""

    low: float
    high: float
    begin: float
    end: float

    @classmethod
    def over(cls, values: Sequence[float], begin: float, end: float) -> Scale:
        """Of all finite values, with a little room."""
        finite = [value for value in values if math.isfinite(value)] or [0.0]
        room = 0.06 * (max(finite) - min(finite)) or 0.01
        return cls(min(finite) - room, max(finite) + room, begin, end)

    def at(self, value: float) -> float:
        inside = min(max(value, self.low), self.high)
        return self.begin + (inside - self.low) / (self.high - self.low) * (self.end - self.begin)


def by_set(found: Mapping[str, Mapping[str, Interval]]) -> str:
    """Per quantiser and set the mean loss with its interval; each quantiser on a scale of its own."""
    parts, foot = [_text(12, 20, "loss after each calibration set, nats a token, with 95 % over seeds", 13, 600)], TOP
    for colour, (quantiser, of_sets) in zip(_colours(len(found)), found.items(), strict=True):
        edges = [edge for one in of_sets.values() for edge in (one.mean, one.low, one.high)]
        scale = Scale.over(edges, LEFT, WIDTH - RIGHT)
        parts.append(_text(12, foot + 14, quantiser, 12, 600, colour))
        for name, one in of_sets.items():
            parts += _interval(one, scale, foot + ROW / 2, colour, name)
            foot += ROW
        foot += ROW // 2
    return _svg(foot + 6, parts)


def by_dose(found: Mapping[str, Mapping[int, Interval]]) -> str:
    """Per quantiser a line of mean losses over doses, on logarithmic scale, with intervals."""
    doses = sorted({dose for one in found.values() for dose in one})
    means = [one.mean for of_doses in found.values() for one in of_doses.values()]
    across = Scale.over([math.log10(dose) for dose in doses], 70, WIDTH - RIGHT)
    up = Scale.over(means, 300, TOP + 10)
    parts = [_text(12, 20, "loss by how many times larger four channels were made (synthetic)", 13, 600)]
    for dose in doses:
        parts.append(_text(across.at(math.log10(dose)), 324, f"×{dose}", 11, colour=SOFT, anchor="middle"))
    parts += [_text(12, up.at(value) + 4, f"{value:.3g}", 11, colour=SOFT) for value in (min(means), max(means))]
    for colour, (quantiser, of_doses) in zip(_colours(len(found)), found.items(), strict=True):
        points = [(across.at(math.log10(dose)), one) for dose, one in sorted(of_doses.items())]
        way = " ".join(f"{x:.1f},{up.at(one.mean):.1f}" for x, one in points)
        parts.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="1.6"/>')
        parts += [_line((x, up.at(one.low)), (x, up.at(one.high)), colour) for x, one in points if _bounded(one)]
        parts += [_dot(x, up.at(one.mean), colour) for x, one in points]
        parts.append(_text(points[-1][0] + 8, up.at(points[-1][1].mean) + 4, quantiser, 12, 600, colour))
    return _svg(340, parts)


def by_architecture(found: Mapping[str, Sequence[float]]) -> str:
    """The largest kurtosis of a layer's inputs, a dot for each trained model, on logarithmic scale."""
    values = [math.log10(max(value, 1.0)) for one in found.values() for value in one]
    scale = Scale.over([*values, math.log10(3)], LEFT, WIDTH - RIGHT)
    foot = TOP + ROW * 2 * len(found)
    normal = scale.at(math.log10(3))
    parts = [
        _text(12, 20, "largest kurtosis of what a layer reads, model by model", 13, 600),
        _line((normal, TOP), (normal, foot), SOFT),
        _text(normal, foot + 14, "3: a normal distribution", 11, colour=SOFT, anchor="middle"),
    ]
    for at, (colour, (name, ones)) in enumerate(zip(_colours(len(found)), found.items(), strict=True)):
        y = TOP + ROW * (2 * at + 1)
        parts.append(_text(12, y + 4, f"{name} blocks", 12, 600, colour))
        parts += [_dot(scale.at(math.log10(max(value, 1.0))), y, colour) for value in ones]
        spread = f"{min(ones):.3g} to {max(ones):.3g}"
        parts.append(_text(WIDTH - RIGHT + 8, y + 4, spread, 11, colour=SOFT))
    return _svg(foot + 26, parts)


def _interval(one: Interval, scale: Scale, y: float, colour: str, name: str) -> list[str]:
    bar = [_line((scale.at(one.low), y), (scale.at(one.high), y), colour, 2.5)] if _bounded(one) else []
    return [
        _text(LEFT - 12, y + 4, name, 11, anchor="end"),
        *bar,
        _dot(scale.at(one.mean), y, colour),
        _text(WIDTH - RIGHT + 8, y + 4, f"{one.mean:.3f}", 11, colour=SOFT),
    ]


def _bounded(one: Interval) -> bool:
    return math.isfinite(one.low) and math.isfinite(one.high)


def _colours(count: int) -> list[str]:
    return [COLOURS[at % len(COLOURS)] for at in range(count)]


def _text(
    x: float, y: float, words: str, size: int, weight: int = 400, colour: str = INK, *, anchor: str = "start"
) -> str:
    look = f'font-size="{size}" font-weight="{weight}" text-anchor="{anchor}" fill="{colour}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look}>{escape(words)}</text>'


def _line(start: tuple[float, float], end: tuple[float, float], colour: str, width: float = 1.0) -> str:
    place = f'x1="{start[0]:.1f}" y1="{start[1]:.1f}" x2="{end[0]:.1f}" y2="{end[1]:.1f}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width:g}"/>'


def _dot(x: float, y: float, colour: str) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>'


def _svg(height: float, parts: Sequence[str]) -> str:
    frame = f'viewBox="0 0 {WIDTH} {height:g}" width="{WIDTH}" height="{height:g}" role="img"'
    paper = '<rect width="100%" height="100%" fill="#fffefb"/>'
    start = f'<svg xmlns="http://www.w3.org/2000/svg" {frame} font-family="system-ui, sans-serif">'
    return "\n".join([start, paper, *parts, "</svg>\n"])
