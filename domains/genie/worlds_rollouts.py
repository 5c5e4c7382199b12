"""What a world makes of a frame: rollouts of each latent action, several times each, and what they come to (torch).

Controllability is the part of the variance of the frames that the action explains, noise the part that chance alone
does (one-way analysis of variance per pixel, both estimates unbiased): in a world that heeds nothing the first is 0 on
average however much its rollouts differ, and in one that dissolves the second grows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from wunderkammer.core.ids import rng_for
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.games import Frames

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Rollouts:
    """What was shown from one frame.

    frames: (actions, draws, horizon, side, side, 3). painted: the frame as a way begins with it. obeyed: share of
    the transitions in which the action model reads the action that was told. decay: see `measured`.
    """

    frames: Frames
    painted: Frames
    obeyed: float
    decay: float

    def figures(self) -> dict[str, float]:
        """All in grey levels but `obeyed`: `control`, `noise` and `decay`."""
        control, noise = spread(self.frames)
        return {"control": control, "noise": noise, "decay": self.decay, "obeyed": self.obeyed}


@torch.inference_mode()
def shown(
    world: WorldModel, prompts: Frames, words: Sequence[str], horizon: int, draws: int, salt: str = ""
) -> list[Rollouts]:
    """Rollouts from prompts, (n, side, side, 3): from each, every action `draws` times at once, held for `horizon`
    frames.

    words: of each prompt, from which alone its draws follow: not from what it is shown together with.
    """
    return [
        _shown(world, frame, _generator(world, one, salt), horizon, draws)
        for frame, one in zip(prompts, words, strict=True)
    ]


def spread(frames: Frames) -> tuple[float, float]:
    """Standard deviations of pixels in grey levels, root mean square over pixels and time: by the action, by chance.

    frames: (actions, draws, …), draws ≥ 2.
    """
    shown = frames.astype(np.float64)
    draws = shown.shape[1]
    within = shown.var(1, ddof=1).mean(0)
    between = shown.mean(1).var(0, ddof=1) - within / draws
    return float(np.sqrt(max(0.0, between.mean()))), float(np.sqrt(within.mean()))


def decay_of(world: WorldModel, frames: Tensor, painted: Tensor) -> float:
    """How much further frames are from what the tokenizer paints when it sees each alone than the first frame was:
    root mean square in grey levels, at least 0. A scene of the kind the tokenizer knows comes out as it went in."""
    lost = [float(((_repainted(world, some).float() - some.float()) ** 2).mean().sqrt()) for some in (frames, painted)]
    return max(0.0, lost[0] - lost[1])


def _shown(world: WorldModel, frame: Frames, generator: torch.Generator, horizon: int, draws: int) -> Rollouts:
    count = world.actions * draws
    first = torch.from_numpy(frame[None, None]).to(world.device).expand(count, 1, *frame.shape)
    told = torch.arange(world.actions, device=world.device).repeat_interleave(draws)[:, None].expand(count, horizon)
    rolled = world.rollout(first, told, generator)
    painted = world.begin(first[:1], told[:1, :0]).frames[-1]
    whole = torch.cat([painted[None].expand(count, 1, *frame.shape), rolled], 1)
    return Rollouts(
        rolled.reshape(world.actions, draws, *rolled.shape[1:]).cpu().numpy(),
        painted[0].cpu().numpy(),
        float((world.infer(whole) == told).float().mean()),
        decay_of(world, rolled[:, -1], painted),
    )


def _repainted(world: WorldModel, frames: Tensor) -> Tensor:
    """(n, side, side, 3), each as the first of a clip."""
    return world.repainted(frames[:, None])[:, 0]


def _generator(world: WorldModel, *words: str) -> torch.Generator:
    return torch.Generator(world.device).manual_seed(rng_for("genie-worlds", *words).getrandbits(62))
