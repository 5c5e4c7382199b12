"""What a computation is: a picture to begin with, a rule from frame to frame, and the answer by other means."""

from __future__ import annotations

from typing import Protocol

import numpy as np

from wunderkammer.domains.video_decisions.tasks.palette import Grid


class Task(Protocol):
    """One computation."""

    @property
    def name(self) -> str: ...

    @property
    def prompt(self) -> str:
        """What the video model is told."""
        ...

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """First frames, (count, side, side)."""
        ...

    def steps(self, side: int) -> int:
        """Frames after the first until the answer stands in any of them; it stays as it is afterwards, or the chain
        has exactly so many."""
        ...

    def advance(self, frames: Grid) -> Grid:
        """The frames that follow, (..., side, side)."""
        ...

    def answer(self, frames: Grid) -> Grid:
        """The last frames of chains that begin with these, by a solver that does not go through frames of a chain."""
        ...


def chain(task: Task, first: Grid, steps: int | None = None) -> Grid:
    """All frames, (steps + 1, count, side, side). steps: default: until the answer; chains that stand still before are
    held there."""
    frames = [first]
    for _ in range(task.steps(first.shape[-1]) if steps is None else steps):
        following = task.advance(frames[-1])
        frames.append(following)
        if (following == frames[-2]).all() and steps is None:
            break
    return np.stack(frames)
