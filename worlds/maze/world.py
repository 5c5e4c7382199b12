"""AMaze as a world: turn left, turn right or go forward, seeing a few cells ahead, until the goal or the horizon.

Source: the maze of MiniGrid as PAIRED plays it (Dennis et al. 2020), with the reward 1 - 0.9 t/T.

What can be seen from a cell is packed into the bits of one word when an episode begins, so that a step fetches a single
word and unpacks it, instead of cutting a window out of the map and turning it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import tiles
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key, Step

LEFT, RIGHT, FORWARD = 0, 1, 2


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
    """An episode under way. `step` leaves `level` and `squares` as they are."""

    level: Level
    squares: jax.Array
    """((height + view - 1) * (width + view - 1),) uint32: the walls of the square around each cell that an agent can
    look at the middle of, one bit per cell, row by row from the lowest bit."""
    square: jax.Array
    """() uint32: the one of them that the agent sees."""
    row: jax.Array
    column: jax.Array
    """() int32: where the agent is in the interior."""
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
    """Side of the square that the agent sees, in cells: 3 or 5."""
    horizon: int = 250
    """Steps after which an episode is cut off."""

    actions: ClassVar[int] = 3
    """Turn left, turn right, go forward."""

    def __post_init__(self) -> None:
        if self.view not in (3, 5):
            raise ConfigError(f"an agent of the maze sees 3 x 3 or 5 x 5 cells, not {self.view} x {self.view}")
        if self.horizon < 1 or self.height * self.width < 2:
            raise ConfigError("a maze needs at least two cells and a horizon of at least one step")

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, Observation]:
        """The beginning of an episode in a level; nothing in it is random."""
        view = self.view
        walls = jnp.pad(level.walls.astype(jnp.uint32), view - 1, constant_values=1)
        rows, columns = self.height + view - 1, self.width + view - 1
        bands = sum(walls[:, bit : bit + columns] << bit for bit in range(view))
        squares = sum(bands[bit : bit + rows] << (view * bit) for bit in range(view)).reshape(-1)
        row, column = level.agent[0], level.agent[1]
        square = self._look(squares, row, column, level.direction)
        state = State(level, squares, square, row, column, level.direction, jnp.int32(0))
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        """Turn, or go forward unless a wall is there; at the goal the episode ends with 1 - 0.9 t/T."""
        down, right = _forward(state.direction)
        blocked = (state.square >> self._place(down, right, 1, 0).astype(jnp.uint32)) & 1
        go = ((action == FORWARD) & (blocked == 0)).astype(jnp.int32)
        row, column = state.row + go * down, state.column + go * right
        turn = (action == RIGHT).astype(jnp.int32) - (action == LEFT).astype(jnp.int32)
        direction = (state.direction + turn) & 3
        time = state.time + 1
        reached = (row == state.level.goal[0]) & (column == state.level.goal[1])
        truncated = (time >= self.horizon) & ~reached
        reward = jnp.where(reached, 1.0 - 0.9 * time / self.horizon, 0.0).astype(jnp.float32)
        square = self._look(state.squares, row, column, direction)
        after = State(state.level, state.squares, square, row, column, direction, time)
        return Step(after, self.observe(after), reward, reached | truncated, truncated)

    def observe(self, state: State) -> Observation:
        """The square ahead of the agent, turned so that ahead is up."""
        # One axis of view * view until the end: short inner axes would be looped over cell by cell.
        ahead, aside = np.mgrid[self.view - 1 : -1 : -1, -self.reach : self.reach + 1].reshape(2, -1)
        down, right = _forward(state.direction)
        places = self._place(down, right, ahead, aside)
        wall = ((state.square >> places.astype(jnp.uint32)) & 1).astype(jnp.bool_)
        # The goal from the middle of the square.
        low = state.level.goal[0] - state.row - self.reach * down
        side = state.level.goal[1] - state.column - self.reach * right
        seen = (abs(low) <= self.reach) & (abs(side) <= self.reach)
        goal = places == jnp.where(seen, self.view * self.view // 2 + low * self.view + side, -1)
        planes = jnp.stack([~(wall | goal), wall, goal], -1).reshape(self.view, self.view, 3)
        return Observation(planes.astype(jnp.uint8), state.direction)

    def render(self, state: State) -> jax.Array:
        """uint8 (SIDE (height + 2), SIDE (width + 2), 3), with SIDE of `tiles`: the level in its border, what is seen
        in another colour."""
        cells = jnp.pad(state.level.walls.astype(jnp.int32), 1, constant_values=tiles.WALL)
        cells = cells.at[state.level.goal[0] + 1, state.level.goal[1] + 1].set(tiles.GOAL)
        down, right = _forward(state.direction)
        rows, columns = np.mgrid[-1 : self.height + 1, -1 : self.width + 1]
        far_down, far_right = rows - state.row, columns - state.column
        ahead, aside = far_down * down + far_right * right, far_down * right - far_right * down
        seen = (ahead >= 0) & (ahead < self.view) & (abs(aside) <= self.reach)
        return tiles.paint(cells, seen, state.row + 1, state.column + 1, state.direction)

    @property
    def reach(self) -> int:
        """How far the agent sees to each side; the middle of its square is as far ahead."""
        return self.view // 2

    def _look(self, squares: jax.Array, row: jax.Array, column: jax.Array, direction: jax.Array) -> jax.Array:
        """The square that an agent sees from a cell in a direction."""
        down, right = _forward(direction)
        place = (row + (down + 1) * self.reach) * (self.width + self.view - 1) + column + (right + 1) * self.reach
        return squares.at[place].get(mode="promise_in_bounds")

    def _place(self, down: jax.Array, right: jax.Array, ahead: int | Cells, aside: int | Cells) -> jax.Array:
        """Which bits of the agent's square are the cells so far ahead and aside of it (to the right is positive)."""
        middle = self.view * self.view // 2
        return middle + (ahead - self.reach) * (down * self.view + right) + aside * (right * self.view - down)


Cells = np.ndarray[tuple[int, ...], np.dtype[np.signedinteger]]


def _forward(direction: jax.Array) -> tuple[jax.Array, jax.Array]:
    """One step forward: rows down, columns to the right. A step to the agent's own right is (right, -down)."""
    down = (direction == 1).astype(jnp.int32) - (direction == 3).astype(jnp.int32)
    right = (direction == 0).astype(jnp.int32) - (direction == 2).astype(jnp.int32)
    return down, right
