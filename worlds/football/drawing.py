"""A lineup as an SVG picture: the pitch, the players and where they look, the ball, and ways that were run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.level import Lineup

GRASS, LINES, LEFT, RIGHT, BALL, INK = "#4a8a54", "#deecde", "#2f6db5", "#c43c30", "#fafafa", "#20242c"
BORDER = 0.1


def svg(
    lineup: Lineup, headings: Any = None, path: Sequence[Sequence[float]] = (), heat: Any = None, width: int = 480
) -> str:
    """The pitch with everybody on it; x = 1 is on the right, y = 0.42 above. Keepers have a ring.

    headings: (2n, 2), left's players first; without any, everybody looks towards the other side's goal. path: places
    that the ball went through, drawn as a line. heat: (rows, columns) of shares in [0, 1] (NaN: none) laid over the
    pitch as fields, the first row above. width: user units.
    """
    scale = width / (2 * (pitch.LENGTH + BORDER))
    height = round(2 * (pitch.WIDTH + BORDER) * scale)
    left, right, ball = (np.asarray(part, float) for part in lineup)
    count = len(left)
    looks = np.asarray(headings, float) if headings is not None else np.repeat([[1.0, 0.0], [-1.0, 0.0]], count, axis=0)

    def at(place: Any) -> tuple[float, float]:
        return (place[0] + pitch.LENGTH + BORDER) * scale, (pitch.WIDTH + BORDER - place[1]) * scale

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" aria-label="A football pitch with {count} against {count} players">',
        f'<rect width="{width}" height="{height}" fill="{GRASS}"/>',
        *_heat(heat, at),
        _lines(at, scale),
    ]
    if len(path) > 1:
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, path))
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{BALL}" stroke-opacity=".7" stroke-width="1.5"/>'
        )
    for index, (place, look) in enumerate(zip(np.concatenate([left, right]), looks, strict=True)):
        colour = LEFT if index < count else RIGHT
        parts.append(_player(at(place), look, colour, index % count == 0, scale))
    x, y = at(ball)
    parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.012 * scale:.1f}" fill="{BALL}" stroke="{INK}"/></svg>')
    return "".join(parts)


def _lines(at: Any, scale: float) -> str:
    """Borders, middle, penalty areas, goals."""
    path = [
        _box(at, -pitch.LENGTH, pitch.LENGTH, pitch.WIDTH),
        _box(at, -pitch.LENGTH, -pitch.LENGTH + pitch.BOX_LENGTH, pitch.BOX_WIDTH),
        _box(at, pitch.LENGTH - pitch.BOX_LENGTH, pitch.LENGTH, pitch.BOX_WIDTH),
        _box(at, -pitch.LENGTH - 0.04, -pitch.LENGTH, pitch.MOUTH),
        _box(at, pitch.LENGTH, pitch.LENGTH + 0.04, pitch.MOUTH),
        "M{:.1f} {:.1f}V{:.1f}".format(*at((0, pitch.WIDTH)), at((0, -pitch.WIDTH))[1]),
    ]
    x, y = at((0, 0))
    return (
        f'<path d="{"".join(path)}" fill="none" stroke="{LINES}"/>'
        f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{0.12 * scale:.1f}" fill="none" stroke="{LINES}"/>'
    )


def _box(at: Any, near: float, far: float, half: float) -> str:
    (x0, y0), (x1, y1) = at((near, half)), at((far, -half))
    return f"M{x0:.1f} {y0:.1f}H{x1:.1f}V{y1:.1f}H{x0:.1f}z"


def _heat(heat: Any, at: Any) -> list[str]:
    """Fields over the whole pitch; the higher the share the redder."""
    if heat is None:
        return []
    shares = np.asarray(heat, float)
    rows, columns = shares.shape
    (x0, y0), (x1, y1) = at((-pitch.LENGTH, pitch.WIDTH)), at((pitch.LENGTH, -pitch.WIDTH))
    wide, high = (x1 - x0) / columns, (y1 - y0) / rows
    return [
        f'<rect x="{x0 + column * wide:.1f}" y="{y0 + row * high:.1f}" width="{wide:.1f}" height="{high:.1f}" '
        f'fill="{RIGHT}" fill-opacity="{0.85 * min(max(shares[row, column], 0.0), 1.0):.2f}"/>'
        for row in range(rows)
        for column in range(columns)
        if np.isfinite(shares[row, column])
    ]


def _player(place: tuple[float, float], look: Any, colour: str, keeper: bool, scale: float) -> str:
    """A disc with a nose; a ring around the keeper."""
    (x, y), size = place, 0.02 * scale
    turn = -np.degrees(np.arctan2(look[1], look[0]))
    ring = f' stroke="{BALL}" stroke-width="1.5"' if keeper else ""
    nose = f"M0 {-0.8 * size:.1f}L{1.8 * size:.1f} 0L0 {0.8 * size:.1f}z"
    return (
        f'<g transform="translate({x:.1f} {y:.1f}) rotate({turn:.0f})" fill="{colour}"{ring}>'
        f'<path d="{nose}"/><circle r="{size:.1f}"/></g>'
    )
