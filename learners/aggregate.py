"""Few trainings summed up honestly: inter-quartile means with stratified bootstrap intervals (Agarwal et al. 2021)."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

Scores = NDArray[np.floating]
"""(runs, tasks): a row per training, a column per held-out level or game."""


class Interval(NamedTuple):
    """An estimate, and where it may lie."""

    estimate: float
    low: float
    high: float


def interquartile_mean(scores: Scores) -> float:
    """Mean of the middle half of all runs on all tasks; neither a lucky seed nor an easy task moves it much."""
    return float(stats.trim_mean(scores, 0.25, axis=None))


def interval(scores: Scores, rng: np.random.Generator, *, resamples: int = 2_000, confidence: float = 0.95) -> Interval:
    """The inter-quartile mean with its percentile bootstrap interval.

    Stratified: each task's runs are drawn anew on their own, with replacement, so that every task keeps its weight.
    """
    runs, tasks = scores.shape
    drawn = rng.integers(runs, size=(resamples, runs, tasks))
    found = stats.trim_mean(scores[drawn, np.arange(tasks)].reshape(resamples, -1), 0.25, axis=1)
    low, high = np.quantile(found, [(1 - confidence) / 2, (1 + confidence) / 2])
    return Interval(interquartile_mean(scores), float(low), float(high))


def improvement(ours: Scores, theirs: Scores) -> float:
    """Probability that a run of ours beats one of theirs on a task, mean over tasks; ties count half."""
    wins = (ours[:, None] > theirs[None]).mean((0, 1)) + 0.5 * (ours[:, None] == theirs[None]).mean((0, 1))
    return float(wins.mean())
