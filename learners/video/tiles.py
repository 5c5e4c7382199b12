"""Frames whose patches are words of a closed list: each patch is one token, and back again to the last bit."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError

Frames = NDArray[np.uint8]
"""(..., height, width, 3)."""
Codes = NDArray[np.int64]


class Tiles:
    """All patches that frames are made of.

    patches: uint8 (count, patch, patch, 3), no two alike. A grid world draws each cell in one of so many ways; where
    that is so, no tokenizer need be learned and none can err.
    """

    def __init__(self, patches: Frames) -> None:
        self.patches = np.ascontiguousarray(patches)
        self.patch = patches.shape[1]
        self._code = {tile.tobytes(): code for code, tile in enumerate(self.patches)}
        if len(self._code) != len(patches):
            raise ConfigError("two of the tiles are the same")

    def __len__(self) -> int:
        return len(self.patches)

    @classmethod
    def of(cls, frames: Frames, patch: int) -> Tiles:
        """Every patch that occurs in some frames, in an order that depends on nothing else."""
        cut = _cut(frames, patch).reshape(-1, patch, patch, 3)
        return cls(np.unique(cut.reshape(len(cut), -1), axis=0).reshape(-1, patch, patch, 3))

    def encode(self, frames: Frames) -> Codes:
        """(..., cells), cells row by row; `ConfigError` where a patch is none of these."""
        cut = _cut(frames, self.patch)
        different, which = np.unique(cut.reshape(-1, self.patch**2 * 3), axis=0, return_inverse=True)
        codes = np.array([self._code.get(tile.tobytes(), -1) for tile in different], np.int64)
        if (codes < 0).any():
            raise ConfigError(f"{(codes < 0).sum()} patches of these frames are none that the video model has seen")
        found: Codes = codes[which.reshape(-1)].reshape(cut.shape[:-3])
        return found

    def decode(self, codes: Codes) -> Frames:
        """(..., side · patch, side · patch, 3) of (..., side²)."""
        side, patch = _side(codes.shape[-1]), self.patch
        tiles = self.patches[codes].reshape(*codes.shape[:-1], side, side, patch, patch, 3)
        return np.ascontiguousarray(
            np.moveaxis(tiles, -3, -4).reshape(*codes.shape[:-1], side * patch, side * patch, 3)
        )


def _cut(frames: Frames, patch: int) -> Frames:
    """(..., cells, patch, patch, 3)."""
    *leading, height, width, _ = frames.shape
    if height != width or height % patch:
        raise ConfigError(f"a frame of {height} x {width} pixels is no square of patches of {patch}")
    side = height // patch
    cells = np.moveaxis(frames.reshape(*leading, side, patch, side, patch, 3), -3, -4)
    return cells.reshape(*leading, side * side, patch, patch, 3)


def _side(cells: int) -> int:
    side = round(cells**0.5)
    if side * side != cells:
        raise ConfigError(f"{cells} cells are no square")
    return side
