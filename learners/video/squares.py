"""Squares that move as they are told: clips without a data set, whose true actions are known."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

MOVES = ((0, 0), (0, 1), (0, -1), (1, 0), (-1, 0))
"""Rows and columns, by true action: stay, right, left, down, up."""


class Squares:
    """A bright square on a still, random ground; every step it moves two pixels, or stays, by a random action."""

    def __init__(self, side: int = 32, square: int = 6, pace: int = 2, salt: int = 0) -> None:
        """salt: squares of another one are other squares."""
        self.side, self.square, self.pace, self.salt = side, square, pace, salt

    def batches(self, seed: int, batch: int, frames: int, start: int = 0) -> Iterator[NDArray[np.uint8]]:
        """See `Clips.batches`."""
        step = start
        while True:
            yield self.draw(seed, step, batch, frames)[0]
            step += 1

    def draw(self, seed: int, step: int, batch: int, frames: int) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
        """The clips of a step, and their true actions, int64 of shape (batch, frames - 1)."""
        rng = np.random.default_rng((self.salt, seed, step))
        clips = np.empty((batch, frames, self.side, self.side, 3), np.uint8)
        actions = rng.integers(len(MOVES), size=(batch, frames - 1))
        for clip, chosen in zip(clips, actions, strict=True):
            self._play(rng, clip, chosen)
        return clips, actions

    def _play(self, rng: np.random.Generator, clip: NDArray[np.uint8], actions: NDArray[np.int64]) -> None:
        tiles = rng.integers(0, 96, (4, 4, 3), np.uint8)
        ground = tiles.repeat(-(-self.side // 4), 0).repeat(-(-self.side // 4), 1)[: self.side, : self.side]
        colour = rng.integers(160, 256, 3, np.uint8)
        place = rng.integers(0, self.side - self.square, 2)
        for at in range(len(clip)):
            if at:
                move = np.array(MOVES[actions[at - 1]])
                place = np.clip(place + self.pace * move, 0, self.side - self.square)
            clip[at] = ground
            row, column = place
            clip[at, row : row + self.square, column : column + self.square] = colour
