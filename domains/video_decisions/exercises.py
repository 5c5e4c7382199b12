"""What a video model learns computations from: many chains of frames, and pages drawn from them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from wunderkammer.domains.video_decisions.tasks import TASKS
from wunderkammer.domains.video_decisions.tasks.palette import Grid
from wunderkammer.domains.video_decisions.tasks.task import Task, chain
from wunderkammer.learners.video.narrated import pages
from wunderkammer.learners.video.words import Words

Way = Literal["chain", "once"]
"""Frame after frame, or the first and then the last."""
LONG = 8
"""A task with fewer frames has as many more chains."""
STILL = 2
"""Pairs at the end of a chain in which nothing changes any more: enough to learn to stop."""


def words() -> Words:
    """All that is said of computations."""
    return Words.of(task.prompt for task in TASKS)


class Exercises:
    """Chains of every task, of `seed`.

    way: which pairs of frames are learned: each with the next, or the first with the answer.
    """

    def __init__(self, seed: int, count: int, side: int, looks: int, way: Way, tasks: Sequence[Task] = TASKS) -> None:
        self.seed, self.looks, self.tasks = seed, looks, tasks
        self.known = words()
        self._said = self.known.all([task.prompt for task in tasks])
        self._pairs = [
            self._learned(task, number, count * max(1, LONG // task.steps(side)), side, way)
            for number, task in enumerate(tasks)
        ]
        # A chain of many kinds of frames has more to teach: the longest come twice.
        self._turns = [number for number, task in enumerate(tasks) for _ in range(1 + (task.steps(side) > side**2))]

    def batch(self, turn: int, size: int) -> Tensor:
        """Pages of a step: `size` pairs, as many of each task as of the next."""
        dice = np.random.default_rng([self.seed, 1, turn])
        rows, said = [], []
        for place in range(size):
            number = self._turns[(turn * size + place) % len(self._turns)]
            pairs = self._pairs[number]
            rows.append(pairs[dice.integers(len(pairs))])
            said.append(self._said[number])
        return pages(np.stack(said), np.stack(rows).astype(np.int64))

    def _learned(self, task: Task, number: int, count: int, side: int, way: Way) -> NDArray[np.int8]:
        """Windows, (pairs, looks + 1, cells)."""
        first = started(task, self.seed, number, count, side, held=False)
        if way == "once":
            window = [first] * self.looks + [task.answer(first)]
            return np.stack(window, 1).reshape(count, self.looks + 1, -1).astype(np.int8)
        frames = chain(task, first)
        rows = []
        for place in range(count):
            own = frames[:, place].reshape(len(frames), -1)
            moved = np.flatnonzero((own[1:] != own[:-1]).any(1))
            last = min(len(own) - 1, (int(moved[-1]) + 1 if len(moved) else 0) + STILL)
            own = np.concatenate([own[:1].repeat(self.looks - 1, 0), own[: last + 1]])
            rows += [own[at : at + self.looks + 1] for at in range(len(own) - self.looks)]
        return np.stack(rows).astype(np.int8)


class Exam(NamedTuple):
    """First frames that are not learned from, and their answers, both (count, side, side)."""

    first: Grid
    answer: Grid


def started(task: Task, seed: int, number: int, count: int, side: int, held: bool) -> Grid:
    """First frames, to learn from or `held` back. Which of the two a frame is, its own bits decide, so that no frame of
    an exam was ever learned from, whatever the seed."""
    dice = np.random.default_rng([seed, 2 + held, number, side])
    kept: list[Grid] = []
    while sum(map(len, kept)) < count:
        drawn = task.start(dice, max(16, count // 2), side)
        kept.append(drawn[np.array([_is_held(frame) == held for frame in drawn])])
    return np.concatenate(kept)[:count]


def exam(task: Task, seed: int, number: int, count: int, side: int) -> Exam:
    """Of a task, as `started` draws them."""
    first = started(task, seed, number, count, side, held=True)
    return Exam(first, task.answer(first))


def _is_held(frame: Grid) -> bool:
    return hashlib.blake2b(frame.astype(np.int8).tobytes(), digest_size=1).digest()[0] < 51  # a fifth
