"""Mazes on a sheet, and the way that a student took through them, as SVG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

CELL, GAP, LINE = 8, 12, 14
"""Pixels: a cell's side, between mazes, a line of text."""
WALL, OPEN, GOAL, AGENT, WAY = "#3a3e48", "#ece8de", "#34965c", "#c43c30", "#2f6fb5"


class Drawing(NamedTuple):
    """One maze."""

    walls: NDArray[np.bool_]
    agent: tuple[int, int]
    goal: tuple[int, int]
    way: Sequence[tuple[int, int]] = ()
    """Cells that the student was in, in order."""
    caption: str = ""


class Row(NamedTuple):
    """Mazes side by side."""

    title: str
    drawings: Sequence[Drawing]


def sheet(rows: Sequence[Row]) -> str:
    """All rows below one another."""
    width = max((sum(_width(one) for one in row.drawings) for row in rows), default=0) + GAP
    parts, top = [], 0.0
    for row in rows:
        parts.append(f'<text x="{GAP}" y="{top + LINE}" font-weight="bold">{escape(row.title)}</text>')
        left = GAP
        for drawing in row.drawings:
            parts.append(f'<g transform="translate({left} {top + LINE + 6})">{"".join(_maze(drawing))}</g>')
            left += _width(drawing)
        top += max((len(one.walls) * CELL for one in row.drawings), default=0) + 2 * LINE + GAP
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {top}" font-family="sans-serif" font-size="10">'
    )
    return "\n".join([head, *parts, "</svg>"])


def _width(drawing: Drawing) -> int:
    return int(drawing.walls.shape[1]) * CELL + GAP


def _maze(drawing: Drawing) -> Iterator[str]:
    height, width = (side * CELL for side in drawing.walls.shape)
    yield f'<rect width="{width}" height="{height}" fill="{OPEN}" stroke="{WALL}" stroke-width="2"/>'
    blocks = "".join(f"M{c * CELL} {r * CELL}h{CELL}v{CELL}h-{CELL}z" for r, c in np.argwhere(drawing.walls))
    yield f'<path d="{blocks}" fill="{WALL}"/>'
    if drawing.way:
        points = " ".join(f"{(c + 0.5) * CELL:g},{(r + 0.5) * CELL:g}" for r, c in drawing.way)
        yield f'<polyline points="{points}" fill="none" stroke="{WAY}" stroke-width="2" stroke-opacity="0.7"/>'
    for (row, column), colour in ((drawing.goal, GOAL), (drawing.agent, AGENT)):
        yield f'<circle cx="{(column + 0.5) * CELL}" cy="{(row + 0.5) * CELL}" r="{CELL * 0.4}" fill="{colour}"/>'
    yield f'<text y="{height + LINE - 3}" font-size="8">{escape(drawing.caption)}</text>'
