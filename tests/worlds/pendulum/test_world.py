"""The pendulum against Gymnasium's, step by step, and what a world of control promises."""

from __future__ import annotations

import gymnasium
import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.worlds.pendulum.world import SPEED, TORQUE, Pendulum

WORLD = Pendulum()


def test_it_is_the_pendulum_of_gymnasium() -> None:
    real = gymnasium.make("Pendulum-v1").unwrapped
    step, rng = jax.jit(WORLD.step), np.random.default_rng(0)
    for start in rng.uniform([-np.pi, -1], [np.pi, 1], (4, 2)):
        real.reset(seed=0)
        real.state, state = start.copy(), jnp.asarray(start, jnp.float32)
        for push in rng.uniform(-1.2, 1.2, 50):
            seen, reward, terminal, _, _ = real.step(np.array([push * TORQUE], np.float32))
            found = step(state, jnp.array([push], jnp.float32))
            np.testing.assert_allclose(found.observation, seen, atol=2e-3)
            np.testing.assert_allclose(found.reward, reward, atol=2e-3)
            assert bool(found.terminal) is terminal is False
            state = jnp.asarray(real.state, jnp.float32)


def test_what_is_seen_tells_the_state() -> None:
    for state in jax.vmap(WORLD.reset)(jax.random.split(jax.random.key(1), 20)):
        np.testing.assert_allclose(WORLD.restore(WORLD.observe(state)), state, atol=1e-5)
    np.testing.assert_allclose(WORLD.restore(jnp.array([3.0, 0.0, 99.0])), [0.0, SPEED])


def test_starts_are_the_same_for_everybody_and_lie_all_around() -> None:
    starts = np.asarray(WORLD.examined(64))
    np.testing.assert_array_equal(starts, WORLD.examined(64))
    assert np.histogram(starts[:, 0], 4, (-np.pi, np.pi))[0].tolist() == [16, 16, 16, 16]
    assert np.histogram(starts[:, 1], 4, (-1, 1))[0] == pytest.approx([16] * 4, abs=2)
