"""Cellular automata of two states: the same picture goes on otherwise by another rule, which the sentence names."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from wunderkammer.domains.video_decisions.tasks.palette import Cell, Grid

GENERATIONS = 8


@dataclass(frozen=True)
class Automaton:
    """A rule on eight neighbours; beyond the border all are dead."""

    name: str
    prompt: str
    born: tuple[int, ...]
    stays: tuple[int, ...]

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """30 to 60 % alive."""
        share = dice.uniform(0.3, 0.6, (count, 1, 1))
        return np.where(dice.random((count, side, side)) < share, Cell.ALIVE, Cell.DEAD).astype(np.int64)

    def steps(self, side: int) -> int:
        return GENERATIONS

    def advance(self, frames: Grid) -> Grid:
        wide = np.pad((frames == Cell.ALIVE).astype(np.int64), [(0, 0)] * (frames.ndim - 2) + [(1, 1), (1, 1)])
        side = frames.shape[-1]
        around = [
            wide[..., row : row + side, column : column + side]
            for row in range(3)
            for column in range(3)
            if (row, column) != (1, 1)
        ]
        return self._after(frames, np.sum(around, 0))

    def answer(self, frames: Grid) -> Grid:
        ring = np.array([[[1, 1, 1], [1, 0, 1], [1, 1, 1]]])
        for _ in range(GENERATIONS):
            alive = (frames == Cell.ALIVE).astype(np.int64)
            frames = self._after(frames, ndimage.convolve(alive, ring, mode="constant"))
        return frames

    def _after(self, frames: Grid, near: Grid) -> Grid:
        alive = np.where(frames == Cell.ALIVE, np.isin(near, self.stays), np.isin(near, self.born))
        return np.where(alive, Cell.ALIVE, Cell.DEAD).astype(np.int64)


LIFE = Automaton("life", "go on by the rule of life", (3,), (2, 3))
HIGH_LIFE = Automaton("high-life", "go on by the rule of high life", (3, 6), (2, 3))
