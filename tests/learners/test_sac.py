"""Soft actor-critic: it learns, it keeps what it saw in order, and random steps come first."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.learners.sac import Sac, act
from wunderkammer.worlds.control import Transition

ROOM = 1200


class Aim:
    """Each episode has a place; the nearer actions are to half of it, the better. Three steps."""

    observations = actions = 1
    horizon = 3
    worst, best = -1.0, 0.0

    def reset(self, key):
        return jax.random.uniform(key, (1,), minval=-1.0, maxval=1.0)

    def examined(self, count):
        return jnp.linspace(-1, 1, count)[:, None]

    def step(self, state, action):
        return Transition(state, state, -((action[0] - 0.5 * state[0]) ** 2), jnp.bool_(False))

    def observe(self, state):
        return state

    def restore(self, observation):
        return observation


LEARNER = Sac(hidden=(32, 32), rate=3e-3, batch=64, first=200, discount=0.0, pace=0.05)


@jax.jit
def played():
    def once(at, turn):
        return LEARNER.play(jax.random.fold_in(jax.random.key(0), turn), Aim(), at)

    return jax.lax.scan(once, LEARNER.start(jax.random.key(1), Aim(), ROOM), jnp.arange(ROOM))


def test_it_learns_and_keeps_what_it_saw() -> None:
    at, told = played()
    seen = jnp.linspace(-0.9, 0.9, 19)[:, None]
    assert jnp.abs(act(at.learned.actor, seen) - 0.5 * seen).mean() < 0.12, "chance is off by .55"
    replay = jax.tree.map(np.asarray, at.replay)
    np.testing.assert_allclose(replay.reward, -((replay.action - 0.5 * replay.observation) ** 2)[:, 0], atol=1e-5)
    assert np.isfinite(np.asarray(told)).sum() == ROOM / Aim.horizon
    np.testing.assert_allclose(np.asarray(told)[2], replay.reward[:3].sum(), rtol=1e-4)
    np.testing.assert_array_equal(replay.observation[0::3], replay.observation[2::3])
    first, last = replay.reward[:200].mean(), replay.reward[-200:].mean()
    assert last > first / 3
    assert at.step == ROOM
