"""A match as an array of pixels, made to be jitted."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.state import State

HEIGHT, WIDTH = 120, 264
"""Pixels; the pitch with a border."""
GRASS, LINES, BALL, DOWN = (74, 138, 84), (222, 236, 222), (250, 250, 250), (32, 36, 44)
SIDES, KEEPERS = ((47, 109, 181), (196, 60, 48)), ((120, 180, 240), (250, 150, 110))
_EDGE_X, _EDGE_Y = 1.1, 0.5
"""How far the picture reaches from the middle."""
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


@cache
def _grid() -> tuple[Pixels, Pixels]:
    """x and y of every pixel's middle."""
    x = (np.arange(WIDTH) + 0.5) / WIDTH * 2 * _EDGE_X - _EDGE_X
    y = _EDGE_Y - (np.arange(HEIGHT) + 0.5) / HEIGHT * 2 * _EDGE_Y
    across, up = np.meshgrid(x.astype(np.float32), y.astype(np.float32))
    return across, up


@cache
def _ground() -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    """The empty pitch; y = 0.42 is above."""
    x, y = _grid()
    thin = 1.1 * 2 * _EDGE_X / WIDTH / 2
    across, up = np.abs(x), np.abs(y)
    inside = (across < pitch.LENGTH + thin) & (up < pitch.WIDTH + thin)
    white = inside & (
        (np.abs(across - pitch.LENGTH) < thin)
        | (np.abs(up - pitch.WIDTH) < thin)
        | (across < thin)
        | (np.abs(np.hypot(x, y) - 0.12) < thin)
        | ((np.abs(across - pitch.LENGTH + pitch.BOX_LENGTH) < thin) & (up < pitch.BOX_WIDTH))
        | ((np.abs(up - pitch.BOX_WIDTH) < thin) & (across > pitch.LENGTH - pitch.BOX_LENGTH))
    )
    goals = (across > pitch.LENGTH) & (across < pitch.LENGTH + 0.04) & (up < pitch.MOUTH)
    picture = np.where((white | goals)[..., None], LINES, GRASS)
    return picture.astype(np.uint8)


def paint(state: State) -> jax.Array:
    """uint8 (HEIGHT, WIDTH, 3) of one match; see `draw`."""
    return draw(state.place.T, state.heading.T, state.down > 0, state.ball, state.air > 0, jnp)


def draw(place: Any, heading: Any, down: Any, ball: Any, air: Any, xp: Any = np) -> Any:
    """uint8 (HEIGHT, WIDTH, 3): left blue, right red, keepers paler, whoever is down dark; the ball larger in the air.

    place, heading: (2n, 2); down: (2n,) bool; ball: (2,); air: () bool; xp: numpy, or jax.numpy where it is traced.
    """
    x, y = map(xp.asarray, _grid())
    picture = xp.asarray(_ground())
    count = place.shape[0] // 2

    def disc(picture: Any, middle: Any, radius: Any, colour: tuple[int, ...]) -> Any:
        inside = (x - middle[0]) ** 2 + (y - middle[1]) ** 2 < radius**2
        return xp.where(inside[..., None], xp.asarray(colour, xp.uint8), picture)

    for one in range(2 * count):
        colour = (KEEPERS if one % count == 0 else SIDES)[one // count]
        picture = disc(picture, place[one], 0.019, colour)
        picture = disc(picture, place[one] + 0.014 * heading[one], 0.009, colour)
        picture = disc(picture, place[one], xp.where(down[one], 0.012, 0.0), DOWN)
    radius = xp.where(air, 0.016, 0.011)
    return disc(disc(picture, ball, radius + 0.004, DOWN), ball, radius, BALL)
