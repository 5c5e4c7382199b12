"""Tracks by chance: points around the middle to begin with, and small random edits, with or without an aim."""

from __future__ import annotations

from math import cos, pi, sin
from random import Random

from wunderkammer.core.contract import Cell as Aim
from wunderkammer.domains.paired.car_layout import bins_away, complexity
from wunderkammer.worlds.car.text import POINTS, SIDE, Plan, Point

_SCALED = 0.25
"""Share of the edits towards an aim that make the whole track larger or smaller."""


def scattered(rng: Random, inner: float = 50.0) -> Plan:
    """CarRacing's checkpoints: one in each twelfth of the circle, angle and distance drawn uniformly."""
    while True:
        points = []
        for place in range(POINTS):
            angle, far = 2 * pi * (place + rng.random()) / POINTS, rng.uniform(inner, SIDE / 2)
            points.append(_inside(SIDE / 2 + far * cos(angle), SIDE / 2 + far * sin(angle)))
        if _distinct(points):
            return Plan(tuple(points))


def edited(plan: Plan, aim: Aim | None, rng: Random, edits: int, moved: float, tries: int) -> Plan:
    """A child after 1 to `edits` random moves of points; with an aim, of `tries` children the one nearest to it."""
    if aim is None:
        return _at_random(plan, rng.randint(1, edits), moved, rng)
    children = []
    for _ in range(tries):
        start = _scaled(plan, rng.uniform(0.75, 1.3)) if rng.random() < _SCALED else plan
        children.append(_at_random(start, rng.randint(1, edits), moved, rng))
    return min(children, key=lambda child: bins_away(complexity(child), aim))


def _at_random(plan: Plan, edits: int, moved: float, rng: Random) -> Plan:
    points = list(plan.points)
    for _ in range(edits):
        place = rng.randrange(POINTS)
        old = points[place]
        points[place] = _inside(old.x + rng.gauss(0, moved), old.y + rng.gauss(0, moved))
        if not _distinct(points):
            points[place] = old
    return Plan(tuple(points))


def _scaled(plan: Plan, factor: float) -> Plan:
    """The track made larger or smaller around the middle of the sketch, unless points would fall together."""
    middle = SIDE / 2
    points = [_inside(middle + factor * (x - middle), middle + factor * (y - middle)) for x, y in plan.points]
    return Plan(tuple(points)) if _distinct(points) else plan


def _inside(x: float, y: float) -> Point:
    return Point(min(max(round(x), 0), SIDE), min(max(round(y), 0), SIDE))


def _distinct(points: list[Point]) -> bool:
    """Whether no two points that follow one another are the same."""
    return all(points[place] != points[place - 1] for place in range(POINTS))
