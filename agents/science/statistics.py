"""Paired comparisons: how large a difference is, how sure that is, and how many more pairs would settle it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from wunderkammer.core.ids import rng_for
from wunderkammer.core.study import Expectation

RESAMPLES = 9999
"""Of the bootstrap; and of the permutation test where there are more sign flips than `EXACT`."""
EXACT = 2**14
"""With up to 14 pairs every sign flip is looked at, and the p-value is exact."""
POWER = 0.8


@dataclass(frozen=True)
class Comparison:
    """Treatment − control over n pairs, held against a threshold."""

    n: int
    treatment: float
    """Mean."""
    control: float
    difference: float
    deviation: float
    """Standard deviation of the differences; 0 for one pair."""
    low: float
    high: float
    """Bootstrap interval of the mean difference."""
    p_support: float
    """One-sided: as much beyond the threshold as this, or more, if the truth were at it."""
    p_refute: float
    """The same on the other side."""

    @property
    def p(self) -> float:
        """Of the nearer side, doubled, because either side would have been a verdict."""
        return min(1.0, 2 * min(self.p_support, self.p_refute))

    @property
    def supports(self) -> bool:
        """On which side of the threshold it is nearer to be proved."""
        return self.p_support <= self.p_refute


def compare(
    treatment: Sequence[float], control: Sequence[float], expects: Expectation, margin: float, alpha: float
) -> Comparison:
    """Compare pairs; value i of one side was made with the same seed as value i of the other.

    The p-values are those of the sign-flip permutation test of the mean (Fisher 1935, section 21; `scipy.stats.
    permutation_test` on samples), at each edge of the threshold; for sameness they are joined as in the two one-sided
    tests of Schuirmann (1987). The interval is BCa (Efron 1987; `scipy.stats.bootstrap`) at 1 − alpha. Both assume that
    seeds are exchangeable, the test also that differences scatter evenly around their mean.

    Raises:
        ValueError: no pairs, or sides of different length.
    """
    a, b = np.asarray(treatment, float), np.asarray(control, float)
    if a.shape != b.shape or not a.size:
        raise ValueError("a paired comparison needs as many values on one side as on the other, and at least one")
    d = a - b
    above, below = {edge: _above(d, edge) for edge in {-margin, margin}}, {e: _below(d, e) for e in {-margin, margin}}
    match expects:
        case "higher":
            support, refute = above[margin], below[margin]
        case "lower":
            support, refute = below[-margin], above[-margin]
        case "same":
            support = max(above[-margin], below[margin])
            refute = min(1.0, 2 * min(above[margin], below[-margin]))
    low, high = interval(d, alpha)
    deviation = float(d.std(ddof=1)) if d.size > 1 else 0.0
    return Comparison(d.size, float(a.mean()), float(b.mean()), float(d.mean()), deviation, low, high, support, refute)


def interval(values: Sequence[float] | np.ndarray, alpha: float) -> tuple[float, float]:
    """BCa bootstrap interval of the mean at 1 − alpha; the value itself where all are alike."""
    sample = np.asarray(values, float)
    if np.ptp(sample) < 1e-12 * max(1.0, float(np.abs(sample).max())):
        return float(sample.mean()), float(sample.mean())
    found = stats.bootstrap(
        (sample,), np.mean, n_resamples=RESAMPLES, confidence_level=1 - alpha, method="BCa", rng=_generator(sample)
    ).confidence_interval
    if math.isnan(found.low) or math.isnan(found.high):  # its acceleration is not defined for every tiny sample
        found = stats.bootstrap(
            (sample,), np.mean, n_resamples=RESAMPLES, confidence_level=1 - alpha, method="percentile",
            rng=_generator(sample),
        ).confidence_interval  # fmt: skip
    return _tidy(found.low), _tidy(found.high)


def corrected(p_values: Sequence[float], how: str = "holm") -> list[float]:
    """p-values of one family, such that comparing each with alpha keeps the error of all of them at alpha.

    holm: the chance of any false verdict (Holm 1979). bh: the share of false ones among the verdicts (Benjamini and
    Hochberg 1995; `scipy.stats.false_discovery_control`).
    """
    p = np.asarray(p_values, float)
    if not p.size:
        return []
    if how == "bh":
        return [float(value) for value in stats.false_discovery_control(p, method="bh")]
    order = np.argsort(p, kind="stable")
    stepped = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(p.size, 0, -1)))
    found = np.empty_like(stepped)
    found[order] = stepped
    return [float(value) for value in found]


def least_pairs(alpha: float, family: int = 1) -> int:
    """With fewer pairs than this no verdict is possible: 2^n sign flips must be able to reach alpha / family."""
    return max(2, math.ceil(math.log2(2 * family / alpha)))


def pairs_to_settle(distance: float, deviation: float, alpha: float) -> int | None:
    """How many pairs would settle it with a chance of 80 %, if the truth lies `distance` from the threshold.

    None where it lies on it: no number would.
    """
    if distance <= 0:
        return None
    if deviation == 0:
        return least_pairs(alpha)
    z = float(stats.norm.isf(alpha / 2) + stats.norm.ppf(POWER))
    return max(least_pairs(alpha), math.ceil((z * deviation / distance) ** 2))


def chance_to_settle(distance: float, deviation: float, pairs: int, alpha: float) -> float:
    """The chance that so many pairs settle it, if the truth lies `distance` from the threshold (normal theory)."""
    if pairs < least_pairs(alpha):
        return 0.0
    if deviation == 0:
        return float(distance != 0)
    return float(stats.norm.cdf(abs(distance) * math.sqrt(pairs) / deviation - stats.norm.isf(alpha / 2)))


def _above(differences: np.ndarray, edge: float) -> float:
    """P of a mean this high or higher, were the differences spread evenly around `edge`."""
    return _flipped(differences - edge)


def _below(differences: np.ndarray, edge: float) -> float:
    return _flipped(edge - differences)


def _flipped(values: np.ndarray) -> float:
    # A sum that equals the observed one but for rounding must count as equal.
    rounded = np.round(values, 12)
    count = rounded.size
    if count == 1:
        return 0.5 if rounded[0] > 0 else 1.0
    found = stats.permutation_test(
        (rounded, np.zeros(count)),
        lambda x, y, axis: np.mean(x - y, axis=axis),
        permutation_type="samples",
        alternative="greater",
        vectorized=True,
        n_resamples=EXACT if count <= 14 else RESAMPLES,
        rng=_generator(rounded),
    )
    return float(found.pvalue)


def _tidy(value: float) -> float:
    """Without the last digits, where sums that are equal differ: no interval ends at −9e-18."""
    return round(float(value), 12) + 0.0


def _generator(sample: np.ndarray) -> np.random.Generator:
    """Drawn from by nothing but the sample itself: the same figures give the same interval."""
    return np.random.default_rng(rng_for("statistics", sample.tolist()).getrandbits(64))
