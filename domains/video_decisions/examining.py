"""What a video model answers to computations that it has not seen, of the size that it learned and larger."""

from __future__ import annotations

from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np

from wunderkammer.domains.video_decisions.computing import Answers, compute
from wunderkammer.domains.video_decisions.exercises import exam
from wunderkammer.domains.video_decisions.schooling import Tell
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.strips import png, sheet
from wunderkammer.domains.video_decisions.tasks import LONG, MAZES, TASKS
from wunderkammer.learners.video.narrated import Narrated

SHEET = "chains.png"


def examine(settings: VideoSettings, model: Narrated, out: Path, tell: Tell) -> dict[str, Any]:
    """Figures by task, and `chains.png` in `out`: for each task one chain, and below it the answer.

    exact_…: share of the exam whose answer is right in every cell; cells_…: share of the cells that had to change;
    wrong_…: share of the transitions that the rule forbids; larger_…: as exact, on longer sides; otherwise_…: as exact,
    told the sentence of another task, on a quarter of the exam.
    """
    figures: dict[str, Any] = {}
    rows = []

    def ask(number: int, side: int, count: int, prompt: str | None = None) -> Answers:
        task = TASKS[number]
        asked = exam(task, settings.seed, number, count, side)
        return compute(model, task, asked, settings.way, settings.seed, prompt)

    for number, task in enumerate(TASKS):
        found = ask(number, settings.side, settings.exams)
        figures |= {f"exact_{task.name}": found.exact, f"cells_{task.name}": found.cells}
        if settings.way == "chain":
            figures[f"wrong_{task.name}"] = found.wrong
        rows += [model.tiles.decode(found.frames[:, 0].reshape(len(found.frames), -1))]
        other = TASKS[(number + 1) % len(TASKS)].prompt
        figures[f"otherwise_{task.name}"] = ask(number, settings.side, -(-settings.exams // 4), other).exact
        if settings.larger:
            figures[f"larger_{task.name}"] = ask(number, settings.side + settings.larger, settings.exams).exact
        tell(number + 1, len(TASKS), f"asked to {task.prompt}", exact=found.exact)
    (out / SHEET).write_bytes(png(sheet(rows)))
    figures["exact"] = fmean(figures[f"exact_{name}"] for name in LONG)
    figures["mazes"] = fmean(figures[f"exact_{name}"] for name in MAZES)
    return {name: round(float(np.asarray(value)), 4) for name, value in figures.items()}
