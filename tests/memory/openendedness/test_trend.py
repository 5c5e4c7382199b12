"""Tests of trend: known answers, right error rates, ties and corrections."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import kendalltau

from wunderkammer.memory.openendedness.trend import (
    fall,
    fall_interval,
    holm,
    mann_kendall,
    page,
    rise,
    rise_interval,
    tau,
)


def test_mann_kendall_by_hand() -> None:
    found = mann_kendall(np.arange(6.0))
    assert found.z == pytest.approx((15 - 1) / np.sqrt(6 * 5 * 17 / 18))
    assert mann_kendall(np.arange(6.0)[::-1]).p > 0.99
    assert mann_kendall(np.ones(9)).p == 1.0


def test_mann_kendall_says_yes_to_nothing_as_often_as_it_should() -> None:
    rng = np.random.default_rng(0)
    said = np.mean([mann_kendall(rng.normal(size=16)).p <= 0.05 for _ in range(600)])
    assert 0.03 < said < 0.065


@pytest.mark.parametrize("ties", [False, True])
def test_tau_is_scipys(ties: bool) -> None:
    values = np.random.default_rng(1).normal(size=30)
    values = np.round(values) if ties else values
    assert tau(values) == pytest.approx(kendalltau(np.arange(30), values).statistic)


def test_page_finds_an_order_that_no_single_block_shows() -> None:
    rng = np.random.default_rng(2)
    order = np.arange(8) * 0.15
    rows = rng.normal(size=(40, 8))
    assert page(rows + order).p < 1e-4
    assert page(rows - order).p > 0.99
    said = np.mean([page(rng.normal(size=(10, 8))).p <= 0.05 for _ in range(300)])
    assert 0.03 < said < 0.07


def test_page_takes_what_is_learnt_at_a_stroke_for_learnt() -> None:
    rows = np.tile([0.0] + [100.0] * 15, (16, 1)) + np.random.default_rng(3).normal(size=(16, 16)) * 0.3
    assert page(rows).p < 1e-6
    assert page(np.ones((5, 5))).p == 1.0


def test_rise_and_fall_are_in_the_units_of_the_values() -> None:
    at = np.array([10.0, 20, 30, 50])
    assert rise(0.5 * at, at) == pytest.approx(20)
    assert fall(np.array([[0.0, 1, 2, 3], [1, 2, 3, 6]])) == pytest.approx(4)


def test_intervals_hold_the_truth_as_often_as_they_say() -> None:
    rng = np.random.default_rng(4)
    at = np.arange(20.0)
    intervals = [rise_interval(0.1 * at + rng.normal(size=20), at) for _ in range(60)]
    held = [low <= 19 * 0.1 <= high for low, high in intervals]
    assert 0.8 < np.mean(held) <= 1  # a percentile interval of few values is a little short
    rows = rng.normal(size=(30, 8))
    rows[:, -1] += 1
    low, high = fall_interval(rows)
    assert low < fall(rows) < high
    assert fall_interval(rows) == (low, high)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
