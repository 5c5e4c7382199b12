"""Inverse dynamics: which action lies between two frames (Du et al. 2023, "UniPi", section 3.2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from wunderkammer.learners.video.lesson import Lesson
from wunderkammer.learners.video.tiles import Tiles


class Inverse(nn.Module):
    """Sees the pixels of both frames cell by cell, and each cell among its neighbours; what it thinks of all cells
    together is the action."""

    def __init__(self, tiles: Tiles, cells: int, actions: int, width: int = 48) -> None:
        super().__init__()
        self.cells = cells
        pixels = torch.from_numpy(tiles.patches.reshape(len(tiles), -1)).float() / 255
        self.pixels: Tensor
        self.register_buffer("pixels", pixels, persistent=False)
        self.eye = nn.Linear(2 * pixels.shape[1], width)
        self.around = nn.Conv2d(width, width, 3, padding=1)
        self.head = nn.Linear(2 * width, actions)

    def forward(self, before: Tensor, after: Tensor) -> Tensor:
        """Logits, (pairs, actions). before, after: int64 (pairs, cells)."""
        seen = F.gelu(self.eye(torch.cat([self.pixels[before], self.pixels[after]], -1)))
        side = round(self.cells**0.5)
        grid = F.gelu(self.around(seen.transpose(1, 2).reshape(len(before), -1, side, side))).flatten(2)
        logits: Tensor = self.head(torch.cat([grid.amax(-1), grid.mean(-1)], -1))
        return logits

    def lesson(self, rows: Tensor, generator: torch.Generator) -> Lesson:
        """The loss of pairs, int64 (pairs, 2 · cells + 1): frames, then the action."""
        logits, action = self(*rows[:, :-1].split(self.cells, 1)), rows[:, -1]
        right = (logits.detach().argmax(-1) == action).float().mean()
        return Lesson(F.cross_entropy(logits, action), {"accuracy": right})

    @torch.inference_mode()
    def read(self, before: Tensor, after: Tensor) -> Tensor:
        """The likeliest actions, (pairs,)."""
        return self(before, after).argmax(-1)
