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


def look(world: WorldModel, clips: Frames, generator: torch.Generator) -> Look:
    """Roll the world out from the first frame of each clip: as the action model says, and by random actions."""
    shown = torch.from_numpy(clips[:, : AHEAD + 1]).to(world.device)
    with torch.inference_mode():
        told = world.infer(shown)
        chance = torch.randint(world.actions, told.shape, generator=generator, device=told.device)
        painted = world.repainted(shown)
        rolled = [world.rollout(shown[:, :1], actions, generator) for actions in (told, chance)]
    true, first = clips[:, : AHEAD + 1], clips[:, :1]
    inferred, random = (np.concatenate([first, one.cpu().numpy()], 1) for one in rolled)
    rows = {"true": true, "painted": painted.cpu().numpy(), "inferred": inferred, "random": random}
    of = {name: likeness.decibels(frames[:, -1], true[:, -1]).mean() for name, frames in rows.items()}
    copied = likeness.decibels(first[:, 0], true[:, -1]).mean()
    figures = {
        "psnr": likeness.decibels(rows["painted"], true).mean(),
        "delta_psnr": of["inferred"] - of["random"],
        "rollout_psnr": of["inferred"],
        "ahead_of_copy": of["inferred"] - copied,
    }
    return Look({name: round(float(value), 4) for name, value in figures.items()}, rows)
