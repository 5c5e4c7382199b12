"""TD3+BC and IQL on data whose best policy is known: better than the data, or close to them where they are told."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.learners.experience import Transitions
from wunderkammer.learners.offline import Iql, Td3Bc, act

SMALL = {"hidden": (32, 32), "rate": 3e-3, "batch": 64, "pace": 0.05}
LEARNERS = (Td3Bc(**SMALL), Iql(**SMALL, keenness=10.0))


def one_step() -> Transitions:
    """Episodes of one step: the nearer the action to half of what is seen, the better; actions are random."""
    rng = np.random.default_rng(0)
    seen, done = (rng.uniform(-1, 1, (2000, 1)).astype(np.float32) for _ in range(2))
    reward = -((done - 0.5 * seen) ** 2)[:, 0]
    return Transitions(*map(jnp.asarray, (seen, done, reward, seen, np.ones(2000, np.float32))))


def two_steps() -> Transitions:
    """What is done at 0 (to the right or to the left) is paid a step later, at 1 or −1."""
    rng = np.random.default_rng(1)
    done = np.sign(rng.uniform(-1, 1, (1000, 1))).astype(np.float32) * 0.5
    nothing, late = np.zeros((1000, 1), np.float32), np.sign(done)
    first = (nothing, done, nothing[:, 0], late, nothing[:, 0])
    then = (late, done, late[:, 0], nothing, np.ones(1000, np.float32))
    return Transitions(*(jnp.concatenate([a, b]) for a, b in zip(first, then, strict=True)))


def learned(learner, rows, updates=1000):
    @jax.jit
    def run(key):
        def once(at, turn):
            to_rows, to_update = jax.random.split(jax.random.fold_in(key, turn))
            chosen = jax.random.randint(to_rows, (learner.batch,), 0, len(rows.reward))
            return learner.update(to_update, at, Transitions(*(column[chosen] for column in rows))), None

        return jax.lax.scan(once, learner.start(key, 1, 1), jnp.arange(updates))[0]

    return partial(act, run(jax.random.key(0)).actor)


@pytest.mark.parametrize("learner", LEARNERS, ids=["td3bc", "iql"])
def test_it_does_better_than_the_data(learner) -> None:
    seen = jnp.linspace(-0.9, 0.9, 19)[:, None]
    off = jnp.abs(learned(learner, one_step())(seen) - 0.5 * seen).mean()
    assert off < 0.15, "the data are off by .52"


@pytest.mark.parametrize("learner", LEARNERS, ids=["td3bc", "iql"])
def test_it_waits_for_what_comes_later(learner) -> None:
    assert learned(learner, two_steps())(jnp.zeros((1, 1)))[0, 0] > 0.3


def test_without_value_td3bc_clones() -> None:
    rows = one_step()._replace(action=jnp.full((2000, 1), 0.4))
    clones = learned(Td3Bc(**SMALL, alpha=0.0), rows)
    np.testing.assert_allclose(clones(jnp.linspace(-1, 1, 9)[:, None]), 0.4, atol=0.05)


def test_iql_with_the_mean_and_no_keenness_clones_the_mean() -> None:
    clones = learned(Iql(**SMALL, keenness=0.0), one_step())
    assert jnp.abs(clones(jnp.linspace(-0.9, 0.9, 19)[:, None])).mean() < 0.15
