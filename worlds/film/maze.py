"""AMaze of `worlds.maze` as games to be filmed: an agent that turns left, turns right or goes forward."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.film.games import Closing, Ints, Scene
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.world import Maze

INSIDE, WALLS, HORIZON = 6, 10, 64
"""Cells of a side, the border not counted; the most walls; the longest episode."""


class MazeGames(Closing):
    """So many mazes at once, drawn as `Maze.render` draws them. A level is domain randomisation by its seed."""

    actions = Maze.actions

    def __init__(self, count: int, seed: int, *, first_level: int = 0, levels: int = 0) -> None:
        self._rng, self._first, self._many = np.random.default_rng(seed), first_level, levels or 2**31
        self._world, self._levels = Maze(INSIDE, INSIDE, horizon=HORIZON), MazeLevels(INSIDE, INSIDE, WALLS)
        self._begin = jax.jit(jax.vmap(self._fresh))
        self._step = jax.jit(jax.vmap(self._next))
        self._show = jax.jit(jax.vmap(self._world.render))
        self._seeds = self._drawn(count)
        self._states = self._begin(jnp.asarray(self._seeds, jnp.uint32))
        self._rewards, self._firsts = np.zeros(count, np.float32), np.ones(count, np.bool_)

    def see(self) -> Scene:
        """What they show now."""
        return Scene(np.asarray(self._show(self._states)), self._rewards, self._firsts, self._seeds)

    def act(self, actions: Ints) -> None:
        """Turn, or go."""
        other = self._drawn(len(self._seeds))
        found = self._step(self._states, jnp.asarray(actions, jnp.int32), jnp.asarray(other, jnp.uint32))
        self._states, rewards, done = found
        self._rewards, self._firsts = np.asarray(rewards), np.asarray(done)
        self._seeds = np.where(self._firsts, other, self._seeds)

    def _fresh(self, seed: jax.Array) -> Any:
        key = jax.random.key(seed)
        return self._world.reset_to_level(key, self._levels.sample(key))[0]

    def _next(self, state: Any, action: jax.Array, seed: jax.Array) -> tuple[Any, jax.Array, jax.Array]:
        step = self._world.step(jax.random.key(0), state, action)
        other = self._fresh(seed)
        after = jax.tree.map(lambda new, old: jnp.where(step.done, new, old), other, step.state)
        return after, step.reward, step.done

    def _drawn(self, count: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return self._first + self._rng.integers(self._many, size=count)
