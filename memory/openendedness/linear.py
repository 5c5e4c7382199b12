"""An observer by linear autoregression: the next artifact lies between the last ones, give or take a Gaussian."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from wunderkammer.memory.openendedness.forecast import forecast
from wunderkammer.memory.openendedness.projection import scaled
from wunderkammer.memory.openendedness.series import Floats, Series

_SPANS: Final = (1, 4, 16, 64)


class Linear:
    """x_{i+g} = Σ_s b_s m_s(i) + e, with m_s the mean of the last s artifacts up to i, and of all of them.

    Five coefficients per gap g, by ridge regression; a covariance of e that is shrunk to the isotropic. It sees the
    directions that artifacts are made of, and where they are going.
    """

    name = "linear"
    horizon = "all that came before"

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        points = scaled(series)
        return forecast(points, _means(points[:t]), t, later, self)

    def fitted(self, rows: Floats, targets: Floats) -> Floats:
        """Coefficients, shape (spans,)."""
        inner = np.einsum("nsd,nrd->sr", rows, rows)
        outer = np.einsum("nsd,nd->s", rows, targets)
        ridge = rows.shape[2] * np.eye(rows.shape[1])
        return np.asarray(np.linalg.solve(inner + ridge, outer))

    def predicted(self, rows: Floats, coefficients: Floats) -> Floats:
        return np.asarray(np.einsum("nsd,s->nd", rows, coefficients))


def _means(points: Floats) -> Floats:
    """Means of the last few artifacts and of all, shape (t, spans, d)."""
    sums = np.concatenate([np.zeros((1, points.shape[1])), np.cumsum(points, axis=0)])
    at = np.arange(1, len(points) + 1)
    found = []
    for span in (*_SPANS, len(points)):
        start = np.maximum(0, at - span)
        found.append((sums[at] - sums[start]) / (at - start)[:, None])
    return np.stack(found, axis=1)
