"""Scores of levels, by hand."""

from __future__ import annotations

import jax.numpy as jnp
import pytest

from wunderkammer.domains.paired import scores
from wunderkammer.learners.rollout import Trajectory


def seen(rewards: list[float], dones: list[int], values: list[float]) -> Trajectory:
    """One place."""
    column = {"reward": jnp.array(rewards), "done": jnp.array(dones, bool), "value": jnp.array(values)}
    nothing = dict.fromkeys(Trajectory._fields, jnp.zeros((len(rewards), 1)))
    return Trajectory(**{**nothing, **{name: part[:, None] for name, part in column.items()}})


PLAYED = seen([0, 0.4, 0, 0, 0, 0.7, 0.9], [0, 1, 0, 1, 0, 1, 0], [0.5, 0.3, 0.1, 0.1, 0.2, 0.2, 0.0])
"""Three episodes of two steps, which return 0.4, 0 and 0.7; a fourth has not ended."""


def test_only_ended_episodes_have_returns() -> None:
    assert scores.best_returns(PLAYED).tolist() == pytest.approx([0.7])
    assert scores.best_returns(seen([0.5], [0], [0])).tolist() == [0.0]


ALL = jnp.ones((7, 1), bool)
"""Every step is the level's own."""


def test_max_monte_carlo_is_the_best_return_less_the_mean_value() -> None:
    assert scores.max_monte_carlo(PLAYED, jnp.array([0.8]), ALL).tolist() == pytest.approx([0.8 - 0.2])


def test_positive_value_loss_counts_no_disappointment() -> None:
    advantage = jnp.array([[0.5], [-3.0]])
    assert scores.positive_value_loss(advantage, ALL[:2]).tolist() == pytest.approx([0.25])


def test_levels_of_a_queue_take_an_episode_each_and_over_again() -> None:
    first, second = scores.turns(PLAYED.done, 2)
    assert first[:, 0].tolist() == [True, True, False, False, True, True, False]
    assert second[:, 0].tolist() == [False, False, True, True, False, False, True]
    never = scores.turns(PLAYED.done, 5)[4]
    assert not never.any()

    assert scores.best_returns(scores.only(PLAYED, first)).tolist() == pytest.approx([0.7])
    assert scores.best_returns(scores.only(PLAYED, second)).tolist() == [0.0]
    best = jnp.array([0.8])
    assert scores.max_monte_carlo(PLAYED, best, first).tolist() == pytest.approx([0.8 - 0.3])
    assert scores.max_monte_carlo(PLAYED, best, second).tolist() == pytest.approx([0.8 - 0.2 / 3])
    assert scores.max_monte_carlo(PLAYED, best, never).tolist() == [0.0]


def test_success_is_any_return_of_an_ended_episode() -> None:
    assert scores.success_rates(PLAYED).tolist() == pytest.approx([2 / 3])
    assert scores.success_rates(seen([0], [0], [0])).tolist() == [0.0]


def test_what_succeeds_every_other_time_teaches_most() -> None:
    assert scores.learnability(jnp.array([0.0, 0.5, 1.0])).tolist() == [0.0, 0.25, 0.0]
