"""Histograms as rows of shades in one SVG: what a layer reads, from its smallest values to its largest."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from html import escape
from itertools import groupby
from typing import NamedTuple

from wunderkammer.jobs.quantise.moments import BINS, HIGH, LOW

LEFT, WIDTH, HEIGHT, TOP, WIDE = 250, 3, 9, 40, 720
"""User units: where the shades begin, how wide a bin and how high a row is, the title; all bins."""

LEVELS = 16


class Row(NamedTuple):
    """One layer."""

    name: str
    sizes: Sequence[int]
    """Values in each bin of `moments`."""
    largest: float


def shades(title: str, rows: Sequence[Row]) -> str:
    """Rows below one another; the darker, the more values (by logarithm), and a dot at the largest."""
    foot = TOP + HEIGHT * len(rows)
    frame = f'viewBox="0 0 {LEFT + WIDE + 20} {foot + 34}" font-family="sans-serif" font-size="8"'
    head = f'<text x="8" y="20" font-size="14" font-weight="bold">{escape(title)}</text>'
    paper = '<rect width="100%" height="100%" fill="#fffefb"/>'
    lines: dict[int, list[str]] = {level: [] for level in range(1, LEVELS + 1)}
    for at, row in enumerate(rows):
        for level, begin, bins in _runs(row.sizes):
            lines[level].append(f"M{LEFT + begin * WIDTH} {TOP + at * HEIGHT + HEIGHT / 2:g}h{bins * WIDTH}")
    drawn = [
        f'<path d="{"".join(parts)}" stroke="#2f4a86" stroke-width="{HEIGHT - 1}" opacity="{level / LEVELS:.3g}"/>'
        for level, parts in lines.items()
        if parts
    ]
    marks = [mark for at, row in enumerate(rows) for mark in _marks(row, TOP + at * HEIGHT)]
    return "\n".join(
        [f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>', paper, head, *drawn, *marks, *_scale(foot), "</svg>\n"]
    )


def _runs(sizes: Sequence[int]) -> Iterator[tuple[int, int, int]]:
    """Level of shade, first bin and number of bins, of neighbours of one shade; empty bins are left out."""
    most = math.log1p(max(sizes))
    levels = [math.ceil(LEVELS * math.log1p(count) / most) if count else 0 for count in sizes]
    begin = 0
    for level, same in groupby(levels):
        bins = len(list(same))
        if level:
            yield level, begin, bins
        begin += bins


def _marks(row: Row, top: int) -> list[str]:
    """The name, and a dot at the largest."""
    dot = f'<circle cx="{_at(row.largest):.1f}" cy="{top + HEIGHT / 2}" r="2.5" fill="#b0512b"/>'
    return [f'<text x="8" y="{top + HEIGHT - 2}">{escape(row.name)}</text>', dot]


def _scale(foot: int) -> list[str]:
    """A mark for every other power of ten."""
    powers = range(int(LOW), int(HIGH) + 1, 2)
    return [
        f'<line x1="{x}" y1="{TOP}" x2="{x}" y2="{foot}" stroke="#69645a" stroke-width=".4"/>'
        f'<text x="{x}" y="{foot + 14}" text-anchor="middle" font-size="10">1e{power}</text>'
        for power, x in ((power, _at(10.0**power)) for power in powers)
    ]


def _at(size: float) -> float:
    return LEFT + WIDTH * BINS * (math.log10(max(size, 10**LOW)) - LOW) / (HIGH - LOW)
