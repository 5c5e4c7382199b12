"""How sure a figure is: 95 % intervals by resampling what it was taken over (percentile bootstrap, Efron 1979)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np

DRAWS = 4000


@dataclass(frozen=True)
class Interval:
    """A figure and its 95 % interval."""

    value: float
    low: float
    high: float

    def said(self) -> dict[str, float]:
        return {name: round(value, 5) for name, value in asdict(self).items()}


def mean(values: Sequence[float], seed: int) -> Interval:
    """Of independent observations."""
    observed = np.asarray(values, float)
    return _interval(float(observed.mean()), observed[_draws(len(observed), seed)].mean(1))


def perplexity_ratio(before: Sequence[float], after: Sequence[float], tokens: Sequence[int], seed: int) -> Interval:
    """Perplexity after over before, of the same passages.

    before, after: summed negative log-likelihood of each passage, in nats. Passages are drawn in pairs, and each weighs
    as much as it has tokens.
    """
    rise, count = np.asarray(after) - np.asarray(before), np.asarray(tokens, float)
    drawn = _draws(len(count), seed)
    ratios = np.exp(rise[drawn].sum(1) / count[drawn].sum(1))
    return _interval(float(np.exp(rise.sum() / count.sum())), ratios)


def _draws(count: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, count, (DRAWS, count))


def _interval(value: float, drawn: np.ndarray) -> Interval:
    low, high = np.quantile(drawn, (0.025, 0.975))
    return Interval(value, float(low), float(high))
