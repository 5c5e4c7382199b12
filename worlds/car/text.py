"""A track as text: its control points in the order in which they are passed, one `x y` a line.

    150 20
    240 60
    ...

Metres on a square of `SIDE`, x to the right and y upwards. The car begins at the first point and drives towards the
second; after the last comes the first again.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wunderkammer.core.errors import ConfigError

POINTS = 12
"""Control points of every track."""
SIDE = 300
"""Metres; points lie in [0, SIDE] both ways."""
_LINE = re.compile(r"\(?\s*(-?\d+)\s*[,;\s]\s*(-?\d+)\s*\)?")


class Point(NamedTuple):
    """A place on the sketch, in whole metres."""

    x: int
    y: int


class Plan(NamedTuple):
    """A track in plain Python, so that it can be checked where there is no JAX."""

    points: tuple[Point, ...]
    """`POINTS` of them; no two that follow one another are the same."""


def read(text: str) -> Plan:
    """The track that a text means. Blank lines do not count; numbers may be divided by a comma, and stand in brackets.

    Raises:
        ConfigError: naming the line (from 1, blank ones counted) of what is wrong, and what to write there.
    """
    lines = [(number, line.strip()) for number, line in enumerate(text.splitlines(), 1) if line.strip()]
    points: list[Point] = []
    for number, line in lines:
        found = _LINE.fullmatch(line)
        if not found:
            raise ConfigError(f"line {number} of the track is {line[:40]!r}; write two whole numbers, as in 150 20")
        point = Point(int(found[1]), int(found[2]))
        if not (0 <= point.x <= SIDE and 0 <= point.y <= SIDE):
            raise ConfigError(f"line {number} of the track is {line!r}; both numbers lie between 0 and {SIDE}")
        if len(points) == POINTS:
            raise ConfigError(f"line {number} of the track is one too many; a track has {POINTS} points")
        if points and points[-1] == point:
            raise ConfigError(f"line {number} of the track repeats the line before it; move the point")
        points.append(point)
    if len(points) < POINTS:
        raise ConfigError(f"the track ends after {len(points)} points; write {POINTS}, one to a line, as in 150 20")
    if points[0] == points[-1]:
        raise ConfigError(f"line {lines[-1][0]} of the track repeats the first; it closes by itself, move the point")
    return Plan(tuple(points))


def write(plan: Plan) -> str:
    """The canonical text: equal tracks have equal texts, and `read(write(plan)) == plan`."""
    return "\n".join(f"{x} {y}" for x, y in plan.points)
