"""What a world is worth on clips it never saw: how well it paints, foresees, and does as it is told."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from wunderkammer.learners.video.lesson import psnr
from wunderkammer.learners.video.patches import to_bytes
from wunderkammer.learners.video.world_model import WorldModel

KNOWN, AHEAD = 4, 4
"""Frames that are shown, and frames that are then foreseen, the last of which is compared: t = 4 in the paper."""


class Foresight(NamedTuple):
    """Of each clip, in decibels, shape (clips,)."""

    told: Tensor
    """PSNR of frame t, rolled out with the actions that the action model saw."""
    random: Tensor
    """The same with actions drawn by chance."""
    copied: Tensor
    """PSNR of the last frame that was shown, as a guess of frame t."""

    @property
    def delta(self) -> Tensor:
        """Δ_t PSNR (Bruce et al. 2024, section 3): how much it matters what was done."""
        return self.told - self.random


class Dream(NamedTuple):
    """Clips as they were and as they were foreseen, uint8 (clips, time, side, side, 3)."""

    true: Tensor
    painted: Tensor
    """What the tokenizer makes of them."""
    told: Tensor
    random: Tensor


def foresee(world: WorldModel, clips: Tensor, generator: torch.Generator) -> tuple[Foresight, Dream]:
    """Show the beginning of clips, uint8 (clips, time, side, side, 3), and roll the world out twice.

    The decoder's limits are part of every figure: frames are compared as pixels with the true ones.
    """
    clips = clips[:, : KNOWN + AHEAD].to(world.device)
    done = world.infer(clips)
    chance = done.clone()
    chance[:, KNOWN - 1 :] = torch.randint(world.actions, (len(done), AHEAD), generator=generator, device=done.device)
    begun = clips[:, :KNOWN]
    told, random = (world.rollout(begun, actions, generator) for actions in (done, chance))
    goal = clips[:, -1]
    figures = Foresight(
        frame_psnr(told[:, -1], goal), frame_psnr(random[:, -1], goal), frame_psnr(clips[:, KNOWN - 1], goal)
    )
    with torch.inference_mode():
        painted = to_bytes(world.tokenizer.decode(world.tokenizer.encode(clips)))
    return figures, Dream(clips, painted, torch.cat([begun, told], 1), torch.cat([begun, random], 1))


def frame_psnr(frames: Tensor, true: Tensor) -> Tensor:
    """Of uint8 frames (n, …) one by one, shape (n,)."""
    errors = (frames.float() - true.float()).div(255).square()
    return psnr(errors.flatten(1).mean(1))
