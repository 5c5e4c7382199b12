"""Levels in rows on one sheet, as SVG: those of a training over time, a student's ways through held-out ones."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple

SIDE, CELL, GAP, LINE = 120, 20, 12, 14
"""User units: a maze's side, a cell before it is scaled to that, between mazes, a line of text."""


class Shown(NamedTuple):
    """One level, and what is to be seen in it."""

    drawing: str
    """SVG."""
    caption: str = ""


class Row(NamedTuple):
    """Levels side by side."""

    title: str
    levels: Sequence[Shown]


def sheet(rows: Sequence[Row]) -> str:
    """All rows below one another."""
    width = GAP + (SIDE + GAP) * max((len(row.levels) for row in rows), default=0)
    height = SIDE + 2 * LINE + GAP
    parts = [part for number, row in enumerate(rows) for part in _row(row, number * height)]
    box = f'viewBox="0 0 {width} {height * len(rows) + GAP}" font-family="sans-serif" font-size="11"'
    return "\n".join([f'<svg xmlns="http://www.w3.org/2000/svg" {box}>', *parts, "</svg>"])


def _row(row: Row, top: int) -> list[str]:
    parts = [f'<text x="{GAP}" y="{top + LINE}" font-weight="bold">{escape(row.title)}</text>']
    for number, shown in enumerate(row.levels):
        left = GAP + number * (SIDE + GAP)
        frame = f'<svg x="{left}" y="{top + LINE + 4}" width="{SIDE}" height="{SIDE}">{shown.drawing}</svg>'
        parts += [frame, f'<text x="{left}" y="{top + SIDE + 2 * LINE + 2}">{escape(shown.caption)}</text>']
    return parts
