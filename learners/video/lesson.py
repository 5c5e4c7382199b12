"""What one batch teaches a part, and how pixels are weighed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

import torch
from torch import Tensor

from wunderkammer.learners.video.quantiser import Quantised

CHANGED = 0.05
"""A pixel has changed when one of its channels differs by more than this share of the whole range."""


class Lesson(NamedTuple):
    """A loss with what there is to say about it."""

    loss: Tensor
    figures: Mapping[str, Tensor]
    latents: Tensor | None = None
    """What was quantised, for `Quantiser.settle`."""
    quantised: Quantised | None = None


def weights(frames: Tensor, moved: float) -> Tensor:
    """Of the pixels of clips in [-1, 1], (batch, time, side, side, 1): 1, and `moved` more where one has changed
    since the frame before; their mean is 1."""
    if not moved:
        return torch.ones_like(frames[..., :1])
    changed = (frames[:, 1:] - frames[:, :-1]).abs().amax(-1, keepdim=True) > 2 * CHANGED
    changed = torch.cat([changed[:, :1], changed], 1)
    found = 1 + moved * changed.float()
    return found / found.mean()


def psnr(mse: Tensor) -> Tensor:
    """Decibels, of the mean square error of frames in [0, 1]."""
    return -10 * torch.log10(mse.clamp(min=1e-10))
