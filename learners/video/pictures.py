"""Clips side by side in one picture: what was, what the tokenizer shows, and what the world foresees."""

from __future__ import annotations

import io

import imageio.v3 as imageio
import numpy as np
import torch
from torch import Tensor

from wunderkammer.learners.video.examination import Dream

GAP = 2
"""Pixels between frames."""


def sheet(dream: Dream, clips: int = 4, enlarged: int = 3) -> bytes:
    """A PNG: for each clip four rows of frames over time: true, painted, foreseen as told, foreseen at random."""
    rows = [getattr(dream, name)[at] for at in range(min(clips, len(dream.true))) for name in Dream._fields]
    out = io.BytesIO()
    imageio.imwrite(out, _grid(torch.stack(rows), enlarged), extension=".png")
    return out.getvalue()


def _grid(frames: Tensor, enlarged: int) -> np.ndarray:
    """Frames (rows, columns, side, side, 3) with gaps between them."""
    shown = frames.cpu().numpy().repeat(enlarged, 2).repeat(enlarged, 3)
    rows, columns, side = shown.shape[:3]
    step = side + GAP
    grid = np.full((rows * step - GAP, columns * step - GAP, 3), 255, np.uint8)
    for row in range(rows):
        for column in range(columns):
            grid[row * step : row * step + side, column * step : column * step + side] = shown[row, column]
    return grid
