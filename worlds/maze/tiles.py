"""A maze as an array of pixels, one square tile per cell, made to be jitted."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

SIDE = 8
"""Pixels of a tile."""
FLOOR, WALL, GOAL, SEEN, AGENT = (236, 232, 222), (58, 62, 72), (52, 150, 92), (250, 240, 190), (196, 60, 48)
"""Colours; `SEEN` is floor within the agent's view."""
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@cache
def _tiles() -> Pixels:
    """(6, SIDE, SIDE, 3): open, wall, goal, open and seen, wall and seen, goal and seen."""
    plain = np.array([FLOOR, WALL, GOAL], np.float32)
    seen = np.array([SEEN, np.array(WALL) * 0.75 + np.array(SEEN) * 0.25, GOAL], np.float32)
    squares = np.broadcast_to(np.concatenate([plain, seen])[:, None, None], (6, SIDE, SIDE, 3)).copy()
    squares[:, 0] *= 0.93
    squares[:, :, 0] *= 0.93
    return squares.astype(np.uint8)


@cache
def _arrows() -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(4, SIDE, SIDE): where the agent's triangle is, by direction."""
    along, across = np.mgrid[0:SIDE, 0:SIDE][::-1] + 0.5 - SIDE / 2
    right = (along > -SIDE * 0.38) & (np.abs(across) * 2 < SIDE * 0.38 - along)
    return np.stack([np.rot90(right, -turns) for turns in range(4)])


def paint(tiles: jax.Array, seen: jax.Array, cell: jax.Array, direction: jax.Array) -> jax.Array:
    """uint8 (SIDE rows, SIDE columns, 3) of tiles (rows, columns): 0 open, 1 wall, 2 goal.

    seen: (rows, columns) bool; cell: (2,) row and column of the agent in `tiles`; direction: () int32.
    """
    rows, columns = tiles.shape
    squares = jnp.asarray(_tiles())[tiles.astype(jnp.int32) + 3 * seen]
    picture = squares.transpose(0, 2, 1, 3, 4).reshape(rows * SIDE, columns * SIDE, 3)
    corner = (cell[0] * SIDE, cell[1] * SIDE, 0)
    under = jax.lax.dynamic_slice(picture, corner, (SIDE, SIDE, 3))
    arrow = jnp.where(jnp.asarray(_arrows())[direction][..., None], jnp.array(AGENT, jnp.uint8), under)
    return jax.lax.dynamic_update_slice(picture, arrow, corner)
