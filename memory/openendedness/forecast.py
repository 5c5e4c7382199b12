"""From a history to a loss: a regression that looks ahead by a gap, what it got wrong, and whether to trust it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from wunderkammer.memory.openendedness.gaussian import Gaussian, likeliest
from wunderkammer.memory.openendedness.projection import EPSILON, prior_nats
from wunderkammer.memory.openendedness.series import Floats

LEAST: Final = 8
"""Artifacts below which nothing is fitted: the observer expects anything."""
_DOUBT: Final = 0.01
"""Weight that is never taken from knowing nothing, nor from the forecast."""
_GAIN: Final = 0.05
"""By how much less wrong the near must be foretold than the far, or the far than the very far, for it to count."""


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
    Gaps are taken in powers of two, and never beyond a quarter of the history: farther ahead, errors go on growing with
    the power of the gap by which they grew up to there. Errors on the last third of the history, which the first two
    thirds foretell, choose the shrinkage and say how far the forecast is better than knowing nothing; a mixture of both
    is the prediction.
    """
    asked = points[list(later)]
    ignorant = prior_nats(asked)
    if t < LEAST:
        return ignorant
    nats = np.empty(len(later))
    steps = np.array([int(i) - t + 1 for i in later])
    gaps = np.array([_gap(int(step), t) for step in steps])
    far = _gap(t, t)
    farthest = _fit(points[:t], rows, far, regression)
    growth = 1.0
    if far >= 4:
        growth = _growth(farthest.error, *(_fit(points[:t], rows, far // part, regression).error for part in (2, 4)))
    for gap in np.unique(gaps):
        here = np.flatnonzero(gaps == gap)
        fit = farthest if gap == far else _fit(points[:t], rows, int(gap), regression)
        if fit.error > (1 - _GAIN) * farthest.error:
            fit = farthest  # nearness is of no help: then nothing may depend on it
        scale = np.maximum(1.0, steps[here] / far) ** np.log2(growth)
        scale = np.minimum(scale, max(1.0, 1.0 / fit.error))  # nothing is less sure than a place drawn anywhere
        wrong = (asked[here] - fit.expected) / np.sqrt(scale)[:, None]
        told = fit.gaussian.nats(wrong) + 0.5 * points.shape[1] * np.log(scale)
        nats[here] = -np.logaddexp(np.log(fit.trust) - told, np.log(1 - fit.trust) - ignorant[here])
    return nats


@dataclass(frozen=True)
class _Fit:
    expected: Floats
    gaussian: Gaussian
    error: float
    """Mean square of a coordinate's error on what was held out."""
    trust: float


def _fit(points: Floats, rows: Floats, gap: int, regression: Regression) -> _Fit:
    t = len(points)
    before, after = rows[: t - gap], points[gap:]
    cut = 2 * len(before) // 3
    wrong = after - regression.predicted(before, regression.fitted(before[:cut], after[:cut]))
    shrinkage, costs = likeliest(wrong[:cut], wrong[cut:])
    final = regression.fitted(before, after)
    return _Fit(
        expected=regression.predicted(rows[t - 1 : t], final),
        gaussian=Gaussian.of(after - regression.predicted(before, final), shrinkage),
        error=float((wrong[cut:] ** 2).mean()) + EPSILON**2,
        trust=_trust(float(costs.sum() - prior_nats(after[cut:]).sum())),
    )


def _growth(farthest: float, half: float, quarter: float) -> float:
    """How many times the square error grows when one looks twice as far; a random walk's doubles. Growth counts only
    where it was steady: what comes round is foretold well at some gaps, and does not drift."""
    growth = min(farthest / half, half / quarter)
    return 1.0 if growth < 1 + _GAIN else min(growth, 2.0)


def _gap(steps: int, t: int) -> int:
    return 1 << (min(steps, t // 4).bit_length() - 1)


def _trust(excess: float) -> float:
    return float(np.clip(1 / (1 + np.exp(np.clip(excess, -50, 50))), _DOUBT, 1 - _DOUBT))
