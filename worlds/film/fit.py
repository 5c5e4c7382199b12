"""Pictures of any size as squares: scaled so that the shorter side fits, the middle cut out."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.film.games import Frames


def fit(frames: Frames, side: int) -> Frames:
    """(n, side, side, 3) uint8 of (n, height, width, 3): the middle square, each pixel the mean of the area it covers.

    A whole multiple of the size is repeated, not blurred.
    """
    height, width = frames.shape[1:3]
    short = min(height, width)
    top, left = (height - short) // 2, (width - short) // 2
    square = frames[:, top : top + short, left : left + short]
    if short == side:
        return np.ascontiguousarray(square)
    if short % side == 0:
        step = short // side
        total = np.zeros((len(frames), side, side, 3), np.uint32 if step > 16 else np.uint16)
        for down in range(step):
            for right in range(step):
                total += square[:, down::step, right::step]
        return ((total + step * step // 2) // (step * step)).astype(np.uint8)
    if side % short == 0:
        return square.repeat(side // short, 1).repeat(side // short, 2)
    shares = _shares(short, side)
    rows = np.einsum("oh,nhwc->nowc", shares, square.astype(np.float32), optimize=True)
    both = np.einsum("pw,nowc->nopc", shares, rows, optimize=True)
    return np.clip(np.rint(both), 0, 255).astype(np.uint8)


@cache
def _shares(before: int, after: int) -> NDArray[np.float32]:
    """(after, before): how much of each new pixel every old one covers; rows sum to 1."""
    edges = np.arange(after + 1) * (before / after)
    old = np.arange(before)
    overlap = np.minimum(edges[1:, None], old + 1) - np.maximum(edges[:-1, None], old)
    shares = np.clip(overlap, 0, None)
    return (shares / shares.sum(1, keepdims=True)).astype(np.float32)
