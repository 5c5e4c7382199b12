"""Film strips: ways as rows of frames, as a picture or as a clip."""

from __future__ import annotations

from collections.abc import Sequence

import imageio.v3 as imageio
import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
"""(time, side, side, 3)."""
PAPER, GAP, MOST = 255, 6, 12
"""Ground; pixels between frames; frames of a strip."""
FRAMES_A_SECOND = 4


def strip(frames: Frames, scale: int = 2, most: int = MOST) -> Frames:
    """One row, (height, width, 3): all frames, or `most` of them from the first to the last."""
    chosen = np.unique(np.linspace(0, len(frames) - 1, min(len(frames), most)).round().astype(int))
    big = frames[chosen].repeat(scale, 1).repeat(scale, 2)
    framed = np.pad(big, ((0, 0), (GAP // 2,) * 2, (GAP // 2,) * 2, (0, 0)), constant_values=PAPER)
    return np.concatenate(list(framed), 1)


def sheet(rows: Sequence[Frames], scale: int = 2, most: int = MOST) -> Frames:
    """Strips one below the other, (height, width, 3)."""
    strips = [strip(row, scale, most) for row in rows]
    width = max(row.shape[1] for row in strips)
    wide = [np.pad(row, ((0, 0), (0, width - row.shape[1]), (0, 0)), constant_values=PAPER) for row in strips]
    return np.concatenate(wide, 0)


def png(picture: Frames) -> bytes:
    """The file."""
    return bytes(imageio.imwrite("<bytes>", picture, extension=".png"))


def gif(rows: Sequence[Frames], scale: int = 6) -> bytes:
    """A clip of ways side by side; those that end sooner stand still."""
    length = max(map(len, rows))
    held = [np.concatenate([row, row[-1:].repeat(length - len(row), 0)]) for row in rows]
    framed = [
        np.pad(one.repeat(scale, 1).repeat(scale, 2), ((0, 0), (GAP,) * 2, (GAP,) * 2, (0, 0)), constant_values=PAPER)
        for one in held
    ]
    clip = np.concatenate(framed, 2)
    return bytes(imageio.imwrite("<bytes>", clip, extension=".gif", duration=1000 // FRAMES_A_SECOND, loop=0))
