"""PPO whose reward comes from outside: that it learns, what it is told, and what it is not."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.learners.appraised import Appraised
from wunderkammer.learners.encoder import Convolution, Encoder
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.recurrence import Gru
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.world import Toys

WORLD = Toys(side=3, toys=2, horizon=8)
LEVELS = jax.vmap(ToyLevels(WORLD, kinds=("reach",)).sample)(jax.random.split(jax.random.key(0), 64))
NETWORK = ActorCritic(5, Gru(16), Encoder((Convolution(8),)), hidden=16)


def apprenticeship(**changes) -> Appraised:
    ppo = Ppo(rate=3e-3, discount=0.95, trace=0.9, epochs=4, minibatches=2, entropy=0.01)
    return Appraised(WORLD, NETWORK, ppo, LEVELS, **{"games": 32, "steps": 8, **changes})


def truth(_, playing) -> np.ndarray:
    return np.asarray(jax.vmap(WORLD.met)(playing.state))


def test_it_learns_from_a_true_reward() -> None:
    trained, key = apprenticeship(), jax.random.key(1)
    at, met = trained.begin(key), jax.jit(jax.vmap(WORLD.met))
    earned = []
    for turn in range(60):
        at, figures = trained.turn(jax.random.fold_in(key, turn), at, lambda _, playing: np.asarray(met(playing.state)))
        earned.append(figures["earned"])
    assert np.mean(earned[-5:]) > 2 * np.mean(earned[:5])
    assert np.mean(earned[-5:]) > 0.15


def test_the_worlds_own_reward_and_end_are_not_told() -> None:
    """Nobody says yes: nothing is earned, and episodes last until time is up, met or not."""
    trained = apprenticeship(steps=16)
    at, ages, met = trained.begin(jax.random.key(0)), [], 0

    def no(pictures, playing) -> np.ndarray:
        nonlocal met
        ages.append(np.asarray(playing.age))
        met += int(truth(pictures, playing).sum())
        return np.zeros(32, bool)

    _, figures = trained.turn(jax.random.key(2), at, no)
    assert met > 0
    assert figures["earned"] == 0
    assert [set(age.tolist()) for age in ages] == [{place % 8 + 1} for place in range(16)]


def test_a_yes_earns_one_and_begins_another_episode() -> None:
    trained = apprenticeship()
    at, seen = trained.begin(jax.random.key(0)), []

    def always(pictures, playing) -> np.ndarray:
        assert pictures.shape == (32, 24, 24, 3)
        seen.append((np.asarray(playing.age), np.asarray(playing.room)))
        return np.arange(32) < 8

    after, figures = trained.turn(jax.random.key(2), at, always)
    assert figures["earned"] == pytest.approx(8 / 32)
    ages, rooms = zip(*seen, strict=True)
    assert all((age[:8] == 1).all() for age in ages)
    assert (ages[-1][8:] == 8).all()
    assert np.ptp(np.stack(rooms)[:, 0]) > 0, "in other levels"
    assert not np.ptp(np.stack(rooms)[:, 8:], axis=0).any()
    assert bool(after.playing.reset.all())


def test_an_episode_can_be_begun_in_a_level_that_is_named() -> None:
    playing = apprenticeship().start(jax.random.key(0), jnp.array([5, 5, 7]))
    np.testing.assert_array_equal(np.asarray(playing.state.level.agent), np.asarray(LEVELS.agent)[[5, 5, 7]])
