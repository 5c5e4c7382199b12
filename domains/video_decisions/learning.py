"""One video model learned from its library of pages."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from wunderkammer.core.ids import rng_for
from wunderkammer.domains.video_decisions.exercises import Exercises
from wunderkammer.domains.video_decisions.schooling import Tell, school
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.tasks import palette
from wunderkammer.learners.video.course import Machine, Schedule
from wunderkammer.learners.video.narrated import Narrated, NarratedSettings

VIDEO = "video"
"""The folder of a learned model."""
WARMUP = 50


def learn(
    settings: VideoSettings,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
    machine: Machine = Machine(),
) -> dict[str, Any]:
    """Learn, and leave `video/` and `curve.json` in `out`."""
    began = now()
    torch.manual_seed(rng_for("video", settings.seed).getrandbits(62))
    if settings.library == "tasks":
        known = Exercises(settings.seed, settings.chains, settings.side, 1, settings.way)
        sizes = NarratedSettings(width=settings.width, layers=settings.layers, most=settings.side + 2 * settings.larger)
        model, batches = Narrated(sizes, palette.tiles(), known.known), known.batch
    else:
        from wunderkammer.domains.video_decisions.film import FRAMES_SHOWN, Film

        film = Film.of(settings)
        sizes = NarratedSettings(
            width=settings.width, layers=settings.layers, looks=0, shown=FRAMES_SHOWN, most=film.side, least=0.0
        )
        model, batches = Narrated(sizes, film.tiles, film.words), film.batch
    model.to(machine.device)
    curve = school(
        VIDEO, model, model.lesson, lambda turn: batches(turn, settings.batch), schedule(settings), settings.seed,
        settings.id, checkpoint, tell, now, machine,
    )  # fmt: skip
    model.save(out / VIDEO, {"training": settings.model_dump()})
    (out / "curve.json").write_text(json.dumps(curve), "utf-8")
    return {
        "parameters": float(sum(weight.numel() for weight in model.parameters())),
        "loss": curve[-1]["loss"],
        "accuracy": curve[-1]["accuracy"],
        "seconds": round(now() - began, 1),
        "device": machine.device,
    }


def schedule(settings: VideoSettings, steps: int | None = None, rate: float | None = None) -> Schedule:
    """Of a part that learns for so long, so fast; default: as the video model."""
    steps = steps or settings.steps
    return Schedule(steps, settings.batch, rate or settings.rate, min(WARMUP, max(1, steps // 5)))
