"""Figures with intervals where clips of one level are not independent: levels are drawn anew, not clips."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.frozen import Frozen

_GROUPS = 10
_95 = 1.96


class Estimate(Frozen):
    """A figure and where it may lie, with 95 percent confidence."""

    value: float
    low: float
    high: float


def mean(values: NDArray[np.floating], levels: NDArray[np.str_], seed: int = 0, resamples: int = 2000) -> Estimate:
    """The mean over clips, (clips,), with the percentile interval of a bootstrap over levels, (clips,)."""
    names, of = np.unique(levels, return_inverse=True)
    sums, counts = np.bincount(of, values), np.bincount(of)
    drawn = np.random.default_rng(seed).integers(len(names), size=(resamples, len(names)))
    found = sums[drawn].sum(1) / counts[drawn].sum(1)
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(value=float(np.mean(values)), low=float(low), high=float(high))


def of_all(statistic: Callable[[NDArray[np.integer]], float], levels: NDArray[np.str_], seed: int = 0) -> Estimate:
    """What is a figure of all clips together: with the normal interval of a jackknife over groups of levels.

    A bootstrap would not do: what grows with clips that occur twice (a distance, an information) it biases.

    statistic: of the clips with these indices.
    """
    everyone = np.arange(len(levels))
    value = statistic(everyone)
    names, of = np.unique(levels, return_inverse=True)
    groups = min(_GROUPS, len(names))
    if groups < 2:
        return Estimate(value=value, low=float("-inf"), high=float("inf"))
    group = np.random.default_rng(seed).permutation(len(names))[of] % groups
    without = np.array([statistic(everyone[group != one]) for one in range(groups)])
    error = float(np.sqrt((groups - 1) / groups * ((without - without.mean()) ** 2).sum()))
    return Estimate(value=value, low=value - _95 * error, high=value + _95 * error)
