"""Frames as rows of patches, and back."""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn


def cut(frames: Tensor, side: int) -> Tensor:
    """Patches of frames: (batch, time, high, wide, channels) to (batch, time, patches, side · side · channels)."""
    b, t, h, w, c = frames.shape
    grid = frames.reshape(b, t, h // side, side, w // side, side, c)
    return grid.permute(0, 1, 2, 4, 3, 5, 6).reshape(b, t, (h // side) * (w // side), side * side * c)


def shaken(frames: Tensor, reach: int, generator: torch.Generator) -> Tensor:
    """Clips, each as a whole moved by up to `reach` pixels in both directions; pixels at the border are repeated."""
    if not reach:
        return frames
    b, _, h, w, _ = frames.shape
    by = torch.randint(-reach, reach + 1, (2, b, 1), generator=generator, device=frames.device)
    rows = (torch.arange(h, device=frames.device) + by[0]).clamp(0, h - 1)
    columns = (torch.arange(w, device=frames.device) + by[1]).clamp(0, w - 1)
    clip = torch.arange(b, device=frames.device)[:, None, None]
    moved = frames.permute(0, 2, 3, 1, 4)[clip, rows[:, :, None], columns[:, None, :]]
    return moved.permute(0, 3, 1, 2, 4)


def tinted(frames: Tensor, share: float, generator: torch.Generator) -> Tensor:
    """Clips in [-1, 1], so many of them as a whole with their three channels in another order, and each of those upside
    down or not."""
    if not share:
        return frames
    count, place = len(frames), {"generator": generator, "device": frames.device}
    order = torch.rand(count, 3, **place).argsort(1)
    sign = 1 - 2 * torch.randint(2, (count, 3), **place)
    ordered = frames.gather(-1, order[:, None, None, None].expand_as(frames))
    other = ordered * sign[:, None, None, None].to(frames.dtype)
    return torch.where((torch.rand(count, **place) < share)[:, None, None, None, None], other, frames)


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


def cosines(side: int, count: int) -> Tensor:
    """The lowest frequencies of a patch of three channels, (count, side · side · 3), orthonormal; zeros beyond all."""
    at = torch.arange(side)
    waves = torch.cos(math.pi / side * at[:, None] * (at + 0.5)) * (2 / side) ** 0.5
    waves[0] /= 2**0.5
    order = sorted(((down, right) for down in range(side) for right in range(side)), key=sum)
    planes = torch.stack([torch.outer(waves[down], waves[right]).flatten() for down, right in order])
    found = torch.kron(planes, torch.eye(3))[:count]
    return torch.cat([found, torch.zeros(count - len(found), found.shape[1])])


def begin_as(layer: nn.Linear, weight: Tensor | float = 0.0) -> None:
    """Set a layer to a matrix without bias; default: to nothing at all."""
    with torch.no_grad():
        layer.weight.copy_(torch.as_tensor(weight))
        layer.bias.zero_()
