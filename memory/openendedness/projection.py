"""Embeddings as observers see them: in units in which a place drawn anywhere spreads by one, to a stated precision."""

from __future__ import annotations

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.openendedness.series import Floats, Series

EPSILON = 0.1
"""Precision to which a place is said, in standard deviations of a coordinate. It makes a density a code length: nats
that are never far below zero, and that compare between observers of the same embedding."""


def scaled(series: Series) -> Floats:
    """Places of all artifacts, shape (n, dimension). A coordinate of unit vectors that point anywhere has mean 0 and
    standard deviation 1."""
    vectors = _vectors(series)
    return np.asarray(vectors * np.sqrt(vectors.shape[1]))


def _vectors(series: Series) -> Floats:
    if series.vectors is None:
        raise ConfigError("this observer looks at embeddings, and the artifacts came without")
    return series.vectors.astype(np.float64)


def prior_nats(points: Floats) -> Floats:
    """What a place costs an observer that has seen nothing: it expects any direction, shape (n,)."""
    d = points.shape[1]
    nats: Floats = 0.5 * (points**2).sum(axis=1) + 0.5 * d * np.log(2 * np.pi) - d * np.log(EPSILON)
    return nats
