"""Curves and thresholds: by hand, and against counting."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.learners.vlm.curves import area, average_precision, choose, curve

SCORES = np.array([0.9, 0.8, 0.8, 0.4, 0.2])
LABELS = np.array([True, True, False, True, False])


def test_points_are_counted_at_each_different_score() -> None:
    found = curve(SCORES, LABELS)
    assert found.thresholds.tolist() == [0.9, 0.8, 0.4, 0.2]
    assert found.precision == pytest.approx([1, 2 / 3, 3 / 4, 3 / 5])
    assert found.recall == pytest.approx([1 / 3, 2 / 3, 1, 1])
    assert found.false_alarms == pytest.approx([0, 1 / 2, 1 / 2, 1])
    assert average_precision(found) == pytest.approx(1 / 3 + 2 / 9 + 1 / 4)


def test_the_area_is_the_chance_of_the_right_order() -> None:
    rng = np.random.default_rng(0)
    scores, labels = rng.integers(0, 6, 200).astype(float), rng.random(200) < 0.4
    above = scores[labels][:, None] - scores[~labels][None]
    assert area(curve(scores, labels)) == pytest.approx((above > 0).mean() + (above == 0).mean() / 2)


def test_a_threshold_lies_between_what_it_parts() -> None:
    clean = curve(np.array([0.9, 0.8, 0.3, 0.1]), np.array([True, True, False, False]))
    best = choose(clean)
    assert (best.beta, best.precision, best.recall) == (pytest.approx(0.55), 1, 1)
    everything = choose(curve(np.array([0.5, 0.5]), np.array([True, False])))
    assert everything.beta == pytest.approx(0.25)
    assert everything.recall == 1


def test_of_thresholds_that_are_as_good_the_lowest_is_taken() -> None:
    scores = np.linspace(1, 0, 1000)
    labels = scores > 0.5
    strict, lenient = (choose(curve(scores, labels), worth).beta for worth in (0.0, 0.05))
    assert strict == pytest.approx(0.5, abs=0.002)
    assert 0.4 < lenient < 0.47


def test_nothing_is_told_of_labels_that_are_all_the_same() -> None:
    with pytest.raises(ValueError, match="all the same"):
        curve(SCORES, np.ones(5, bool))
