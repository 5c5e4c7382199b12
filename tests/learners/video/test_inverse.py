"""Inverse dynamics: right on true frames."""

from __future__ import annotations

from pathlib import Path

import torch

from wunderkammer.domains.video_decisions.film import Film
from wunderkammer.domains.video_decisions.schooling import school
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.learners.video.course import Schedule
from wunderkammer.learners.video.inverse import Inverse


def test_actions_are_read_off_true_frames(tmp_path: Path) -> None:
    film, other = (
        Film.of(VideoSettings(role="plan", seed=seed, room=4, demonstrations=150, plays=40)) for seed in (0, 1)
    )
    torch.manual_seed(0)
    inverse, length = Inverse(film.tiles, 16, 5, width=32), film.words.length
    school(
        "inverse", inverse, inverse.lesson, lambda turn: film.labelled(turn, 96)[:, length:],
        Schedule(200, 96, 3e-3, 20), 0, "x", tmp_path, lambda *told, **figures: None, lambda: 0.0,
    )  # fmt: skip
    rows = other.labelled(0, 400)[:, length:]
    before, after, action = rows[:, :16], rows[:, 16:32], rows[:, -1]
    moved = (before != after).any(1)
    right = (inverse.read(before, after) == action)[moved].float().mean()
    assert right > 0.97
