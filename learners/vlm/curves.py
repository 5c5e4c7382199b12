"""How well scores tell what is true from what is not: precision against recall, ROC, and the threshold to take."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Labels = NDArray[np.bool_]
WORTH = 0.01
"""Thresholds whose F is no more than this below the best are as good as it; the lowest of them is taken: what a model
never learned it finds less likely, right or wrong, than what thresholds are chosen on."""


class Curve(NamedTuple):
    """One point per different score, from the highest threshold down; at each, what scores at least that is positive.
    All are of shape (points,)."""

    thresholds: Floats
    precision: Floats
    recall: Floats
    """Also the rate of true positives."""
    false_alarms: Floats
    """The rate of false positives."""


class Chosen(NamedTuple):
    """A threshold, and what it comes to where it was chosen."""

    beta: float
    """Scores above it are positive; it lies between two that were seen."""
    quality: float
    precision: float
    recall: float


def curve(scores: Floats, labels: Labels) -> Curve:
    """Precision, recall and false alarms at each threshold.

    Raises:
        ValueError: all labels are the same, so that there is nothing to tell apart.
    """
    if labels.all() or not labels.any():
        raise ValueError("labels are all the same")
    order = np.argsort(-scores, kind="stable")
    sorted_scores, hits = scores[order], labels[order]
    last = np.append(np.diff(sorted_scores) != 0, True)
    found = np.cumsum(hits)[last].astype(np.float64)
    said = np.flatnonzero(last) + 1.0
    positives = labels.sum()
    return Curve(sorted_scores[last], found / said, found / positives, (said - found) / (labels.size - positives))


def average_precision(found: Curve) -> float:
    """Σ (Rₙ − Rₙ₋₁) Pₙ, without interpolation."""
    return float((np.diff(found.recall, prepend=0.0) * found.precision).sum())


def area(found: Curve) -> float:
    """Under the ROC curve: the chance that a true one scores above a false one, ties counting half."""
    return float(np.trapezoid(np.append(0.0, found.recall), np.append(0.0, found.false_alarms)))


def choose(found: Curve, worth: float = WORTH) -> Chosen:
    """The lowest threshold whose F1 is within `worth` of the best; half-way to the next lower score, or to 0."""
    both = found.precision + found.recall
    quality = np.divide(2 * found.precision * found.recall, both, out=np.zeros_like(both), where=both > 0)
    best = int(np.flatnonzero(quality >= quality.max() - worth)[-1])
    lower = found.thresholds[best + 1] if best + 1 < found.thresholds.size else 0.0
    beta = float((found.thresholds[best] + lower) / 2)
    return Chosen(beta, float(quality[best]), float(found.precision[best]), float(found.recall[best]))
