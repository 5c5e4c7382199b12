"""Sorting: bars of different heights change places with their neighbours, every second pair at a time."""

from __future__ import annotations

import numpy as np

from wunderkammer.domains.video_decisions.tasks.palette import Cell, Grid


class Bars:
    """Odd-even transposition sort. A bar's colour says which neighbour it is compared with next: after as many frames
    as there are bars all are in order (Knuth, The Art of Computer Programming, 5.3.4, exercise 37)."""

    name, prompt = "sort", "sort the bars"

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """Heights from 0 to side, each drawn alone."""
        return _drawn(dice.integers(side + 1, size=(count, side)), 0)

    def steps(self, side: int) -> int:
        return side

    def advance(self, frames: Grid) -> Grid:
        bar = np.isin(frames, (Cell.LEFT_BAR, Cell.RIGHT_BAR))
        left = np.isin(frames, (Cell.LEFT_EMPTY, Cell.LEFT_BAR))
        wide = np.pad(bar, [(0, 0)] * (frames.ndim - 1) + [(1, 1)])
        # A left bar without a partner stays: beyond the right border bars are as high as can be, beyond the left none.
        wide[..., -1] = True
        after = np.where(left, bar & wide[..., 2:], bar | wide[..., :-2])
        return np.where(
            left, np.where(after, Cell.RIGHT_BAR, Cell.RIGHT_EMPTY), np.where(after, Cell.LEFT_BAR, Cell.LEFT_EMPTY)
        ).astype(np.int64)

    def answer(self, frames: Grid) -> Grid:
        side = frames.shape[-1]
        heights = np.isin(frames, (Cell.LEFT_BAR, Cell.RIGHT_BAR)).sum(-2)
        return _drawn(np.sort(heights, -1), side)


def _drawn(heights: Grid, turn: int) -> Grid:
    """(count, side, side) of heights (count, side), bars standing on the last row."""
    side = heights.shape[-1]
    bar = np.arange(side)[:, None] >= side - heights[:, None]
    left = (np.arange(side) + turn) % 2 == 0
    return np.where(
        left, np.where(bar, Cell.LEFT_BAR, Cell.LEFT_EMPTY), np.where(bar, Cell.RIGHT_BAR, Cell.RIGHT_EMPTY)
    ).astype(np.int64)
