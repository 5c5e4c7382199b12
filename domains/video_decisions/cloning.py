"""Behavioural cloning on the pages that the video model learns from: sentence and frame in, action out."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.core.ids import rng_for
from wunderkammer.domains.video_decisions import trying
from wunderkammer.domains.video_decisions.film import Film, known_levels, new_levels
from wunderkammer.domains.video_decisions.learning import schedule
from wunderkammer.domains.video_decisions.rooms import MOVES, Codes
from wunderkammer.domains.video_decisions.schooling import Tell, school
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.trying import Acts
from wunderkammer.learners.video.course import Machine
from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.narrated import Narrated, NarratedSettings


class Clone(nn.Module):
    """The video model's own trunk; what all its places say together is the action."""

    def __init__(self, video: Narrated, actions: int) -> None:
        super().__init__()
        self.video = video
        self.head = nn.Linear(2 * video.settings.width, actions)

    def forward(self, said: Tensor, codes: Tensor) -> Tensor:
        """Logits, (rooms, actions). said: (rooms, length). codes: (rooms, cells)."""
        seen = self.video.read(said, codes)
        logits: Tensor = self.head(torch.cat([seen.amax(1), seen.mean(1)], -1))
        return logits

    def lesson(self, rows: Tensor, generator: torch.Generator) -> Lesson:
        """The loss of rows as `Film.labelled` has them."""
        length = self.video.words.length
        cells = (rows.shape[1] - length - 1) // 2
        logits, action = self(rows[:, :length], rows[:, length : length + cells]), rows[:, -1]
        right = (logits.detach().argmax(-1) == action).float().mean()
        return Lesson(F.cross_entropy(logits, action), {"accuracy": right})

    def acts(self, said: Codes) -> Acts:
        """As who is told this."""
        told = torch.from_numpy(said).to(self.head.weight.device)

        def act(seen: Codes, _: int) -> NDArray[np.int64]:
            with torch.inference_mode():
                found: NDArray[np.int64] = self(told, torch.from_numpy(seen).to(told.device)).argmax(-1).cpu().numpy()
            return found

        return act


def clone(
    settings: VideoSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float],
    machine: Machine = Machine(),
) -> dict[str, Any]:  # fmt: skip
    """Learn, and try; `curve.json` in `out`."""
    film = Film.of(settings)
    torch.manual_seed(rng_for("clone", settings.seed).getrandbits(62))
    sizes = NarratedSettings(width=settings.width, layers=settings.layers, looks=0, most=film.side)
    student = Clone(Narrated(sizes, film.tiles, film.words), len(MOVES)).to(machine.device)
    curve = school(
        "clone", student, student.lesson, lambda turn: film.labelled(turn, settings.batch),
        schedule(settings, rate=settings.clone_rate), settings.seed, settings.id, checkpoint, tell, now, machine,
    )  # fmt: skip
    (out / "curve.json").write_text(json.dumps(curve), "utf-8")
    new = trying.drawn(new_levels(settings), settings.seed, settings.exams)
    known = trying.drawn(known_levels(settings), settings.seed + 1, settings.exams)
    figures = {
        "success_held": trying.attempt(new, student.acts(new.said)).met.mean(),
        "success": trying.attempt(known, student.acts(known.said)).met.mean(),
        "otherwise": trying.attempt(new, student.acts(np.roll(new.said, 1, 0))).met.mean(),
        "expert": trying.expert(new),
        "accuracy": curve[-1]["accuracy"],
    }
    return {name: round(float(value), 4) for name, value in figures.items()}
