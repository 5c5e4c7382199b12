"""How a frame looks, as figures, and the clusters that frames of a film fall into: k-means, fitted once by a seed."""

from __future__ import annotations

import json
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.genie import likeness
from wunderkammer.worlds.film.games import Frames

_ROUNDS = 50
Floats = NDArray[np.float64]


def features(frames: Frames) -> Floats:
    """(n, 80) of (n, side, side, 3): of each cell of a 4 × 4 grid the mean colour (3) and the mean steps of brightness
    along rows (1) and columns (1), in shares of 1."""
    shown = frames.astype(np.float32) / 255
    bright = shown.mean(-1)
    across = np.abs(np.diff(bright, axis=2, append=bright[..., -1:]))
    down = np.abs(np.diff(bright, axis=1, append=bright[:, -1:]))
    planes = np.concatenate([shown, across[..., None], down[..., None]], -1)
    return likeness.cells(planes).reshape(len(frames), -1).astype(np.float64)


@dataclass(frozen=True)
class Looks:
    """Clusters of frames.

    centres: (clusters, 80), in the order of their brightness. known: features of the frames they were fitted on, (n,
    80). apart: the median distance of one of those from its nearest neighbour, never 0.
    """

    centres: Floats
    known: Floats
    apart: float

    @classmethod
    def fitted(cls, frames: Frames, clusters: int, seed: int) -> Looks:
        """k-means with k-means++ beginnings (Arthur & Vassilvitskii 2007). The same frames, number and seed give the
        same clusters. Where fewer frames differ than clusters are wanted, some stay empty."""
        known = features(frames)
        rng = np.random.default_rng([seed, clusters])
        centres = _beginnings(known, clusters, rng)
        for _ in range(_ROUNDS):
            own = _squares(known, centres).argmin(1)
            moved = np.stack([
                known[own == at].mean(0) if (own == at).any() else centres[at] for at in range(clusters)
            ])  # fmt: skip
            if np.array_equal(moved, centres):
                break
            centres = moved
        order = np.lexsort((centres[:, 0], _brightness(centres)))
        between = np.sqrt(_squares(known, known) + np.diag(np.full(len(known), np.inf)))
        return cls(centres[order], known, max(float(np.median(between.min(1))), 1e-3))

    def of(self, frames: Frames) -> NDArray[np.int64]:
        """(n,): which cluster each belongs to."""
        return _squares(features(frames), self.centres).argmin(1)

    def newness(self, frames: Frames) -> Floats:
        """(n,): how far each is from the nearest known frame, in units of `apart`: about 1 for frames of the film."""
        return np.sqrt(_squares(features(frames), self.known).min(1)) / self.apart

    def dump(self) -> bytes:
        """What is kept with a run: JSON with the centres and `apart`."""
        kept = {"centres": self.centres.round(6).tolist(), "apart": round(self.apart, 6), "frames": len(self.known)}
        return json.dumps(kept).encode()


def _beginnings(known: Floats, clusters: int, rng: np.random.Generator) -> Floats:
    chosen = [known[rng.integers(len(known))]]
    while len(chosen) < clusters:
        far = _squares(known, np.stack(chosen)).min(1)
        share = far / far.sum() if far.sum() > 0 else np.full(len(known), 1 / len(known))
        chosen.append(known[rng.choice(len(known), p=share)])
    return np.stack(chosen)


def _squares(one: Floats, other: Floats) -> Floats:
    """Squared distances, (n, m)."""
    found = (one**2).sum(1)[:, None] + (other**2).sum(1) - 2 * one @ other.T
    return np.maximum(found, 0)


def _brightness(centres: Floats) -> Floats:
    return centres.reshape(len(centres), -1, 5)[..., :3].mean((1, 2))
