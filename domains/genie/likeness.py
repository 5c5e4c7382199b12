"""How alike clips are: frame by frame in decibels, and as two crowds by a Fréchet distance on plain features.

The distance is *not* FVD: that takes the features of a network trained to recognise human actions (Unterthiner et al.
2018), which no small square game frame resembles. Ours are 112 figures of a clip that anyone can compute again. Compare
it only with distances of the same clips, and with its floor: the distance between true clips and other true clips.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

CEILING = 20 * float(np.log10(255))
"""Decibels of a mean error of one grey level, 48.1: what is nearer counts as equal, so that frames in which nothing
moves do not decide a mean."""
_CELLS = 4
_RIDGE = 1e-3
"""Added to the variances of standardised features."""

Clips = NDArray[np.uint8]
Floats = NDArray[np.float64]


def decibels(one: Clips, other: Clips) -> Floats:
    """Peak signal-to-noise ratio of frames, (…, side, side, 3) to (…), at most `CEILING`."""
    error = ((one.astype(np.float32) - other.astype(np.float32)) ** 2).mean((-3, -2, -1), dtype=np.float64)
    return 10 * np.log10(255**2 / np.maximum(error, 1.0))


def features(clips: Clips) -> Floats:
    """(clips, 112) of (clips, time, side, side, 3), from cells of a 4 x 4 grid: mean colour (48), how bright the
    clip's last frame is against its first (16), how much brightness changes from frame to frame (16), and the mean
    steps of brightness along rows (16) and columns (16)."""
    shown = clips.astype(np.float32) / 255
    bright = shown.mean(-1)
    parts = [
        cells(shown.mean(1)).reshape(len(clips), -1),
        cells((bright[:, -1] - bright[:, 0])[..., None])[..., 0],
        cells(np.abs(np.diff(bright, axis=1)).mean(1)[..., None])[..., 0],
        cells(np.abs(np.diff(bright, axis=3, append=bright[..., -1:])).mean(1)[..., None])[..., 0],
        cells(np.abs(np.diff(bright, axis=2, append=bright[:, :, -1:])).mean(1)[..., None])[..., 0],
    ]
    return np.concatenate(parts, 1).astype(np.float64)


def frechet(found: Floats, true: Floats, scale: Floats | None = None) -> float:
    """Squared Fréchet distance between two crowds of features, as normal distributions, each feature in standard
    deviations of the true ones.

    scale: (features,), those deviations, where `true` is only a part of them.
    """
    deviation = true.std(0) if scale is None else scale
    deviation = np.where(deviation > 1e-6, deviation, 1.0)
    one, other = found / deviation, true / deviation
    first, second = _covariance(one), _covariance(other)
    root = _root(first)
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ second @ root), 0, None)).sum()
    apart = ((one.mean(0) - other.mean(0)) ** 2).sum()
    return float(apart + np.trace(first) + np.trace(second) - 2 * cross)


def cells(pictures: NDArray[np.float32]) -> NDArray[np.float32]:
    """(n, 16, channels): means over the cells of a grid; rows and columns beyond a whole number of cells are left."""
    n, height, width, channels = pictures.shape
    high, wide = height // _CELLS, width // _CELLS
    whole = pictures[:, : high * _CELLS, : wide * _CELLS]
    return whole.reshape(n, _CELLS, high, _CELLS, wide, channels).mean((2, 4)).reshape(n, _CELLS**2, channels)


def _covariance(crowd: Floats) -> Floats:
    return np.cov(crowd, rowvar=False) + _RIDGE * np.eye(crowd.shape[1])


def _root(matrix: Floats) -> Floats:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
