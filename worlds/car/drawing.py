"""A track as an SVG picture: the road, where it begins and whither it leads, and what was driven on it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.car import course
from wunderkammer.worlds.car.course import HALF_WIDTH, Course
from wunderkammer.worlds.car.text import SIDE, Plan

GREEN, GREY, WHITE, RED, BLUE = "#66cc66", "#666666", "#f4f4f0", "#c43c30", "#2f6db5"
MARGIN = 15
"""Metres around the sketch."""


def of(plan: Plan) -> Course:
    """The course of a track in plain Python."""
    return course.course(np.array(plan.points, np.float64))


def svg(plan: Plan, path: Sequence[tuple[float, float]] = (), side: int = 320, points: bool = False) -> str:
    """The track in a square of `side` user units, y upwards.

    path: places in metres in the order in which they were driven through, drawn as a line. points: whether its control
    points are shown.
    """
    whole = SIDE + 2 * MARGIN
    box = f'viewBox="0 0 {whole} {whole}" width="{side}" height="{side}"'
    road = of(plan)
    closed = np.concatenate([road.centre, road.centre[:1]])
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" {box} role="img">',
        f'<rect width="{whole}" height="{whole}" fill="{GREEN}"/>',
        _line(closed, GREY, 2 * HALF_WIDTH),
        _line(closed, WHITE, 0.6, "3 4"),
        _start(road),
        _line(np.array(path, np.float64), BLUE, 2.0) if len(path) > 1 else "",
        *(_spot(np.array(point, np.float64)) for point in (plan.points if points else ())),
        "</svg>",
    ]
    return "".join(parts)


def _placed(places: NDArray[np.floating]) -> NDArray[np.floating]:
    """From metres to user units."""
    return np.stack([places[..., 0] + MARGIN, SIDE + MARGIN - places[..., 1]], -1)


def _line(places: NDArray[np.floating], colour: str, width: float, dashes: str = "") -> str:
    points = " ".join(f"{x:.1f},{y:.1f}" for x, y in _placed(places))
    dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
    return (
        f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="{width:.2f}" '
        f'stroke-linejoin="round"{dashed}/>'
    )


def _start(road: Course) -> str:
    """A bar across the road at the first tile, and an arrow along it."""
    place, ahead = road.centre[0], road.ahead[0]
    left = np.array([-ahead[1], ahead[0]])
    bar = _line(np.stack([place + left * HALF_WIDTH, place - left * HALF_WIDTH]), WHITE, 2.0)
    tip = _placed(np.stack([place + ahead * 12, place + ahead * 3 + left * 4, place + ahead * 3 - left * 4]))
    corners = " ".join(f"{x:.1f},{y:.1f}" for x, y in tip)
    return f'{bar}<polygon points="{corners}" fill="{RED}"/>'


def _spot(point: NDArray[np.floating]) -> str:
    x, y = _placed(point)
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{RED}"/>'
