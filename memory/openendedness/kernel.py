"""An observer by nearness: a density of kernels of many widths around every artifact seen so far."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from scipy.special import logsumexp

from wunderkammer.memory.openendedness.projection import EPSILON, prior_nats, scaled
from wunderkammer.memory.openendedness.series import Floats, Series

_WIDTHS: Final = np.geomspace(EPSILON, 1.5, 12)
"""Kernel widths, in standard deviations of a coordinate."""
_IGNORANT, _SLIGHT = 2.0, 0.1
"""Pseudo-counts: what is weighed for knowing nothing, and for each width, before anything was seen."""
_ROUNDS = 30


class Kernel:
    """p(x | seen) = w₀ N(x; 0, I) + Σ_h w_h mean_i N(x; x_i, h² I), in all directions of the embedding.

    The weights are those that predicted the history best, each artifact from those before it (expectation
    maximisation with pseudo-counts): wide kernels give distant artifacts a loss that grows with the logarithm of the
    distance, and the standard normal, which knows nothing, bounds it. Noise is best predicted by knowing nothing.
    All directions count alike: what differs from every artifact in a few of many words is as far from it as if it
    differed in all, and nothing is learnt of it.
    """

    name = "kernel"
    horizon = "all that came before"

    def __init__(self, remembers: int = 512) -> None:
        """remembers: how many artifacts of a history are asked how well their past predicted them."""
        self._remembers = remembers
        self._series: Series | None = None
        self._foretold: dict[int, Floats] = {}

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        points = scaled(series)
        if t == 0:
            return prior_nats(points[list(later)])
        weights = self._weights(series, points[:t])
        logs = self._logs(points[list(later)], points[:t]) + np.log(weights)
        return np.asarray(-logsumexp(logs, axis=1) + _said(points))

    def _weights(self, series: Series, seen: Floats) -> Floats:
        logs = self._prequential(series, seen)
        counts = np.array([_IGNORANT] + [_SLIGHT] * len(_WIDTHS))
        weights = counts / counts.sum()
        for _ in range(_ROUNDS):
            shares = logs + np.log(weights)
            weights = np.exp(shares - logsumexp(shares, axis=1, keepdims=True)).sum(axis=0) + counts
            weights /= weights.sum()
        return np.asarray(weights)

    def _prequential(self, series: Series, seen: Floats) -> Floats:
        """Log-density of each remembered artifact under each component made of those before it, shape (m, 1 + H).

        It does not depend on what came after, and so it is found once for all histories of a series.
        """
        if len(seen) < 2:
            return np.empty((0, 1 + len(_WIDTHS)))
        if self._series is not series:
            self._series, self._foretold = series, {}
        asked = np.unique(np.linspace(1, len(seen) - 1, min(self._remembers, len(seen) - 1)).astype(int))
        for i in asked.tolist():
            if i not in self._foretold:
                self._foretold[i] = self._logs(seen[i : i + 1], seen[:i])[0]
        return np.stack([self._foretold[i] for i in asked.tolist()])

    def _logs(self, asked: Floats, seen: Floats) -> Floats:
        d = seen.shape[1]
        lengths = (asked**2).sum(axis=1)[:, None] + (seen**2).sum(axis=1)
        squares = np.maximum(lengths - 2 * asked @ seen.T, 0.0)
        normal = -0.5 * d * np.log(2 * np.pi)
        ignorant = normal - 0.5 * (asked**2).sum(axis=1)
        kernels = [
            logsumexp(-0.5 * squares / h**2, axis=1) - np.log(len(seen)) + normal - d * np.log(h) for h in _WIDTHS
        ]
        return np.stack([ignorant, *kernels], axis=1)


def _said(points: Floats) -> float:
    """From a density to nats: an artifact's place is said to a precision of ε in every direction."""
    return float(-points.shape[1] * np.log(EPSILON))
