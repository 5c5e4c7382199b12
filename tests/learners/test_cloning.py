"""Cloning: the divergence by hand, who is moved by it, and how far."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from stage.recall import Recall, signs
from wunderkammer.learners.cloning import divergence, towards
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.recurrence import Gru
from wunderkammer.learners.rollout import begin, rollout

WORLD, BATCH = Recall(), 16
NETWORK = ActorCritic(2, Gru(8), hidden=8)
SILENT = Ppo(rate=1e-2, epochs=4, value=0.0, entropy=0.0)
"""With advantages of zero there is nothing to learn but from a further term."""


def student(seed):
    """Weights that prefer something."""
    observation = WORLD.reset_to_level(jax.random.key(0), jnp.int32(0))[1]
    params = NETWORK.init(jax.random.key(seed), observation)
    into, out = params["actor"]
    return params | {"actor": (into, out | {"bias": out["bias"] + jnp.array([0.0, 3.0 if seed else -3.0])})}


@jax.jit
def play(params):
    levels = signs(jax.random.key(3), BATCH)
    running = begin(WORLD, NETWORK, jax.random.key(1), levels)
    _, seen, last = rollout(WORLD, NETWORK, params, jax.random.key(2), running, levels[None], WORLD.horizon)
    batch = SILENT.batch(NETWORK.empty(BATCH), seen, last)
    return batch._replace(advantage=jnp.zeros_like(batch.advantage))


@partial(jax.jit, static_argnums=2)
def taught(params, batch, learner, weight):
    learning = learner.start(NETWORK, jax.random.key(0), jax.tree.map(lambda leaf: leaf[0, 0], batch.seen.observation))
    learning = learning._replace(params=params)
    return learner.update(NETWORK, jax.random.key(0), learning, batch, towards(NETWORK, weight))


def preference(params):
    return float(jax.nn.softmax(play(params).seen.logits)[..., 1].mean())


def test_divergence_by_hand():
    even, skewed = jnp.log(jnp.array([0.5, 0.5])), jnp.log(jnp.array([0.9, 0.1]))
    assert float(divergence(even, skewed)) == pytest.approx(0.5 * np.log(0.5 / 0.9) + 0.5 * np.log(0.5 / 0.1), rel=1e-5)
    assert float(divergence(skewed, even)) == pytest.approx(0.9 * np.log(0.9 / 0.5) + 0.1 * np.log(0.1 / 0.5), rel=1e-5)
    assert float(divergence(skewed, skewed + 7.0)) == pytest.approx(0.0, abs=1e-6)
    assert float(divergence(jnp.array([0.0, -1e9]), jnp.array([1.0, -1e9]))) == 0.0, "masked actions do no harm"


def test_the_one_behind_moves_towards_the_one_ahead_who_stays():
    behind, ahead = student(0), student(1)
    low, high = preference(behind), preference(ahead)
    assert low < 0.2 < 0.8 < high
    guide = play(ahead).seen
    learning, figures = taught(behind, play(behind)._replace(guide=guide), SILENT, 1.0)
    learning, _ = taught(learning.params, play(learning.params)._replace(guide=guide), SILENT, 1.0)
    assert low + 0.02 < preference(learning.params) < high
    assert float(figures["apart"]) > 0.1

    def apart(params, constant):
        reply = NETWORK.unroll(params, NETWORK.empty(BATCH), guide.observation, guide.reset)
        seen = guide._replace(logits=constant)
        return towards(NETWORK, 1.0)(params, reply, play(behind)._replace(guide=seen))[0]

    to_ahead = jax.grad(apart, argnums=1)(behind, guide.logits)
    assert not np.asarray(to_ahead).any(), "the student ahead is a constant"


def test_weight_zero_moves_nobody_and_more_weight_asks_for_more():
    behind, ahead = student(0), student(1)
    batch = play(behind)._replace(guide=play(ahead).seen)
    same, _ = taught(behind, batch, SILENT, 0.0)
    for old, new in zip(jax.tree.leaves(behind), jax.tree.leaves(same.params), strict=True):
        np.testing.assert_array_equal(old, new)
    reply = NETWORK.unroll(behind, NETWORK.empty(BATCH), batch.seen.observation, batch.seen.reset)
    once, twice = (float(towards(NETWORK, weight)(behind, reply, batch)[0]) for weight in (1.0, 2.0))
    assert twice == pytest.approx(2 * once)


def test_one_who_agrees_is_not_moved():
    ahead = student(1)
    batch = play(ahead)._replace(guide=play(ahead).seen)
    gradient = jax.grad(lambda params: towards(NETWORK, 1.0)(params, None, batch)[0])(ahead)
    assert max(float(jnp.abs(leaf).max()) for leaf in jax.tree.leaves(gradient)) < 1e-5


def test_minibatches_take_the_guide_apart_too():
    behind, ahead = student(0), student(1)
    halves = Ppo(rate=1e-2, epochs=2, minibatches=2, value=0.0, entropy=0.0)
    learning, _ = taught(behind, play(behind)._replace(guide=play(ahead).seen), halves, 1.0)
    assert preference(learning.params) > preference(behind)
