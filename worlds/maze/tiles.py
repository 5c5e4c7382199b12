"""A maze as an array of pixels, one square tile per cell, made to be jitted."""

from __future__ import annotations

from functools import cache

import jax
import jax.numpy as jnp
import numpy as np

SIDE = 8
"""Pixels of a tile."""
OPEN, WALL, GOAL = 0, 1, 2
"""What a cell shows."""
PAPER, STONE, GREEN, LIGHT, RED = (236, 232, 222), (58, 62, 72), (52, 150, 92), (250, 240, 190), (196, 60, 48)
"""Colours of open, wall and goal, of what is open and in view, and of the agent."""
Pixels = np.ndarray[tuple[int, ...], np.dtype[np.uint8]]


@cache
def _tiles() -> Pixels:
    """(6, SIDE, SIDE, 3): open, wall, goal, open and seen, wall and seen, goal and seen."""
    plain = np.array([PAPER, STONE, GREEN], np.float32)
    seen = np.array([LIGHT, np.array(STONE) * 0.75 + np.array(LIGHT) * 0.25, GREEN], np.float32)
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


def paint(cells: jax.Array, seen: jax.Array, row: jax.Array, column: jax.Array, direction: jax.Array) -> jax.Array:
    """uint8 (SIDE rows, SIDE columns, 3) of a maze in its border, (rows, columns) of `OPEN`, `WALL`, `GOAL`.

    seen: (rows, columns) bool; row, column, direction: () int32, the agent's, border counted.
    """
    rows, columns = cells.shape
    squares = jnp.asarray(_tiles())[cells + 3 * seen]
    picture = squares.transpose(0, 2, 1, 3, 4).reshape(rows * SIDE, columns * SIDE, 3)
    corner = (row * SIDE, column * SIDE, 0)
    under = jax.lax.dynamic_slice(picture, corner, (SIDE, SIDE, 3))
    arrow = jnp.where(jnp.asarray(_arrows())[direction][..., None], jnp.array(RED, jnp.uint8), under)
    return jax.lax.dynamic_update_slice(picture, arrow, corner)
