"""How good made rows are: each figure on rows of which it is known."""

from __future__ import annotations

import re

import jax
import numpy as np
import pytest

from wunderkammer.domains.synther.clouds import clouds
from wunderkammer.domains.synther.data import noisy, rows_of
from wunderkammer.domains.synther.quality import apartness, correlation, marginal, quality, untruth
from wunderkammer.learners.experience import Transitions, joined
from wunderkammer.worlds.pendulum.world import Pendulum

WORLD, RNG = Pendulum(), np.random.default_rng(0)


def real(count: int) -> Transitions:
    """Single steps of the pendulum from anywhere."""
    state = RNG.uniform([-np.pi, -8], [np.pi, 8], (count, 2)).astype(np.float32)
    action = RNG.uniform(-1, 1, (count, 1)).astype(np.float32)
    found = jax.vmap(WORLD.step)(state, action)
    seen = np.asarray(jax.vmap(WORLD.observe)(state))
    return Transitions(seen, action, *map(np.asarray, (found.reward, found.observation)), np.zeros(count, np.float32))


FULL = real(3000)


def test_true_rows_are_true_and_noise_is_not() -> None:
    assert untruth(WORLD, FULL, FULL).dynamics < 1e-4
    little, much = (untruth(WORLD, FULL, noisy(FULL, 2000, size, 0)) for size in (0.05, 0.2))
    assert 0.01 < little.dynamics < 0.1 < much.dynamics
    assert 0.01 < little.reward < much.reward


def test_distributions_and_correlations_are_told_apart() -> None:
    one, other = RNG.normal(size=(2, 4000, 2)).astype(np.float32)
    together = np.stack([one[:, 0], 0.8 * one[:, 0] + 0.6 * one[:, 1]], -1)
    assert marginal(one, other) > 0.95
    assert marginal(one, other + 10) == pytest.approx(0, abs=1e-6)
    assert correlation(one, other) > 0.97
    assert correlation(one, together) == pytest.approx(0.6, abs=0.03)
    assert correlation(one[:, :1], other[:, :1]) == 1.0


def test_copies_are_found_and_fresh_rows_are_new() -> None:
    learned, fresh = FULL.table()[:1000], FULL.table()[1000:]
    same = apartness(learned, fresh, real(1000).table())
    assert same["novelty"] == pytest.approx(1, abs=0.1)
    assert same["copies"] < 0.03
    copied = apartness(learned, fresh, learned[:500] + 1e-4)
    assert copied["novelty"] < 0.05
    assert copied["copies"] > 0.95


def test_what_cannot_be_known_is_left_out() -> None:
    found = quality(None, FULL, FULL, FULL.at(slice(0)), FULL)
    assert set(found) == {"marginal", "correlation"}
    assert set(quality(WORLD, FULL, FULL, FULL, FULL)) - set(found) == {"dynamics", "reward_error", "novelty", "copies"}


def test_a_share_is_drawn_by_its_seed_and_the_rest_is_the_rest() -> None:
    subset, others = rows_of(FULL, 0.1, 4)
    assert (subset.steps, others.steps) == (300, 2700)
    assert np.array_equal(subset.table(), rows_of(FULL, 0.1, 4)[0].table())
    assert not np.array_equal(subset.table(), rows_of(FULL, 0.1, 5)[0].table())
    rows = {tuple(row) for part in (subset, others) for row in part.table().tolist()}
    assert len(rows) == len({tuple(row) for row in FULL.table().tolist()})


def test_noise_is_of_the_size_that_is_asked_and_no_action_leaves_its_bounds() -> None:
    made = noisy(FULL.at(slice(1)), 500, 0.1, 0)
    assert np.array_equal(made.observation, np.repeat(FULL.observation[:1], 500, 0)), "one row has no spread"
    made = noisy(FULL, 20_000, 0.1, 0)
    assert np.abs(made.action).max() <= 1
    assert made.observation.std(0) == pytest.approx(FULL.observation.std(0) * 1.01**0.5, rel=0.03)
    assert not made.terminal.any()


def test_clouds_are_drawn_side_by_side_with_their_names_escaped() -> None:
    drawing = clouds({"<few>": FULL.at(slice(5)), "all": FULL})
    assert drawing.count("<path") == 2
    assert "&lt;few&gt;" in drawing
    assert drawing.count("h.01") == 5 + 1200


def test_a_cloud_is_of_all_rows_and_not_of_the_first() -> None:
    one, other = FULL.at(slice(1)), FULL.at(slice(1, 2))
    both = joined(*[one] * 2000, *[other] * 2000)
    drawn = clouds({"both": both, "all": FULL}).split("<path")[1]
    places = set(re.findall(r"M[\d ]+h", drawn))
    assert len(places) == 2
