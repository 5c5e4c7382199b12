"""What the cells of computations look like: one tile for each kind of cell."""

from __future__ import annotations

from enum import IntEnum

import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.video.tiles import Tiles

PATCH = 8
"""Pixels of a cell's side."""
Grid = NDArray[np.int64]
"""Frames of cells, (..., side, side)."""


class Cell(IntEnum):
    """Kinds of cells; the number is the token."""

    FLOOR = 0
    WALL = 1
    START = 2
    GOAL = 3
    WET = 4
    WAVE_0 = 5
    WAVE_1 = 6
    WAVE_2 = 7
    WAY_0 = 8
    WAY_1 = 9
    WAY_2 = 10
    REACHED = 11
    SHORTEST = 12
    DEAD = 13
    ALIVE = 14
    RED = 15
    GREEN = 16
    BLUE = 17
    EDGE = 18
    LEFT_EMPTY = 19
    LEFT_BAR = 20
    RIGHT_EMPTY = 21
    RIGHT_BAR = 22


COLOURS = (
    "f4f0e6", "3a3833", "2f8f4e", "c0392b", "6fa8dc",
    "f6d0b1", "d9e8b4", "cfd8f0", "e67e22", "9acd32", "4169e1",
    "8e44ad", "f1c40f", "fbfaf6", "22303c",
    "d9776b", "7fb77e", "7a95c9", "111111",
    "efe9f7", "7d5ba6", "e9f3ee", "3d8b6d",
)  # fmt: skip


def tiles() -> Tiles:
    """A square of its colour for each kind, with a darker rim at the right and below."""
    drawn = np.empty((len(Cell), PATCH, PATCH, 3), np.uint8)
    for cell in Cell:
        colour = np.array(list(bytes.fromhex(COLOURS[cell])), np.uint8)
        drawn[cell] = colour
        drawn[cell, -1] = drawn[cell, :, -1] = colour - colour // 6
    return Tiles(drawn)


def beside(marked: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Cells with a neighbour, of four, that is marked. marked: (..., side, side)."""
    wide = np.pad(marked, [(0, 0)] * (marked.ndim - 2) + [(1, 1), (1, 1)])
    found: NDArray[np.bool_] = wide[..., :-2, 1:-1] | wide[..., 2:, 1:-1] | wide[..., 1:-1, :-2] | wide[..., 1:-1, 2:]
    return found
