"""A match as an array of pixels, made to be jitted."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.state import State

HEIGHT, WIDTH = 120, 264
"""Pixels; the pitch with a border."""
GRASS, LINES, LEFT, RIGHT, BALL = (74, 138, 84), (222, 236, 222), (47, 109, 181), (196, 60, 48), (250, 250, 250)
KEEPERS = ((120, 180, 240), (250, 150, 110))
_EDGE_X, _EDGE_Y = 1.1, 0.5
"""How far the picture reaches from the middle."""
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.float32]]


def _grid() -> tuple[Pixels, Pixels]:
    """x and y of every pixel's middle."""
    x = (np.arange(WIDTH) + 0.5) / WIDTH * 2 * _EDGE_X - _EDGE_X
    y = _EDGE_Y - (np.arange(HEIGHT) + 0.5) / HEIGHT * 2 * _EDGE_Y
    return np.meshgrid(x.astype(np.float32), y.astype(np.float32))  # type: ignore[return-value]


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
    """uint8 (HEIGHT, WIDTH, 3) of one match: left blue, right red, keepers lighter, the ball white with a dark rim."""
    x, y = map(jnp.asarray, _grid())
    picture = jnp.asarray(_ground())
    count = state.players

    def disc(picture: jax.Array, place: jax.Array, radius: float, colour: tuple[int, ...] | jax.Array) -> jax.Array:
        inside = (x - place[0]) ** 2 + (y - place[1]) ** 2 < radius**2
        return jnp.where(inside[..., None], jnp.asarray(colour, jnp.uint8), picture)

    for one in range(2 * count):
        side = one // count
        colour = KEEPERS[side] if one % count == 0 else (LEFT, RIGHT)[side]
        nose = state.place[:, one] + 0.014 * state.heading[:, one]
        picture = disc(picture, state.place[:, one], 0.019, colour)
        picture = disc(picture, nose, 0.009, colour)
        picture = jnp.where(
            ((x - state.place[0, one]) ** 2 + (y - state.place[1, one]) ** 2 < 0.009**2)[..., None]
            & (state.down[one] > 0),
            jnp.asarray((30, 30, 30), jnp.uint8),
            picture,
        )
    picture = disc(picture, state.ball, 0.013, (20, 20, 20))
    return disc(picture, state.ball, 0.009, BALL)
