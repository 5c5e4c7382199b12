"""Edges: cells of a coloured region that touch a cell of another colour."""

from __future__ import annotations

import numpy as np
from scipy import ndimage

from wunderkammer.domains.video_decisions.tasks.palette import Cell, Grid

PAINTS = (Cell.RED, Cell.GREEN, Cell.BLUE)


class Edges:
    """One frame is the answer: a chain of frames has nothing to add here."""

    name, prompt = "edges", "draw the edges"

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """Each cell has the colour of the nearest of a few points."""
        points = dice.random((count, 5, 2)) * side
        rows, columns = np.indices((side, side))
        far = (rows - points[..., 0, None, None]) ** 2 + (columns - points[..., 1, None, None]) ** 2
        paints = dice.integers(len(PAINTS), size=(count, 5))
        nearest = np.take_along_axis(paints, far.argmin(1).reshape(count, -1), 1)
        return np.array(PAINTS, np.int64)[nearest.reshape(count, side, side)]

    def steps(self, side: int) -> int:
        return 1

    def advance(self, frames: Grid) -> Grid:
        other = np.zeros(frames.shape, np.bool_)
        for axis in (-1, -2):
            apart = np.diff(frames, axis=axis) != 0
            before, after = [(0, 0)] * frames.ndim, [(0, 0)] * frames.ndim
            before[axis], after[axis] = (0, 1), (1, 0)
            other |= np.pad(apart, before) | np.pad(apart, after)
        return np.where(other & (frames != Cell.EDGE), Cell.EDGE, frames)

    def answer(self, frames: Grid) -> Grid:
        cross = ndimage.generate_binary_structure(2, 1)[None]
        highest = ndimage.maximum_filter(frames, footprint=cross, mode="nearest")
        lowest = ndimage.minimum_filter(frames, footprint=cross, mode="nearest")
        return np.where(highest != lowest, Cell.EDGE, frames)
