"""What follows the end of an episode: the same level again, or a new one."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.episodes import again, onward
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.world import FORWARD, Maze

WORLD, LEVELS = Maze(3, 4, horizon=5), MazeLevels(3, 4, walls=3)
KEYS = jax.random.split(jax.random.key(0), 6)


@jax.jit
def begun():
    return jax.vmap(lambda key: WORLD.reset_to_level(key, LEVELS.sample(key))[0])(KEYS)


def equal(one, other, at: int) -> bool:
    return all(jax.tree.leaves(jax.tree.map(lambda a, b: bool((a[at] == b[at]).all()), one, other)))


def test_what_is_over_begins_again_in_its_own_level() -> None:
    @jax.jit
    def go(first, before, done):
        def one(key, first, before, done):
            after = WORLD.step(key, before, jnp.int32(FORWARD)).state
            return again(first, before, after, done), after

        return jax.vmap(one)(KEYS, first, before, done)

    first = begun()
    done = jnp.array([True, False] * 3)
    before, _ = go(first, first, jnp.zeros(6, bool))
    now, after = go(first, before, done)
    for place in range(6):
        assert equal(now, first if done[place] else after, place)
        assert not equal(first, after, place)


def test_what_is_over_goes_on_in_new_levels_and_nothing_else_changes() -> None:
    first = begun()
    done = jnp.array([True, False, True, True, False, True])
    run = jax.jit(lambda key, states, done: onward(WORLD, LEVELS.sample, key, states, done, 3))
    now = run(jax.random.key(7), first, done)
    for place in range(6):
        assert equal(now, first, place) != bool(done[place])
    assert not np.asarray(now.time).any()
    fresh = jax.tree.map(lambda leaf: leaf[np.asarray(done)], now)
    texts = {LEVELS.text(jax.tree.map(lambda leaf, at=at: leaf[at], fresh.level)) for at in range(4)}
    assert len(texts) == 4
    assert all(equal(run(jax.random.key(7), first, jnp.zeros(6, bool)), first, place) for place in range(6))
