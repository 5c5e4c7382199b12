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
_APART: Final = 6
"""Pairs below which a distance beyond the gap itself is not tried."""
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


def forecast(
    points: Floats, rows: Floats, t: int, later: Sequence[int], regression: Regression, *, offsets: int = 1
) -> Floats:
    """Nats of artifacts `later`, for an observer that has seen the first t, shape (len(later),).

    points: all artifacts' places, shape (n, d). rows: features, one row per artifact, made of it and of those before.
    offsets: at how many places from a gap to its double a regression is fitted and tried. One is enough where features
    know nothing of phases; who can tell the third of five from the fourth must be tried at more than one distance, for
    a gap stands for all distances up to its double.
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
    tries = {int(gap): _try(points[:t], rows, int(gap), regression, offsets) for gap in np.unique([far, *gaps])}
    farthest, growth = _fit(tries[far], rows, t, regression), 1.0
    if far >= 4:
        nearer = [tries.get(gap) or _try(points[:t], rows, gap, regression, offsets) for gap in (far // 2, far // 4)]
        growth = _growth(tries[far].error, *(one.error for one in nearer))
    for gap in np.unique(gaps):
        here = np.flatnonzero(gaps == gap)
        tried = tries[int(gap)]
        # Where nearness is of no help, nothing may depend on it.
        near = tried.error <= (1 - _GAIN) * tries[far].error
        fit, error = (_fit(tried, rows, t, regression), tried.error) if near else (farthest, tries[far].error)
        scale = np.maximum(1.0, steps[here] / far) ** np.log2(growth)
        scale = np.minimum(scale, max(1.0, 1.0 / error))  # nothing is less sure than a place drawn anywhere
        wrong = (asked[here] - fit.expected) / np.sqrt(scale)[:, None]
        told = fit.gaussian.nats(wrong) + 0.5 * points.shape[1] * np.log(scale)
        nats[here] = -np.logaddexp(np.log(fit.trust) - told, np.log(1 - fit.trust) - ignorant[here])
    return nats


@dataclass(frozen=True)
class _Try:
    """A regression on the first two thirds of a history, and what it got wrong there and on the last third."""

    before: Floats
    after: Floats
    wrong: Floats
    cut: int

    @property
    def error(self) -> float:
        """Mean square of a coordinate's error on what was held out."""
        return float((self.wrong[self.cut :] ** 2).mean()) + EPSILON**2


@dataclass(frozen=True)
class _Fit:
    """A regression on the whole history, and how its errors are spread."""

    expected: Floats
    gaussian: Gaussian
    trust: float


def _try(points: Floats, rows: Floats, gap: int, regression: Regression, offsets: int) -> _Try:
    known: list[tuple[Floats, Floats]] = []
    held_out: list[tuple[Floats, Floats]] = []
    for offset in _offsets(gap, offsets, len(points)):
        before, after = rows[: len(points) - offset], points[offset:]
        cut = 2 * len(before) // 3
        known.append((before[:cut], after[:cut]))
        held_out.append((before[cut:], after[cut:]))
    befores, afters = (np.concatenate(parts) for parts in zip(*known, *held_out, strict=True))
    cut = sum(len(before) for before, _ in known)
    wrong = afters - regression.predicted(befores, regression.fitted(befores[:cut], afters[:cut]))
    return _Try(befores, afters, wrong, cut)


def _offsets(gap: int, count: int, t: int) -> list[int]:
    """Distances from a gap to just below its double, evenly, of which some artifacts of the history are apart."""
    found = {int(offset) for offset in np.linspace(gap, 2 * gap - 1, count)}
    return sorted(offset for offset in found if offset == gap or t - offset >= _APART)


def _fit(tried: _Try, rows: Floats, t: int, regression: Regression) -> _Fit:
    cut = tried.cut
    shrinkage, costs = likeliest(tried.wrong[:cut], tried.wrong[cut:])
    final = regression.fitted(tried.before, tried.after)
    return _Fit(
        expected=regression.predicted(rows[t - 1 : t], final),
        gaussian=Gaussian.of(tried.after - regression.predicted(tried.before, final), shrinkage),
        trust=_trust(float(costs.sum() - prior_nats(tried.after[cut:]).sum())),
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
