"""Trainings over time as one drawing: what is solved, and what becomes of teachers and levels, arm by arm."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import NamedTuple

import numpy as np

Row = Mapping[str, float]
"""One line of `curve.json`."""
Runs = Sequence[Sequence[Row]]
"""The curves of trainings that differ by their seed."""

PANELS = (
    ("solved", "update", "solved, by update"),
    ("solved", "steps", "solved, by environment step"),
    ("returned", "update", "mean return on held-out tracks"),
    ("teacher_entropy", "update", "entropy of the teacher's actions, nats"),
    ("walls", "update", "walls of the levels learned in"),
    ("path", "update", "their shortest paths"),
    ("metres", "update", "length of the tracks learned in"),
    ("regret", "update", "regret as the teacher is paid"),
)
COLOURS = ("#2f4a86", "#b0512b", "#2a7f62", "#8a6d1f", "#7a3f83", "#3d8ba6", "#a23b52", "#69645a")
INK, SOFT, RULE = "#1b1a17", "#69645a", "#d8d2c4"
WIDTH, HEIGHT, GAP, ACROSS = 360, 190, 46, 2
"""Of a panel's field; between two of them; panels in a row."""
LINE = 18


class Band(NamedTuple):
    """A measure of one arm: the middle over seeds, and the quarters around it."""

    at: list[float]
    low: list[float]
    middle: list[float]
    high: list[float]


def read_curve(folder: Path) -> list[Row]:
    """What a training told of itself; empty where its folder has none."""
    file = folder / "curve.json"
    if not file.is_file():
        return []
    rows: list[Row] = json.loads(file.read_text("utf-8"))
    return rows


def band(runs: Runs, measure: str, along: str) -> Band | None:
    """Quartiles over the trainings that have a measure, wherever all of them have it; None where none has."""
    told = [{row["update"]: row for row in run if row.get(measure) is not None} for run in runs]
    told = [one for one in told if one]
    if not told:
        return None
    updates = sorted(set.intersection(*(set(one) for one in told)))
    values = np.array([[one[update][measure] for one in told] for update in updates]).reshape(len(updates), -1)
    low, middle, high = (np.quantile(values, share, axis=1).tolist() for share in (0.25, 0.5, 0.75))
    return Band([told[0][update][along] for update in updates], low, middle, high)


def curves(found: Mapping[str, Runs]) -> str:
    """SVG: a panel per measure that any arm has, a line per arm, its middle half of seeds shaded."""
    colours = {name: COLOURS[place % len(COLOURS)] for place, name in enumerate(found)}
    drawn = []
    for measure, along, title in PANELS:
        bands = {name: one for name, runs in found.items() if (one := band(runs, measure, along)) and one.at}
        if bands:
            drawn.append(_panel(title, bands, colours))
    rows = -(-len(drawn) // ACROSS)
    top = LINE * len(found) + GAP
    parts = [_key(name, colour, LINE * place + 16) for place, (name, colour) in enumerate(colours.items())]
    for place, panel in enumerate(drawn):
        left, down = GAP + (place % ACROSS) * (WIDTH + GAP), top + (place // ACROSS) * (HEIGHT + GAP)
        parts.append(f'<g transform="translate({left} {down})">{panel}</g>')
    box = f'viewBox="0 0 {GAP + ACROSS * (WIDTH + GAP)} {top + rows * (HEIGHT + GAP)}"'
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="11">', *parts, "</svg>"]
    )


def _panel(title: str, bands: Mapping[str, Band], colours: Mapping[str, str]) -> str:
    end = max(max(one.at) for one in bands.values())
    low = min(0.0, *(min(one.low) for one in bands.values()))
    high = max(max(one.high) for one in bands.values())
    high = high if high > low else low + 1.0

    def point(at: float, value: float) -> str:
        return f"{at / end * WIDTH:.1f},{HEIGHT - (value - low) / (high - low) * HEIGHT:.1f}"

    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{RULE}"/>',
        _text(0, -6, title, INK),
        _text(WIDTH, HEIGHT + 14, f"{end:,.0f}", SOFT, "end"),
        _text(0, HEIGHT + 14, "0", SOFT),
        _text(-4, 9, f"{high:.3g}", SOFT, "end"),
        _text(-4, HEIGHT, f"{low:.3g}", SOFT, "end"),
    ]
    for name, one in bands.items():
        over = [point(at, value) for at, value in zip(one.at, one.high, strict=True)]
        under = [point(at, value) for at, value in zip(one.at, one.low, strict=True)]
        line = " ".join(point(at, value) for at, value in zip(one.at, one.middle, strict=True))
        parts += [
            f'<polygon points="{" ".join([*over, *reversed(under)])}" fill="{colours[name]}" fill-opacity="0.15"/>',
            f'<polyline points="{line}" fill="none" stroke="{colours[name]}" stroke-width="1.6"/>',
        ]
    return "".join(parts)


def _key(name: str, colour: str, y: int) -> str:
    return f'<rect x="{GAP}" y="{y - 8}" width="14" height="4" fill="{colour}"/>{_text(GAP + 20, y, name, INK)}'


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x}" y="{y}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'
