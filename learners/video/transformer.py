"""The ST-transformer: attention within each frame, then over time at each place, then one feed-forward layer.

Source: Bruce et al. 2024, section 2 ("Genie"). Tokens have shape (batch, time, places, width) throughout. The three
projections of time are separate matrices, so that heads and places can be folded into one axis without a copy.
"""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Past(NamedTuple):
    """Keys and values of earlier frames, each (batch, time, places · heads, width of a head)."""

    keys: Tensor
    values: Tensor


Pasts = tuple[Past, ...]
"""By layer."""


def head_norms(width: int, wanted: bool) -> nn.ModuleList:
    """Of queries and of keys, head by head. Layer norms: a root mean square is five kernels on a processor."""
    return nn.ModuleList(nn.LayerNorm(width, bias=False) for _ in range(2 * wanted))


class SpatialAttention(nn.Module):
    """Every place of a frame looks at all places of the same frame."""

    def __init__(self, width: int, heads: int, qk_norm: bool) -> None:
        super().__init__()
        self.heads = heads
        self.inward = nn.Linear(width, 3 * width, bias=False)
        self.outward = nn.Linear(width, width, bias=False)
        self.norms = head_norms(width // heads, qk_norm)

    def forward(self, x: Tensor) -> Tensor:
        b, t, n, d = x.shape
        q, k, v = self.inward(x).view(b * t, n, 3, self.heads, d // self.heads).unbind(2)
        if self.norms:
            q, k = self.norms[0](q), self.norms[1](k)
        seen = F.scaled_dot_product_attention(q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2))
        return self.outward(seen.transpose(1, 2).reshape(b, t, n, d))


class TemporalAttention(nn.Module):
    """Every place looks at itself in this frame and those before."""

    def __init__(self, width: int, heads: int, qk_norm: bool) -> None:
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value = (nn.Linear(width, width, bias=False) for _ in range(3))
        self.outward = nn.Linear(width, width, bias=False)
        self.norms = head_norms(width // heads, qk_norm)

    def forward(self, x: Tensor, past: Past | None = None) -> tuple[Tensor, Past]:
        """past: of earlier frames; then x is of one frame, else of all from the first on."""
        b, t, n, d = x.shape
        q, k, v = (part(x).view(b, t, n * self.heads, d // self.heads) for part in (self.query, self.key, self.value))
        if self.norms:
            q, k = self.norms[0](q), self.norms[1](k)
        if past is not None:
            k, v = torch.cat([past.keys, k], 1), torch.cat([past.values, v], 1)
        seen = F.scaled_dot_product_attention(
            q.transpose(1, 2), k.transpose(1, 2), v.transpose(1, 2), is_causal=past is None
        )
        return self.outward(seen.transpose(1, 2).reshape(b, t, n, d)), Past(k, v)


class Block(nn.Module):
    """Space, time, feed-forward, each behind a norm and around a residual."""

    def __init__(self, width: int, heads: int, qk_norm: bool) -> None:
        super().__init__()
        self.space_norm, self.time_norm, self.feed_norm = (nn.LayerNorm(width) for _ in range(3))
        self.space = SpatialAttention(width, heads, qk_norm)
        self.time = TemporalAttention(width, heads, qk_norm)
        self.feed = nn.Sequential(
            nn.Linear(width, 4 * width, bias=False), nn.ReLU(inplace=True), nn.Linear(4 * width, width, bias=False)
        )

    def forward(self, x: Tensor, past: Past | None = None) -> tuple[Tensor, Past]:
        x = x + self.space(self.space_norm(x))
        change, past = self.time(self.time_norm(x), past)
        x = x + change
        return x + self.feed(self.feed_norm(x)), past


class SpaceTime(nn.Module):
    """A stack of blocks over tokens that are told when they are, and where if they are `placed`."""

    def __init__(
        self, width: int, heads: int, layers: int, frames: int, places: int, qk_norm: bool, placed: bool = True
    ) -> None:
        super().__init__()
        self.when = nn.Parameter(torch.randn(frames, 1, width) * 0.02)
        self.where: Tensor
        where = torch.randn(places, width) * 0.02
        if placed:
            self.where = nn.Parameter(where)
        else:
            self.register_buffer("where", torch.zeros(()), persistent=False)
        self.blocks = nn.ModuleList(Block(width, heads, qk_norm) for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        for block in self.blocks:  # residual branches begin small, so that depth does not add up
            for last in (block.space.outward, block.time.outward, block.feed[2]):
                nn.init.normal_(last.weight, std=0.02 / (2 * layers) ** 0.5)

    def forward(self, x: Tensor) -> Tensor:
        """The first frames of a clip, all at once."""
        x = x + self.when[: x.shape[1]] + self.where
        for block in self.blocks:
            x, _ = block(x)
        return self.norm(x)

    def prime(self, x: Tensor) -> Pasts:
        """What later frames need of these, by layer."""
        x, kept = x + self.when[: x.shape[1]] + self.where, []
        for block in self.blocks:
            x, past = block(x)
            kept.append(past)
        return tuple(kept)

    def step(self, x: Tensor, pasts: Pasts) -> tuple[Tensor, Pasts]:
        """One more frame, (batch, 1, places, width), after those before; and what the ones after it need."""
        at, kept = pasts[0].keys.shape[1], []
        x = x + self.when[at : at + 1] + self.where
        for block, past in zip(self.blocks, pasts, strict=True):
            x, past = block(x, past)
            kept.append(past)
        return self.norm(x), tuple(kept)
