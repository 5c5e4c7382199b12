"""From a history to a loss: a regression that looks ahead by a gap, what it got wrong, and whether to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np

from wunderkammer.memory.openendedness.gaussian import Gaussian, likeliest
from wunderkammer.memory.openendedness.projection import prior_nats
from wunderkammer.memory.openendedness.series import Floats

LEAST: Final = 8
"""Artifacts below which nothing is fitted: the observer expects anything."""
_DOUBT: Final = 0.01
"""Weight that is never taken from knowing nothing, nor from the forecast."""


class Regression(Protocol):
    """Predicts the artifact `gap` steps after a row of features."""

    def fitted(self, rows: Floats, targets: Floats) -> Floats:
        """Coefficients, from features and the artifacts that they lead to."""
        ...

    def predicted(self, rows: Floats, coefficients: Floats) -> Floats:
        """Places, shape (n, d)."""
        ...


def forecast(points: Floats, rows: Floats, t: int, later: Sequence[int], regression: Regression) -> Floats:
    """Nats of artifacts `later`, for an observer that has seen the first t, shape (len(later),).

    points: all artifacts' places, shape (n, d). rows: features, one row per artifact, made of it and of those before.
    Gaps are taken in powers of two, and never beyond a quarter of the history: farther ahead the observer says what it
    says of that gap. Errors on the last third of the history, which the first two thirds foretell, choose the
    shrinkage and say how far the forecast is better than knowing nothing; a mixture of both is the prediction.
    """
    ignorant = prior_nats(points[list(later)])
    if t < LEAST:
        return ignorant
    nats = np.empty(len(later))
    gaps = np.array([_gap(int(i) - t + 1, t) for i in later])
    for gap in np.unique(gaps):
        here = np.flatnonzero(gaps == gap)
        before, after = rows[: t - gap], points[gap:t]
        cut = 2 * len(before) // 3
        tried = regression.fitted(before[:cut], after[:cut])
        wrong = after - regression.predicted(before, tried)
        shrinkage, costs = likeliest(wrong[:cut], wrong[cut:])
        trust = _trust(costs.sum() - prior_nats(after[cut:]).sum())
        final = regression.fitted(before, after)
        gaussian = Gaussian.of(after - regression.predicted(before, final), shrinkage)
        expected = regression.predicted(rows[t - 1 : t], final)
        told = gaussian.nats(points[[later[i] for i in here]] - expected)
        nats[here] = -np.logaddexp(np.log(trust) - told, np.log(1 - trust) - ignorant[here])
    return nats


def _gap(steps: int, t: int) -> int:
    return 1 << (min(steps, t // 4).bit_length() - 1)


def _trust(excess: float) -> float:
    return float(np.clip(1 / (1 + np.exp(np.clip(excess, -50, 50))), _DOUBT, 1 - _DOUBT))
