"""The room as an array of pixels, one square per cell, made to be jitted."""

from __future__ import annotations

from functools import cache
from typing import TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.toys.words import SHAPES

SIDE = 8
"""Pixels of a cell's side: six for the toy, one on each side for the robot, who stands around it."""
FLOOR, ROBOT = (236, 232, 222), (30, 30, 34)
PALETTE = ((200, 50, 45), (45, 140, 70), (45, 85, 190), (232, 190, 40), (130, 60, 160), (236, 130, 40))
"""In the order of `COLOURS`."""
Pixels: TypeAlias = NDArray[np.uint8]
_GLYPHS = {
    "ball": ".####. ###### ###### ###### ###### .####.",
    "box": "###### ###### ###### ###### ###### ######",
    "ring": ".####. ##..## #....# #....# ##..## .####.",
    "cross": "..##.. ..##.. ###### ###### ..##.. ..##..",
    "diamond": "..##.. .####. ###### ###### .####. ..##..",
    "pyramid": "...... ..##.. ..##.. .####. .####. ######",
}


@cache
def glyphs() -> NDArray[np.bool_]:
    """(shapes + 1, SIDE, SIDE): where a toy of each shape is; the last is no toy."""
    found = np.zeros((len(SHAPES) + 1, SIDE, SIDE), np.bool_)
    for number, shape in enumerate(SHAPES):
        found[number, 1:-1, 1:-1] = np.array([[sign == "#" for sign in row] for row in _GLYPHS[shape].split()])
    return found


@cache
def robots() -> NDArray[np.bool_]:
    """(2, SIDE, SIDE): where the robot is; empty-handed, with open sides, and carrying, closed around its toy."""
    edge = np.zeros((SIDE, SIDE), np.bool_)
    edge[[0, -1]] = edge[:, [0, -1]] = True
    empty = edge.copy()
    empty[3:5] = empty[:, 3:5] = False
    return np.stack([empty, edge])


def paint(shapes: jax.Array, colours: jax.Array, agent: jax.Array, carries: jax.Array) -> jax.Array:
    """uint8 (SIDE rows, SIDE columns, 3).

    shapes, colours: (rows, columns) int32, what lies in each cell; as shape, the number of shapes means nothing.
    agent: (2,) int32. carries: () bool.
    """
    rows, columns = shapes.shape
    toy = jnp.asarray(glyphs())[shapes][..., None]
    cells = jnp.where(toy, jnp.asarray(PALETTE, jnp.uint8)[colours][:, :, None, None], jnp.array(FLOOR, jnp.uint8))
    frame = jnp.asarray(robots())[carries.astype(jnp.int32)][..., None]
    here = jnp.where(frame, jnp.array(ROBOT, jnp.uint8), cells[agent[0], agent[1]])
    cells = cells.at[agent[0], agent[1]].set(here)
    return cells.transpose(0, 2, 1, 3, 4).reshape(rows * SIDE, columns * SIDE, 3)
