"""Frames as rows of patches, and back."""

from __future__ import annotations

import math

import torch
from torch import Tensor


def cut(frames: Tensor, side: int) -> Tensor:
    """Patches of frames: (batch, time, high, wide, channels) to (batch, time, patches, side · side · channels)."""
    b, t, h, w, c = frames.shape
    grid = frames.reshape(b, t, h // side, side, w // side, side, c)
    return grid.permute(0, 1, 2, 4, 3, 5, 6).reshape(b, t, (h // side) * (w // side), side * side * c)


def join(patches: Tensor, side: int) -> Tensor:
    """The square frames that were cut."""
    b, t, n, d = patches.shape
    across = math.isqrt(n)
    grid = patches.reshape(b, t, across, across, side, side, d // (side * side))
    return grid.permute(0, 1, 2, 4, 3, 5, 6).reshape(b, t, across * side, across * side, -1)


def centred(frames: Tensor) -> Tensor:
    """Frames, uint8 or floats in [0, 1], as floats in [-1, 1]."""
    if frames.dtype == torch.uint8:
        return frames.float().mul_(2 / 255).sub_(1)
    return frames.float() * 2 - 1


def visible(values: Tensor) -> Tensor:
    """Floats around [-1, 1] as frames in [0, 1]."""
    return (values.float() * 0.5 + 0.5).clamp(0, 1)


def to_bytes(frames: Tensor) -> Tensor:
    """Frames in [0, 1] as uint8."""
    return (frames * 255).round().to(torch.uint8)
