"""Bots: what they do where it is plain what should be done, and that their grades are grades."""

from __future__ import annotations

from dataclasses import replace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import bots
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.world import Football

WORLD = Football(3)
observe = jax.jit(WORLD.observe, static_argnums=1)
decide = jax.jit(bots.play)
FAR = [(-0.6, -0.4), (-0.6, 0.4)]


def seen(left, right, ball, owner=-1, side=0):
    places = [
        np.array([keeper, *own, *FAR][:3], np.float32) for keeper, own in (((-0.97, 0.0), left), ((0.97, 0.0), right))
    ]
    state = WORLD.reset_to_level(jax.random.key(0), Lineup(*places, np.array(ball, np.float32)))
    return observe(replace(state, owner=jnp.int32(owner)), side)


def choices(observation, strength=1.0, who=1):
    return {int(decide(jnp.float32(strength), jax.random.key(seed), observation, ())[0][who]) for seed in range(6)}


def test_it_shoots_before_an_open_goal():
    assert choices(seen([(0.85, 0.0)], [], (0.862, 0.0), owner=1)) == {act.SHOOT}


def test_it_runs_with_the_ball_towards_the_goal_where_nobody_is():
    assert choices(seen([(0.0, 0.0), (-0.5, 0.0)], [(-0.5, 0.4), (-0.5, -0.4)], (0.012, 0.0), owner=1)) == {
        act.SPRINT_FIRST
    }


def test_the_nearest_goes_for_a_free_ball_and_the_keeper_stays():
    observation = seen([(0.0, 0.0), (0.5, 0.4)], [(-0.5, 0.3), (-0.6, -0.3)], (0.0, 0.3))
    assert choices(observation) == {act.SPRINT_FIRST + 2}
    assert choices(observation, who=0) <= {act.IDLE, act.SPRINT_FIRST, act.SPRINT_FIRST + 1, act.RUN_FIRST + 1}


def test_right_does_the_same_turned_round():
    assert choices(seen([], [(-0.85, 0.0)], (-0.862, 0.0), owner=4, side=1)) == {act.SHOOT}


def test_who_is_weak_is_often_at_a_loss():
    observation = seen([(0.0, 0.0), (-0.5, 0.0)], [(-0.5, 0.4), (-0.5, -0.4)], (0.012, 0.0), owner=1)
    assert len(choices(observation, 0.0)) > len(choices(observation, 1.0))


def test_a_strength_is_a_share():
    with pytest.raises(ConfigError, match="between 0 and 1, not 1.5"):
        bots.bot(1.5)
