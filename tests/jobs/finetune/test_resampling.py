"""Intervals by resampling."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.jobs.finetune.resampling import mean, perplexity_ratio


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide() -> None:
    values = np.random.default_rng(0).normal(5, 1, 400)
    found = mean(values.tolist(), 1)

    assert found.value == pytest.approx(values.mean())
    assert found.high - found.low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.05)


def test_a_ratio_weighs_passages_by_their_tokens() -> None:
    found = perplexity_ratio([10, 10], [20, 10], [10, 90], 0)

    assert found.value == pytest.approx(np.exp(0.1))


def test_the_same_losses_have_a_ratio_of_one_without_doubt() -> None:
    assert perplexity_ratio([3, 4], [3, 4], [2, 2], 0).said() == {"value": 1.0, "low": 1.0, "high": 1.0}


def test_an_interval_covers_the_truth_about_nineteen_times_in_twenty() -> None:
    rng = np.random.default_rng(3)
    covered = 0
    for trial in range(200):
        tokens = rng.integers(20, 120, 40)
        rise = rng.normal(0.05, 0.2, 40) * tokens
        found = perplexity_ratio([0] * 40, rise.tolist(), tokens.tolist(), trial)
        covered += found.low <= np.exp(0.05) <= found.high

    assert 178 <= covered <= 199
