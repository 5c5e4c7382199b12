"""Examinations: one episode counts once, and only what ends of itself is solved."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import pytest

from stage.recall import Recall
from wunderkammer.learners.evaluation import attempt, trace
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.recurrence import Gru

NETWORK = ActorCritic(2, Gru(4), hidden=4)
LEVELS = jnp.array([0, 1, 1], jnp.int32)


@pytest.fixture(scope="module")
def always_one():
    """Weights that answer 1 whatever is shown."""
    params = NETWORK.init(jax.random.key(0), jnp.zeros(4))
    into, out = params["actor"]
    return params | {"actor": (into, {"weights": out["weights"] * 0, "bias": jnp.array([-50.0, 50.0])})}


def test_each_level_is_tried_so_often(always_one) -> None:
    found = jax.jit(partial(attempt, Recall(), NETWORK, episodes=4))(always_one, jax.random.key(0), LEVELS)
    assert found.solved.tolist() == [[False, True, True]] * 4
    assert found.returned.tolist() == [[0.0, 1.0, 1.0]] * 4
    assert (found.length == 5).all()


def test_what_ends_by_time_alone_is_not_solved(always_one) -> None:
    found = attempt(Recall(patient=True), NETWORK, always_one, jax.random.key(0), LEVELS, 1)
    assert not found.solved.any()


def test_a_trace_has_every_state(always_one) -> None:
    states, found = trace(Recall(), NETWORK, always_one, jax.random.key(0), LEVELS)
    assert states.time[:, 0].tolist() == [1, 2, 3, 4, 5]
    assert found.solved.tolist() == [False, True, True]
