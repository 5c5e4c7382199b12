"""Is there a trend, how strong, and how sure: rank tests, Theil and Sen's slope, and a bootstrap of blocks."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, theilslopes

from wunderkammer.core.ids import content_id
from wunderkammer.memory.openendedness.series import Floats

RESAMPLES = 1_000


@dataclass(frozen=True)
class Rank:
    """A rank test against no trend; one-sided, for a rise."""

    z: float
    p: float


def mann_kendall(values: Floats) -> Rank:
    """Mann 1945, Kendall 1975: pairs in rising order against those in falling, with the variance for ties."""
    n = len(values)
    rising = np.sign(values[None, :] - values[:, None])
    score = float(np.triu(rising, 1).sum())
    _, ties = np.unique(values, return_counts=True)
    variance = (n * (n - 1) * (2 * n + 5) - (ties * (ties - 1) * (2 * ties + 5)).sum()) / 18
    if variance <= 0:
        return Rank(0.0, 1.0)
    z = (score - np.sign(score)) / sqrt(variance)  # continuity: a score moves in steps of two
    return Rank(z, float(norm.sf(z)))


def tau(values: Floats) -> float:
    """Kendall's rank correlation with time, τ_b, from -1 to 1; 0 where all are equal."""
    n = len(values)
    score = float(np.triu(np.sign(values[None, :] - values[:, None]), 1).sum())
    _, ties = np.unique(values, return_counts=True)
    pairs = n * (n - 1) / 2
    untied = pairs - float((ties * (ties - 1) / 2).sum())
    return score / sqrt(pairs * untied) if untied else 0.0


def page(rows: Floats) -> Rank:
    """Page 1963: do the columns of (blocks, treatments) rise within every block? Mean ranks for ties, normal
    approximation with each block's own variance.

    Differences below a twentieth of a block's range are ties: what is learnt at a stroke is learnt, though the loss
    should tremble afterwards.
    """
    k = rows.shape[1]
    step = np.maximum(np.ptp(rows, axis=1, keepdims=True), 1e-9) / 20
    rows = np.round(rows / step)
    expected = np.arange(1, k + 1) - (k + 1) / 2
    ranks = np.array([_ranks(row) for row in rows]) - (k + 1) / 2
    score = float((ranks @ expected).sum())
    variance = float((ranks**2).sum()) * float((expected**2).sum()) / (k - 1)
    if variance <= 1e-12:
        return Rank(0.0, 1.0)
    z = score / sqrt(variance)
    return Rank(z, float(norm.sf(z)))


def _ranks(values: Floats) -> Floats:
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    return np.asarray((ends - (counts - 1) / 2)[inverse], np.float64)


def rise(values: Floats, at: Floats) -> float:
    """Theil and Sen's slope times the length: how far the line climbs from first to last."""
    return float(theilslopes(values, at)[0]) * float(at[-1] - at[0])


def rise_interval(values: Floats, at: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of `rise`, by resampling blocks of neighbouring residuals (Künsch 1989): residuals of
    neighbours may be alike."""
    slope, intercept, *_ = theilslopes(values, at)
    line = intercept + slope * at
    residuals = values - line
    samples = line + residuals[_blocks(residuals)]
    pairs = np.triu_indices(len(values), 1)
    slopes = np.median((samples[:, pairs[1]] - samples[:, pairs[0]]) / (at[pairs[1]] - at[pairs[0]]), axis=1)
    low, high = np.quantile(slopes * (at[-1] - at[0]), ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def fall(rows: Floats) -> float:
    """How much higher the last eighth of the columns of (blocks, treatments) is than the first, on average."""
    return float(_falls(rows).mean())


def fall_interval(rows: Floats, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of `fall`, by resampling neighbouring rows together."""
    falls = _falls(rows)
    means = falls[_blocks(falls)].mean(axis=1)
    low, high = np.quantile(means, ((1 - level) / 2, (1 + level) / 2))
    return float(low), float(high)


def _falls(rows: Floats) -> Floats:
    some = max(1, rows.shape[1] // 8)
    return np.asarray(rows[:, -some:].mean(axis=1) - rows[:, :some].mean(axis=1))


def _blocks(values: Floats) -> NDArray[np.intp]:
    """Places drawn in blocks of neighbours, shape (RESAMPLES, n); seeded by the values, so that the same figures have
    the same interval."""
    n = len(values)
    size = max(1, round(n ** (1 / 3)))
    rng = np.random.default_rng(int(content_id("interval", np.round(values, 9).tolist()), 16))
    starts = rng.integers(0, n - size + 1, (RESAMPLES, -(-n // size)))
    return np.asarray((starts[:, :, None] + np.arange(size)).reshape(RESAMPLES, -1)[:, :n])


def holm(ps: list[float]) -> list[float]:
    """Holm 1979: p-values corrected for how many were asked, in their order."""
    order = np.argsort(ps, kind="stable")
    corrected, highest = [0.0] * len(ps), 0.0
    for place, i in enumerate(order):
        highest = max(highest, min(1.0, ps[i] * (len(ps) - place)))
        corrected[i] = highest
    return corrected
