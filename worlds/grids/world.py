"""A grid world to act in: move to a cell next to this one, collect what is there, until it ends or the time is up.

Source: the tabular grid worlds of Oh et al. 2020, appendix A: nine moves, staying among them; an object is collected by
entering its cell, pays, may end the episode, and comes back by chance. What the agent sees is the number of the state:
where it is and which objects are there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.grids.level import Level
from wunderkammer.worlds.world import Key, Step

MOVES = ((0, 0), (0, 1), (1, 1), (1, 0), (1, -1), (0, -1), (-1, -1), (-1, 0), (-1, 1))
"""Rows down and columns to the right: stay, right, then clockwise."""
TILE = 8
PAPER, STONE, AGENT, GOOD, BAD, RULE = (
    np.array(rgb, np.float32)
    for rgb in ((236, 232, 222), (58, 62, 72), (47, 74, 134), (52, 150, 92), (196, 60, 48), (216, 210, 196))
)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """An episode under way. `step` leaves `level` as it is."""

    level: Level
    place: jax.Array
    """() int32: the agent's cell."""
    there: jax.Array
    """(objects,) bool: which objects are to be collected."""
    time: jax.Array
    """() int32: steps taken."""


@dataclass(frozen=True)
class Grids:
    """Grid worlds of at most one size. Methods work on one episode and are made to be vmapped."""

    side: int = 10
    objects: int = 5
    horizon: int = 750
    """The longest that a level may ask for."""

    actions: ClassVar[int] = len(MOVES)

    def __post_init__(self) -> None:
        if self.side < 2 or not 1 <= self.objects <= 8 or self.horizon < 1:
            raise ConfigError("a grid world has a side of two cells or more, one to eight objects, and a step at least")

    @property
    def cells(self) -> int:
        return self.side**2

    @property
    def states(self) -> int:
        """How many there are, of all worlds of this size."""
        return self.cells * 2**self.objects

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, jax.Array]:
        """All objects are there; nothing in it is random."""
        state = State(level, level.start, level.used, jnp.int32(0))
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        """Move unless a wall is there; collect; what is missing may come back."""
        level = state.level
        place = self.moved(level.walls.reshape(-1), state.place, action)
        taken = state.there & (level.places == place)
        reward = (taken * level.rewards).sum()
        ending, coming = jnp.split(jax.random.uniform(key, (2 * self.objects,)), 2)
        ended = (taken & (ending < level.ends)).any()
        there = (state.there & ~taken) | (level.used & (coming < level.returns))
        time = state.time + 1
        truncated = (time >= level.horizon) & ~ended
        after = State(level, place, there, time)
        return Step(after, self.observe(after), reward, ended | truncated, truncated)

    def observe(self, state: State) -> jax.Array:
        """() int32: the number of the state, below `states`."""
        return state.place + self.cells * (state.there * 2 ** jnp.arange(self.objects)).sum().astype(jnp.int32)

    def moved(self, walls: jax.Array, place: jax.Array, action: jax.Array) -> jax.Array:
        """The cell after a move: the same where there is a wall or the border. walls: (cells,) bool."""
        down, right = jnp.array(MOVES, jnp.int32)[action].T
        row, column = place // self.side + down, place % self.side + right
        inside = (row >= 0) & (row < self.side) & (column >= 0) & (column < self.side)
        aim = jnp.where(inside, row * self.side + column, place)
        return jnp.where(walls[aim], place, aim)

    def render(self, state: State) -> jax.Array:
        """uint8 (8 side, 8 side, 3): walls dark; objects that pay green, that cost red, paler for less; the agent
        blue."""
        level = state.level
        cells = jnp.where(level.walls.reshape(-1)[:, None], STONE, PAPER)
        strength = jnp.clip(jnp.abs(level.rewards), 0.25, 1.0)[:, None]
        colours = PAPER + strength * (jnp.where(level.rewards[:, None] >= 0, GOOD, BAD) - PAPER)
        marks = jnp.zeros((self.cells, 3)).at[level.places].add(jnp.where(state.there[:, None], colours, 0.0))
        agent = (jnp.arange(self.cells) == state.place)[:, None]
        inner = jnp.where(agent, AGENT, marks)
        filled = (inner.sum(-1, keepdims=True) > 0).reshape(self.side, 1, self.side, 1, 1)
        at = np.arange(TILE)
        border = ((at == 0)[:, None] | (at == 0)[None]).reshape(1, TILE, 1, TILE, 1)
        core = ((at >= 2) & (at < TILE - 1)).astype(bool)
        core = (core[:, None] & core[None]).reshape(1, TILE, 1, TILE, 1)
        spread = (self.side, 1, self.side, 1, 3)
        ground = jnp.where(border, RULE * 0.5 + cells.reshape(spread) * 0.5, cells.reshape(spread))
        picture = jnp.where(core & filled, inner.reshape(spread), ground)
        return picture.reshape(self.side * TILE, self.side * TILE, 3).astype(jnp.uint8)
