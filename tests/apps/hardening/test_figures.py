"""Means and paired differences: intervals that hold what they should."""

from __future__ import annotations

from random import Random

import pytest

from wunderkammer.apps.hardening.figures import Looked, by_elite, mean_of, paired


def test_a_mean_of_nothing_is_none_and_of_equals_is_certain():
    assert mean_of([]) is None
    found = mean_of([0.5, 0.5, 0.5])
    assert found is not None
    assert (found.mean, found.low, found.high, found.n) == (0.5, 0.5, 0.5, 3)


def test_the_difference_is_over_what_both_have():
    gap = paired({"a": 1.0, "b": 1.0, "c": 0.0}, {"a": 0.0, "b": 1.0, "d": 1.0})
    assert gap is not None
    assert (gap.before, gap.after, gap.difference, gap.n) == (1.0, 0.5, -0.5, 2)
    assert paired({"a": 1.0}, {"b": 1.0}) is None


def test_pairing_finds_a_small_difference_among_large_ones():
    rng = Random(1)
    before = {str(n): rng.random() for n in range(100)}
    after = {name: value - 0.05 + rng.gauss(0, 0.02) for name, value in before.items()}
    gap = paired(before, after)
    assert gap is not None
    assert gap.falls
    assert gap.low < -0.05 < gap.high


@pytest.mark.parametrize("seed", range(5))
def test_no_difference_is_rarely_called_one(seed):
    rng = Random(seed)
    before = {str(n): float(rng.random() < 0.5) for n in range(80)}
    after = {str(n): float(rng.random() < 0.5) for n in range(80)}
    gap = paired(before, after)
    assert gap is not None
    assert gap.low < 0.1
    assert gap.high > -0.1
    assert paired(before, after) == gap


def test_unknown_figures_are_in_no_mean():
    looked = [Looked(candidate="a", archive="r", success=1.0), Looked(candidate="b", archive="r", faults=2)]
    assert by_elite(looked, "success") == {"r a": 1.0}
