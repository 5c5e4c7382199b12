"""Sides that learn: what a column is, whom lessons teach, and that imitation imitates."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest

from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.team import Players, Rival, answers, contend, imitate, lessons

PLAYERS, STEPS, MATCHES = 2, 6, 4


class Tug(NamedTuple):
    """A rope that both sides pull: an action 1 moves it by one."""

    rope: jax.Array
    level: jax.Array
    time: jax.Array
    done: jax.Array


class Rope:
    """Won by whoever has the rope three or more away from the middle; or over after four steps."""

    def reset_to_level(self, key, lineup):
        return Tug(lineup, lineup, jnp.int32(0), jnp.bool_(False))

    def observe(self, state, side):
        sign = 1.0 if side == 0 else -1.0
        return jnp.stack([jnp.array([state.rope * sign, number]) for number in (0.0, 1.0)])

    def step(self, key, state, left_actions, right_actions):
        rope = state.rope + (left_actions == 1).sum() - (right_actions == 1).sum()
        time = state.time + 1
        return Tug(rope, state.level, time, (jnp.abs(rope) >= 3) | (time >= 4))


def always(action, _key, observation, memory):
    return jnp.full(observation.shape[0], action), memory


def reward(before, after):
    return jnp.sign(after.rope) * (jnp.abs(after.rope) >= 3)


NETWORK = Players(2, (8,))
PARAMS = NETWORK.init(jax.random.key(0), jnp.zeros(2))
PULLS, STANDS = Rival(always, jnp.int32(1)), Rival(always, jnp.int32(0))
LEVELS = jnp.zeros(MATCHES)


@jax.jit
def contest(params):
    return contend(Rope(), NETWORK, params, [STANDS, PULLS], reward, jax.random.key(1), LEVELS, STEPS)


def actor(*preferences):
    """A network whose actor prefers as told, whatever it sees."""
    last = {"weights": jnp.zeros((8, 2)), "bias": jnp.array(preferences, jnp.float32)}
    return PARAMS | {"actor": [PARAMS["actor"][0], last]}


def test_every_player_is_a_column_with_its_side_s_reward():
    seen = contest(actor(-50, 50)).seen
    assert seen.observation.shape == (STEPS, MATCHES * PLAYERS, 2)
    assert (seen.action == 1).all()
    np.testing.assert_array_equal(seen.observation[0, :, 1], [0, 1] * MATCHES)
    # Against who stands, two pull the rope over in two steps; against who pulls, nobody wins in four.
    reward = np.asarray(seen.reward).reshape(STEPS, MATCHES, PLAYERS)
    done = np.asarray(seen.done).reshape(STEPS, MATCHES, PLAYERS)
    np.testing.assert_array_equal(reward[:, :2, 0].T, [[0, 1] * 3] * 2)
    np.testing.assert_array_equal(done[:, :2], reward[:, :2])
    assert not reward[:, 2:].any()
    np.testing.assert_array_equal(done[:, 2:, 0].T, [[False, False, False, True, False, False]] * 2)


def test_an_ended_match_begins_again_in_its_own_level():
    seen = contest(actor(-50, 50)).seen
    rope = np.asarray(seen.observation[..., 0]).reshape(STEPS, MATCHES, PLAYERS)
    np.testing.assert_array_equal(rope[:, :2, 0].T, [[0, 2] * 3] * 2)
    np.testing.assert_array_equal(seen.reset[0], True)
    np.testing.assert_array_equal(seen.reset[1:], seen.done[:-1])


def test_a_side_learns_to_pull_by_ppo():
    ppo = Ppo(rate=0.02, epochs=4, entropy=0.0)

    @jax.jit
    def update(learning, key):
        found = contend(Rope(), NETWORK, learning.params, [STANDS], reward, key, LEVELS, STEPS)
        batch = ppo.batch((), found.seen, found.last_value)
        return ppo.update(NETWORK, key, learning, batch)[0], found.seen.reward.mean()

    learning, earned = ppo.start(NETWORK, jax.random.key(2), jnp.zeros(2)), []
    for turn in range(40):
        learning, got = update(learning, jax.random.key(turn))
        earned.append(float(got))
    assert np.mean(earned[-5:]) > np.mean(earned[:5]) + 0.1


@pytest.mark.parametrize(("own", "reached"), [(0.0, 2.0), (1.0, 0.0)])
def test_lessons_say_what_the_teacher_would_do_wherever_the_pupil_goes(own, reached):
    given = lessons(Rope(), PULLS, STANDS, [STANDS], jax.random.key(0), LEVELS, 1, own, lambda seen: 1.0 + seen[..., 1])
    assert (given.action == 1).all()
    assert given.observation.shape == (MATCHES * PLAYERS, 2)
    np.testing.assert_array_equal(given.weight, [1.0, 2.0] * MATCHES)
    longer = lessons(Rope(), PULLS, STANDS, [STANDS], jax.random.key(0), LEVELS, 2, own, lambda seen: seen[..., 0])
    np.testing.assert_array_equal(longer.observation[MATCHES * PLAYERS :, 0], reached)


def test_imitation_comes_to_agree_and_leaves_the_critic_alone():
    given = lessons(
        Rope(), PULLS, STANDS, [STANDS], jax.random.key(0), LEVELS, 4, 1.0, lambda seen: seen[..., 1] * 0 + 1
    )
    optimiser = optax.adam(0.05)
    params, state = PARAMS, optimiser.init(PARAMS)
    learn = jax.jit(lambda params, state, key: imitate(optimiser, params, state, key, given, 2))
    first = None
    for turn in range(10):
        params, state, figures = learn(params, state, jax.random.key(turn))
        first = first or float(figures["surprise"])
    assert float(figures["surprise"]) < 0.2 * first
    assert float(figures["agreement"]) == 1.0
    np.testing.assert_array_equal(params["critic"][0]["weights"], PARAMS["critic"][0]["weights"])


def test_rivals_share_the_matches_and_the_last_takes_what_is_over():
    seen = jnp.zeros((5, PLAYERS, 2))
    found = answers([STANDS, PULLS], jax.random.key(0), seen)
    np.testing.assert_array_equal(found[:, 0], [0, 0, 1, 1, 1])
