"""Computations posed as frames: how often the last frame is right to the last cell, and every frame before it."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import torch

from wunderkammer.domains.video_decisions.exercises import Exam, Way
from wunderkammer.domains.video_decisions.tasks.palette import Grid
from wunderkammer.domains.video_decisions.tasks.task import Task, chain
from wunderkammer.learners.video.narrated import Narrated


class Answers(NamedTuple):
    """What a model made of an exam."""

    frames: Grid
    """(frames, count, side, side): the chain, or first and last."""
    exact: float
    """Share whose last frame is right in every cell."""
    cells: float
    """Share of the cells that are right, of those that differ between first frame and answer."""
    forward: int
    """Evaluations of the model for each answer."""
    wrong: float
    """Share of the transitions that the true rule would not have made."""


def compute(
    model: Narrated,
    task: Task,
    exam: Exam,
    way: Way,
    seed: int,
    prompt: str | None = None,
    heard: Callable[[], None] = lambda: None,
) -> Answers:
    """Answer an exam. chain: a frame for each frame of the longest true chain, of one round each. once: one frame, of
    as many rounds as the chain has frames.

    prompt: another one than the task's.
    """
    true = chain(task, exam.first)
    steps, (count, side, _) = len(true) - 1, exam.first.shape
    said = model.told([task.prompt if prompt is None else prompt]).expand(count, -1)
    dice = torch.Generator(model.device).manual_seed(seed)
    codes = torch.from_numpy(exam.first.reshape(count, 1, -1)).to(model.device)
    for _ in range(steps if way == "chain" else 1):
        following = model.follow(said, codes, dice, rounds=1 if way == "chain" else steps)
        codes = torch.cat([codes, following[:, None]], 1)
        heard()
    frames = codes.cpu().numpy().reshape(count, -1, side, side).swapaxes(0, 1)
    right = frames[-1] == exam.answer
    changed = exam.first != exam.answer
    wrong = 0.0
    if way == "chain":
        wrong = float((task.advance(frames[:-1]) != frames[1:]).any((2, 3)).mean())
    return Answers(
        frames, float(right.all((1, 2)).mean()), float(right[changed].mean()) if changed.any() else 1.0, steps, wrong
    )
