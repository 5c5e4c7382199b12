"""The policy of who learns by watching: a small convolutional network on two frames."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from wunderkammer.learners.video.patches import centred
from wunderkammer.worlds.film.games import Frames

_BLOCKS = 3


class Onlooker(nn.Module):
    """Scores of `size` choices from frames (batch, 2, side, side, 3), uint8."""

    def __init__(self, side: int, size: int, width: int) -> None:
        super().__init__()
        self.enter = nn.Sequential(nn.Conv2d(6, width, 4, 2, 1), nn.ReLU(), nn.Conv2d(width, width, 4, 2, 1), nn.ReLU())
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(width, width, 3, 1, 1), nn.ReLU(), nn.Conv2d(width, width, 3, 1, 1))
            for _ in range(_BLOCKS)
        )
        self.leave = nn.Sequential(
            nn.Flatten(),
            nn.ReLU(),
            nn.Linear(width * (side // 4) ** 2, 4 * width),
            nn.ReLU(),
            nn.Linear(4 * width, size),
        )

    def forward(self, seen: Tensor) -> Tensor:
        """(batch, size)."""
        batch, two, height, breadth, colours = seen.shape
        planes = centred(seen).permute(0, 1, 4, 2, 3).reshape(batch, two * colours, height, breadth)
        found = self.enter(planes)
        for block in self.blocks:
            found = found + block(torch.relu(found))
        return self.leave(found)

    @torch.inference_mode()
    def act(self, seen: Frames, rng: np.random.Generator) -> NDArray[np.int64]:
        """(batch,) choices, drawn by their chances."""
        chances = self(torch.from_numpy(seen)).double().softmax(-1).numpy()
        return (chances.cumsum(-1) < rng.random((len(seen), 1))).sum(-1).clip(0, chances.shape[1] - 1)
