"""AMaze as a world: turn left, turn right or go forward, seeing a few cells ahead, until the goal or the horizon.

Source: the maze of MiniGrid as PAIRED plays it (Dennis et al. 2020), with the reward 1 - 0.9 t/T.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.maze import tiles
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key, Step

Offsets = np.ndarray[tuple[int, ...], np.dtype[np.int32]]

LEFT, RIGHT, FORWARD = 0, 1, 2
OPEN, WALL, GOAL = 0, 1, 2
"""What a cell can be, and the planes of `Observation.view` in their order."""
MOVES = np.array([(0, 1), (1, 0), (0, -1), (-1, 0)], np.int32)
"""One cell forward by direction: right, down, left, up."""


class Observation(NamedTuple):
    """What the agent sees."""

    view: jax.Array
    """(view, view, 3) uint8, one-hot: open, wall, goal. The agent is in the middle of the last row and looks towards
    the first; columns go from its left to its right. Walls hide nothing, and all beyond the border is wall."""
    direction: jax.Array
    """() int32: where it looks: 0 right, 1 down, 2 left, 3 up."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """An episode under way."""

    level: Level
    map: jax.Array
    """((height + 2 margin) * (width + 2 margin),) uint8: the level with a margin of walls and its goal, row by row."""
    position: jax.Array
    """() int32: index of the agent's cell in `map`."""
    direction: jax.Array
    """() int32."""
    time: jax.Array
    """() int32: steps taken."""


@dataclass(frozen=True)
class Maze:
    """A world of mazes of one size. Its methods work on one episode and are made to be vmapped."""

    height: int = 13
    width: int = 13
    """Of the interior."""
    view: int = 5
    """Side of the square that the agent sees, in cells; odd."""
    horizon: int = 250
    """Steps after which an episode is cut off."""

    actions: ClassVar[int] = 3
    """Turn left, turn right, go forward."""

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, Observation]:
        """The beginning of an episode in a level; nothing in it is random."""
        margin = self.margin
        padded = jnp.pad(level.walls.astype(jnp.uint8), margin, constant_values=WALL).reshape(-1)
        padded = jnp.where(jnp.arange(padded.size) == self.index(level.goal), jnp.uint8(GOAL), padded)
        state = State(level, padded, self.index(level.agent), level.direction, jnp.int32(0))
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        """Turn, or go forward unless a wall is there; at the goal the episode ends with 1 - 0.9 t/T."""
        turn = (action == RIGHT).astype(jnp.int32) - (action == LEFT).astype(jnp.int32)
        direction = (state.direction + turn) % 4
        ahead = state.position + jnp.where(action == FORWARD, jnp.asarray(self._strides)[state.direction], 0)
        tile = state.map.at[ahead].get(mode="promise_in_bounds")
        position = jnp.where(tile == WALL, state.position, ahead)
        time = state.time + 1
        reached = tile == GOAL
        truncated = (time >= self.horizon) & ~reached
        reward = jnp.where(reached, 1.0 - 0.9 * time / self.horizon, 0.0).astype(jnp.float32)
        after = State(state.level, state.map, position, direction, time)
        return Step(after, self.observe(after), reward, reached | truncated, truncated)

    def observe(self, state: State) -> Observation:
        """The square ahead of the agent, turned so that ahead is up."""
        seen = state.map.at[state.position + jnp.asarray(self._windows)[state.direction]].get(mode="promise_in_bounds")
        planes = seen.reshape(self.view, self.view, 1) == jnp.arange(3, dtype=jnp.uint8)
        return Observation(planes.astype(jnp.uint8), state.direction)

    def render(self, state: State) -> jax.Array:
        """uint8 (SIDE (height + 2), SIDE (width + 2), 3), SIDE of `tiles`: the level in its border, and what is seen."""
        margin, rows = self.margin, self.height + 2 * self.margin
        seen = jnp.zeros(state.map.shape, jnp.bool_)
        seen = seen.at[state.position + jnp.asarray(self._windows)[state.direction]].set(True)
        frame = slice(margin - 1, 1 - margin or None)
        return tiles.paint(
            state.map.reshape(rows, -1)[frame, frame],
            seen.reshape(rows, -1)[frame, frame],
            self.cell(state.position) + 1,
            state.direction,
        )

    @property
    def margin(self) -> int:
        """Cells of wall that `State.map` has around the interior: as far as the agent sees beyond its own."""
        return self.view - 1

    def index(self, cell: jax.Array) -> jax.Array:
        """Where a cell (row, column) of the interior is in `State.map`."""
        return (cell[..., 0] + self.margin) * self._row + cell[..., 1] + self.margin

    def cell(self, position: jax.Array) -> jax.Array:
        """(..., 2): row and column of a position in `State.map`."""
        return jnp.stack([position // self._row - self.margin, position % self._row - self.margin], -1)

    @property
    def _row(self) -> int:
        return self.width + 2 * self.margin

    @cached_property
    def _strides(self) -> Offsets:
        """(4,): how far the index moves with one step forward, by direction."""
        return (MOVES @ np.array([self._row, 1])).astype(np.int32)

    @cached_property
    def _windows(self) -> Offsets:
        """(4, view * view): where the cells of the view are from the agent's own, by direction."""
        ahead, aside = np.mgrid[self.view - 1 : -1 : -1, -(self.view // 2) : self.view // 2 + 1]
        forward, right = MOVES, np.roll(MOVES, -1, axis=0)
        steps = ahead[None, ..., None] * forward[:, None, None] + aside[None, ..., None] * right[:, None, None]
        return (steps @ np.array([self._row, 1])).reshape(4, -1).astype(np.int32)
