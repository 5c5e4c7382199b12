"""Levels in rows on one sheet, as SVG: those of a training over time, a student's ways through held-out ones."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import NamedTuple
from xml.etree import ElementTree

SIDE, GAP, LINE = 120, 12, 14
"""User units: a level's side, between levels, a line of text."""


class Shown(NamedTuple):
    """One level, and what is to be seen in it."""

    drawing: str
    """SVG, with its width and height."""
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
        parts += [
            _framed(shown.drawing, left, top + LINE + 4),
            f'<text x="{left}" y="{top + SIDE + 2 * LINE + 2}">{escape(shown.caption)}</text>',
        ]
    return parts


def _framed(drawing: str, left: int, top: int) -> str:
    """The drawing scaled to a side: what is nested keeps its own size, and the frame would cut it off."""
    own = ElementTree.fromstring(drawing).attrib
    box = f'viewBox="0 0 {own["width"]} {own["height"]}"'
    return f'<svg x="{left}" y="{top}" width="{SIDE}" height="{SIDE}" {box}>{drawing}</svg>'
