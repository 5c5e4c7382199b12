"""Inter-quartile means and their intervals."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.learners.aggregate import improvement, interquartile_mean, interval


def test_the_middle_half_is_averaged() -> None:
    assert interquartile_mean(np.array([[0.0, 1.0], [2.0, 99.0]])) == pytest.approx(1.5)


def test_an_interval_holds_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(200):
        found = interval(rng.normal(size=(10, 6)), rng, resamples=200)
        assert found.low <= found.high
        held += found.low <= 0.0 <= found.high
    assert 0.85 < held / 200 <= 1.0


def test_tasks_keep_their_weight() -> None:
    """Runs that agree on every task leave nothing open, however different the tasks are."""
    found = interval(np.tile([0.0, 0.2, 0.8, 1.0], (5, 1)), np.random.default_rng(0))
    assert found == pytest.approx((0.5, 0.5, 0.5))


def test_ties_are_half_a_win() -> None:
    assert improvement(np.array([[1.0], [0.0]]), np.array([[0.0], [0.0]])) == pytest.approx(0.75)
