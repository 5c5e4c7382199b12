"""One part learning from batches until all steps are made: told as it goes, kept now and then, gone on with after a
kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import torch
from torch import Tensor, nn

from wunderkammer.learners.video.course import Course, Machine, Schedule, Teach
from wunderkammer.learners.video.keeping import Keeping

SAVED_EVERY_S = 30.0
REPORT = 25
"""Steps between two rows of the curve."""
Batches = Callable[[int], Tensor]
"""What is learned from in a step, by its number and nothing else."""


class Tell(Protocol):
    """Hears of progress; `Desk.tell` is one."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


def school(
    name: str,
    part: nn.Module,
    teach: Teach,
    batches: Batches,
    schedule: Schedule,
    seed: int,
    preset: str,
    checkpoint: Path,
    tell: Tell,
    now: Callable[[], float],
    machine: Machine = Machine(),
) -> list[dict[str, float]]:
    """All steps; the part then has its averaged weights. A row of figures per `REPORT` steps.

    Killed at any moment and called again with the same folder, it ends with the same weights.

    Raises:
        ConfigError: the folder's checkpoint is of another preset.
        FloatingPointError: a loss is no number.
    """
    kept, curve, turn, saved = Keeping(checkpoint / name, preset), list[dict[str, float]](), 0, now()
    course = Course(name, part, teach, schedule, machine)
    found = kept.latest()
    if found is not None:
        part.load_state_dict(_under("part.", found.tensors))
        turn, curve = int(found.notes["turn"]), list(found.notes["curve"])
        if turn < schedule.steps:
            course.take_up(_under("course.", found.tensors))
    part.train()
    while turn < schedule.steps:
        rows = []
        for _ in range(min(REPORT, schedule.steps - turn)):
            rows.append(course.step(turn, batches(turn).to(machine.device), seed))
            turn += 1
        row = {key: round(float(torch.stack([row[key].float() for row in rows]).mean()), 6) for key in rows[0]}
        if not all(value - value == 0 for value in row.values()):
            raise FloatingPointError(f"{name} at step {turn}: {row}")
        curve.append({"step": float(turn), **row})
        tell(turn, schedule.steps, name, **row)
        over = turn == schedule.steps
        if over:
            course.finish()
        if over or now() - saved >= SAVED_EVERY_S:
            saved = now()
            notes: dict[str, Any] = {"turn": turn, "curve": curve}
            going_on = {} if over else {f"course.{key}": value for key, value in course.kept().items()}
            kept.save({f"part.{key}": value for key, value in part.state_dict().items()} | going_on, notes)
    part.eval()
    return curve


def _under(prefix: str, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
    return {name.removeprefix(prefix): value for name, value in tensors.items() if name.startswith(prefix)}
