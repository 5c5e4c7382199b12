"""The course of a track: a closed Bézier curve through its control points, cut into tiles of equal length.

All functions take arrays of NumPy or of JAX and give arrays of the same kind: one arithmetic for both. Their arrays are
of one track; with JAX they may be vmapped.
"""

from __future__ import annotations

from typing import Any, NamedTuple

TILES = 256
"""Of every track, whatever its length."""
HALF_WIDTH = 20 / 3
"""Metres from the middle of the road to its edge, CarRacing's."""
SHARP = 15.0
"""Metres: a turn of a smaller radius is a sharp one."""
APART = 16
"""Tiles; what lies nearer along the road is not asked whether it overlaps."""
TIGHTEST = HALF_WIDTH / 2
"""Metres: the car, which turns in a circle of 8 m, gets round a bend of this radius by using the width of the road."""
_FINE = 32
"""Samples between two control points, before they are spaced evenly."""

Array = Any
"""Of numpy or jax.numpy."""


class Course(NamedTuple):
    """The middle of the road, tile by tile."""

    centre: Array
    """(TILES, 2) metres."""
    ahead: Array
    """(TILES, 2): unit vectors along the road. (-y, x) of one points to the left."""
    spacing: Array
    """() metres between neighbouring tiles, along the road."""


def curve(points: Array) -> Array:
    """(POINTS * 32, 2): the closed curve through points (POINTS, 2), evenly in its parameter.

    Cubic Bézier pieces. At each point the curve runs in the direction from its predecessor to its successor, and the
    handles on both sides are 0.4 of the way to the neighbours, as those of a quarter of a circle nearly are. Where
    predecessor and successor are one point it has a cusp.
    """
    xp = points.__array_namespace__()
    after = xp.roll(points, -1, axis=0)
    along = after - xp.roll(points, 1, axis=0)
    along = along / xp.maximum(_norm(along), 1e-6)[:, None]
    reach = 0.4 * _norm(after - points)[:, None]
    leaving, entering = points + along * reach, after - xp.roll(along, -1, axis=0) * reach
    t = (xp.arange(_FINE) / _FINE)[None, :, None]
    pieces = (
        (1 - t) ** 3 * points[:, None]
        + 3 * (1 - t) ** 2 * t * leaving[:, None]
        + 3 * (1 - t) * t**2 * entering[:, None]
        + t**3 * after[:, None]
    )
    return pieces.reshape(-1, 2)


def course(points: Array) -> Course:
    """Tiles of equal length; the first is at the first point. points: (POINTS, 2), numbers of any kind."""
    xp = points.__array_namespace__()
    fine = curve(points * 1.0)
    closed = xp.concatenate([fine, fine[:1]])
    far = xp.concatenate([xp.zeros(1), xp.cumsum(_norm(closed[1:] - closed[:-1]))])
    wanted = xp.arange(TILES) * (far[-1] / TILES)
    centre = xp.stack([xp.interp(wanted, far, closed[:, axis]) for axis in (0, 1)], axis=-1)
    chord = xp.roll(centre, -1, axis=0) - xp.roll(centre, 1, axis=0)
    return Course(centre, chord / xp.maximum(_norm(chord), 1e-6)[:, None], far[-1] / TILES)


def bends(road: Course) -> Array:
    """(TILES,) curvature, 1 / m; positive to the left. Over two tiles, so that no corner of the polyline counts."""
    xp = road.centre.__array_namespace__()
    before, after = xp.roll(road.ahead, 1, axis=0), xp.roll(road.ahead, -1, axis=0)
    sine = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    return xp.arctan2(sine, (before * after).sum(-1)) / (2 * road.spacing)


def features(points: Array) -> dict[str, Array]:
    """How complex a track is, scalars by name.

    length: metres. curvature: mean of |1 / radius|, per metre. sharp: stretches with a radius below `SHARP`. tightest:
    the smallest radius, metres. clearance: the least distance of the road's middle to itself, further along.
    crossings: how often it crosses itself. solvable: 1.0 where the road neither overlaps itself nor bends more sharply
    than `TIGHTEST`, else 0.0.
    """
    xp = points.__array_namespace__()
    road = course(points)
    bend = bends(road)
    sharp = xp.abs(bend) > 1 / SHARP
    tightest = 1 / xp.maximum(xp.abs(bend).max(), 1e-6)
    between = _norm(road.centre[:, None] - road.centre[None])
    steps = xp.abs(xp.arange(TILES)[:, None] - xp.arange(TILES)[None])
    clearance = xp.where(xp.minimum(steps, TILES - steps) > APART, between, 1e9).min()
    solvable = (clearance >= 2 * HALF_WIDTH) & (tightest >= TIGHTEST)
    return {
        "length": road.spacing * TILES,
        "curvature": xp.abs(bend).mean(),
        "sharp": (sharp & ~xp.roll(sharp, 1)).sum() * 1.0,
        "tightest": tightest,
        "clearance": clearance,
        "crossings": _crossings(road.centre) * 1.0,
        "solvable": solvable * 1.0,
    }


def _crossings(centre: Array) -> Array:
    """How many pairs of the polyline's pieces cross; neighbours touch and do not count."""
    xp = centre.__array_namespace__()
    start, end = centre, xp.roll(centre, -1, axis=0)
    side_start = _side(start[:, None], end[:, None], start[None])
    side_end = _side(start[:, None], end[:, None], end[None])
    parted = side_start * side_end < 0
    return (parted & parted.T).sum() / 2


def _side(start: Array, end: Array, point: Array) -> Array:
    """On which side of a line a point lies: positive to the left."""
    along, towards = end - start, point - start
    return along[..., 0] * towards[..., 1] - along[..., 1] * towards[..., 0]


def _norm(vectors: Array) -> Array:
    return (vectors**2).sum(-1) ** 0.5
