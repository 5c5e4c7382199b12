"""How sure a figure is: 95 % intervals of means and of shares."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from scipy import stats

RESAMPLES = 4_000


class Interval(NamedTuple):
    """A figure with its 95 % interval."""

    middle: float
    low: float
    high: float
    n: int
    """Of what."""


def mean_of(values: Sequence[float]) -> Interval:
    """The mean, by percentile bootstrap with a fixed seed; of nothing, or of one, there is no interval: it is NaN."""
    found = np.asarray(values, np.float64)
    if found.size < 2:
        return Interval(float(found.mean()) if found.size else float("nan"), float("nan"), float("nan"), found.size)
    draws = np.random.default_rng(0).integers(0, found.size, (RESAMPLES, found.size))
    low, high = np.quantile(found[draws].mean(1), (0.025, 0.975))
    return Interval(float(found.mean()), float(low), float(high), found.size)


def share_of(hits: int, count: int) -> Interval:
    """A share, by Wilson's score; of nothing it is NaN."""
    if not count:
        return Interval(float("nan"), float("nan"), float("nan"), 0)
    span = stats.binomtest(hits, count).proportion_ci(method="wilson")
    return Interval(hits / count, float(span.low), float(span.high), count)
