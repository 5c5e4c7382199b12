"""The teacher's networks: the mask, and what they look at."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from stage.building import BATCH, FIELD, builds, sketch
from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.rollout import log_probabilities
from wunderkammer.learners.teacher import FORBIDDEN, teacher

FORMS = ("plain", "recurrent")


@pytest.fixture(params=FORMS, scope="module")
def network(request):
    return teacher(request.param, FIELD.actions, FIELD.horizon, 16)


@pytest.fixture(scope="module")
def params(network):
    return network.init(jax.random.key(0), sketch())


@pytest.fixture(scope="module")
def seen(network, params):
    return builds(network, params, jax.random.key(1))[0]


def test_what_is_forbidden_is_never_drawn(seen):
    allowed = np.asarray(seen.observation.allowed)
    assert np.take_along_axis(allowed, np.asarray(seen.action)[..., None], -1).all()
    assert (np.asarray(seen.logits)[~allowed] == FORBIDDEN).all()
    assert (~allowed).sum() == BATCH * (0 + 1 + 2 * FIELD.walls)
    chances = np.asarray(jax.nn.softmax(seen.logits))
    assert (chances[~allowed] == 0).all()


def test_it_begins_without_preferences(seen):
    """Near the highest entropy: log of how many cells are allowed."""
    surprise = jax.nn.log_softmax(seen.logits)
    entropy = -(jnp.exp(surprise) * surprise).sum(-1)
    np.testing.assert_allclose(entropy, np.log(seen.observation.allowed.sum(-1)), atol=0.02)


def test_unrolling_says_what_was_said_at_each_step(network, params, seen):
    again = network.unroll(params, network.empty(BATCH), seen.observation, seen.reset)
    np.testing.assert_allclose(again.value, seen.value, atol=1e-5)
    np.testing.assert_allclose(log_probabilities(again.logits, seen.action), seen.log_probability, atol=1e-5)


def test_map_time_and_noise_count_and_the_mask_itself_does_not(network, params, seen):
    def value(observation):
        return network.unroll(params, network.empty(BATCH), observation, seen.reset).value

    plain, look = value(seen.observation), seen.observation
    assert not np.allclose(plain, value(look._replace(map=1 - look.map)))
    assert not np.allclose(plain, value(look._replace(time=(look.time + 1) % FIELD.horizon)))
    assert not np.allclose(plain, value(look._replace(noise=-look.noise)))
    np.testing.assert_array_equal(plain, value(look._replace(allowed=~look.allowed)))


def test_an_episode_ends_with_its_reward_and_nothing_is_expected_after_it(network, params, seen):
    """GAE by hand with γ = λ = 1: every step's return is the reward at the end, whatever the value of what follows."""
    _, last = builds(network, params, jax.random.key(1))
    worth = jnp.arange(BATCH, dtype=jnp.float32)
    given = seen._replace(reward=seen.reward.at[-1].set(worth))
    assert np.asarray(seen.done).sum(0).tolist() == [1] * BATCH
    assert np.asarray(seen.done)[-1].all()
    batch = Ppo(discount=1.0, trace=1.0).batch(network.empty(BATCH), given, last + 100)
    np.testing.assert_allclose(batch.target, jnp.broadcast_to(worth, given.value.shape), atol=1e-4)
    batch = Ppo(discount=0.5, trace=0.0).batch(network.empty(BATCH), given, last + 100)
    np.testing.assert_allclose(batch.target[-1], worth, atol=1e-5)
    np.testing.assert_allclose(batch.target[-2], 0.5 * given.value[-1], atol=1e-5)
