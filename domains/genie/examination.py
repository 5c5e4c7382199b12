"""A short look at a world while it learns, on clips that it does not learn from; `evaluation.py` is the long one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import imageio.v3 as imageio
import numpy as np
import torch
from numpy.typing import NDArray

from wunderkammer.domains.genie import likeness, storyboard
from wunderkammer.domains.genie.settings import AHEAD
from wunderkammer.learners.video.world_model import WorldModel

DRAWN = 4
"""Clips of a sheet."""
Frames = NDArray[np.uint8]


class Look(NamedTuple):
    """What was found."""

    figures: Mapping[str, float]
    """Decibels, named as in `Evaluation.measures`."""
    rows: Mapping[str, Frames]
    """Clips as they were, as the tokenizer paints them, and as they were foreseen, (clips, time, side, side, 3)."""

    def sheet(self) -> bytes:
        """The first clips as a PNG: for each a strip of frames per row."""
        strips = storyboard.still([frames[:DRAWN] for frames in self.rows.values()])
        return imageio.imwrite("<bytes>", strips, extension=".png")


def look(world: WorldModel, clips: Frames, generator: torch.Generator, foreseen: bool = True) -> Look:
    """Clips repainted and, once dynamics have begun to learn, `foreseen` from their first frames: as the action model
    says, and by random actions."""
    shown = torch.from_numpy(clips[:, : AHEAD + 1]).to(world.device)
    true, painted = clips[:, : AHEAD + 1], world.repainted(shown).cpu().numpy()
    rows = {"true": true, "painted": painted}
    figures = {"psnr": float(likeness.decibels(painted, true).mean())}
    if foreseen:
        told = world.infer(shown)
        chance = torch.randint(world.actions, told.shape, generator=generator, device=told.device)
        for name, actions in (("inferred", told), ("random", chance)):
            rolled = world.rollout(shown[:, :1], actions, generator)
            rows[name] = np.concatenate([clips[:, :1], rolled.cpu().numpy()], 1)
        right = _last(rows["inferred"], true)
        figures["delta_psnr"] = right - _last(rows["random"], true)
        figures["rollout_psnr"] = right
        figures["ahead_of_copy"] = right - _last(clips[:, :1], true)
    return Look({name: round(value, 4) for name, value in figures.items()}, rows)


def _last(frames: Frames, true: Frames) -> float:
    """Decibels between the last frames of clips."""
    return float(likeness.decibels(frames[:, -1], true[:, -1]).mean())
