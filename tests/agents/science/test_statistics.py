"""Intervals cover, tests keep their level, corrections keep the family's, and small samples prove nothing."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from wunderkammer.agents.science.statistics import (
    chance_to_settle,
    compare,
    corrected,
    interval,
    least_pairs,
    pairs_to_settle,
)


def test_the_p_value_is_that_of_every_sign_flip() -> None:
    differences = [0.31, -0.12, 0.4, 0.22, 0.05, 0.17]
    found = compare(differences, [0.0] * 6, "higher", 0.1, 0.05)
    moved = [d - 0.1 for d in differences]
    sums = [sum(s * d for s, d in zip(signs, moved, strict=True)) for signs in product((1, -1), repeat=6)]

    assert found.p_support == sum(s >= sum(moved) - 1e-12 for s in sums) / 64
    assert found.p_refute == sum(s <= sum(moved) + 1e-12 for s in sums) / 64


def test_lower_mirrors_higher() -> None:
    a, b = [1.0, 1.2, 0.9, 1.4, 1.1], [0.5, 0.8, 0.7, 0.6, 0.9]
    up, down = compare(a, b, "higher", 0.1, 0.05), compare(b, a, "lower", 0.1, 0.05)

    assert (up.p_support, up.p_refute) == (down.p_support, down.p_refute)
    assert up.difference == pytest.approx(-down.difference)


def test_sameness_needs_both_edges_and_is_refuted_beyond_either() -> None:
    near = [0.01, -0.02, 0.0, 0.015, -0.01, 0.02, -0.005, 0.01]
    same, far = (
        compare(near, [0.0] * 8, "same", 0.1, 0.05),
        compare([d - 0.5 for d in near], [0.0] * 8, "same", 0.1, 0.05),
    )

    assert same.p_support == 1 / 256
    assert same.supports
    assert far.p_refute == 2 / 256
    assert not far.supports


def test_identical_sides_have_no_spread_and_no_warning() -> None:
    found = compare([0.5] * 8, [0.5] * 8, "same", 0.05, 0.05)

    assert (found.low, found.high, found.deviation) == (0.0, 0.0, 0.0)
    assert found.p_support == 1 / 256


def test_one_pair_proves_nothing() -> None:
    found = compare([9.0], [0.0], "higher", 0.0, 0.05)

    assert found.p == 1.0
    with pytest.raises(ValueError, match="at least one"):
        compare([], [], "higher", 0.0, 0.05)
    with pytest.raises(ValueError, match="as many values"):
        compare([1.0], [], "higher", 0.0, 0.05)


def test_the_same_figures_give_the_same_interval() -> None:
    values = np.random.default_rng(0).normal(size=30).tolist()

    assert interval(values, 0.05) == interval(values, 0.05)


def test_the_interval_covers_the_truth_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    covered = sum(low <= 0.3 <= high for low, high in (interval(rng.normal(0.3, 1, 20), 0.1) for _ in range(120)))

    assert 0.82 <= covered / 120 <= 0.97


def test_at_the_threshold_the_test_errs_no_more_than_alpha() -> None:
    rng = np.random.default_rng(2)
    wrong = sum(compare(rng.normal(0.2, 1, 9), [0.0] * 9, "higher", 0.2, 0.1).p <= 0.1 for _ in range(150))

    assert wrong / 150 <= 0.1 + 3 * (0.1 * 0.9 / 150) ** 0.5


@given(st.lists(st.floats(0, 1), min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_holm_is_between_the_plain_and_the_bonferroni_value(p_values: list[float]) -> None:
    found = corrected(p_values)

    assert all(p - 1e-12 <= c <= min(1.0, p * len(p_values)) + 1e-12 for p, c in zip(p_values, found, strict=True))
    assert all(
        found[i] <= found[j] + 1e-12 for i in range(len(found)) for j in range(len(found)) if p_values[i] < p_values[j]
    )


def test_holm_of_a_known_family() -> None:
    assert corrected([0.01, 0.04, 0.03, 0.005]) == pytest.approx([0.03, 0.06, 0.06, 0.02])
    assert corrected([0.01, 0.04], "bh") == pytest.approx(stats.false_discovery_control([0.01, 0.04]))
    assert corrected([]) == []


def test_how_many_pairs_it_takes() -> None:
    assert least_pairs(0.05) == 6
    assert least_pairs(0.05, 4) == 8
    assert pairs_to_settle(0.0, 1.0, 0.05) is None
    assert pairs_to_settle(0.5, 1.0, 0.05) == 32
    assert chance_to_settle(0.5, 1.0, 32, 0.05) == pytest.approx(0.81, abs=0.02)
    assert chance_to_settle(5.0, 1.0, 3, 0.05) == 0.0
