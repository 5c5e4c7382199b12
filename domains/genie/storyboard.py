"""Clips side by side, to be looked at: as a still picture and as a moving one."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

STILL, MOVING = "clips.png", "clips.gif"
SHOWN = 8
"""Clips."""
_TALL = 64
"""Pixels of a frame's side at least, by whole multiples."""
_GAP = 2
_MS = 200


def write(rows: Mapping[str, NDArray[np.uint8]], known: int, folder: Path) -> None:
    """Both pictures of the first `SHOWN` clips.

    rows: (clips, frames, side, side, 3) by name, the true ones first; the others begin after the known frames, which
    are taken from the true ones.
    """
    import imageio.v3 as imageio

    true = next(iter(rows.values()))[:SHOWN]
    whole = [
        found[:SHOWN] if at == 0 else np.concatenate([true[:, :known], found[:SHOWN]], 1)
        for at, found in enumerate(rows.values())
    ]
    imageio.imwrite(folder / STILL, still(whole), extension=".png")
    imageio.imwrite(folder / MOVING, moving(whole), extension=".gif", duration=_MS, loop=0)


def still(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(height, width, 3): a strip of frames per clip and row, the rows of a clip below one another."""
    strips = [[_beside(row[clip]) for row in rows] for clip in range(len(rows[0]))]
    return np.concatenate([np.concatenate([*clip, _line(clip[0])]) for clip in strips])


def moving(rows: list[NDArray[np.uint8]]) -> NDArray[np.uint8]:
    """(frames, height, width, 3): a column per clip, one below the other its rows."""
    return np.stack([np.concatenate([_beside(row[:, at]) for row in rows]) for at in range(rows[0].shape[1])])


def _beside(frames: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """(side, n · (side + gap), 3), enlarged."""
    times = -(-_TALL // frames.shape[1])
    large = frames.repeat(times, 1).repeat(times, 2)
    return np.concatenate(list(np.pad(large, ((0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=255)), 1)


def _line(strip: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.full((3 * _GAP, strip.shape[1], 3), 255, np.uint8)
