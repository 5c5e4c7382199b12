"""Where mazes come from and how they are told apart: sampling, random edits, features, text."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.maze.routes import fewest_actions, fewest_cells
from wunderkammer.worlds.world import Key

WALLED, GOAL_MOVED = 0.8, 0.9
"""Of random edits: toggle a wall below the first, move the goal below the second, else move the agent."""


@dataclass(frozen=True)
class MazeLevels:
    """Levels of one size. Methods work on one level and are made to be vmapped, except `text` and `read`."""

    height: int = 13
    width: int = 13
    walls: int = 60
    """The most walls that domain randomisation places; the papers use 25 and 60."""
    fewest: int = 0
    """The fewest; how many is drawn uniformly between the two, ends included."""

    def __post_init__(self) -> None:
        if not 0 <= self.fewest <= self.walls <= self.height * self.width - 2:
            raise ConfigError(
                f"a maze of {self.height} x {self.width} holds between 0 and {self.height * self.width - 2} walls, "
                f"not {self.fewest} to {self.walls}"
            )

    def sample(self, key: Key) -> Level:
        """Uniform: the number of walls, then which cells are walls, agent and goal, all different, and a direction."""
        cells = self.height * self.width
        order, count, direction = jax.random.split(key, 3)
        place = jax.random.permutation(order, cells)
        wall = jnp.arange(cells) < jax.random.randint(count, (), self.fewest, self.walls + 1)
        walls = jnp.zeros(cells, jnp.bool_).at[place].set(wall)
        return Level(
            walls.reshape(self.height, self.width),
            self._cell(place[-1]),
            jax.random.randint(direction, (), 0, 4),
            self._cell(place[-2]),
        )

    def empty(self, key: Key) -> Level:
        """A level without walls, where ACCEL begins."""
        level = self.sample(key)
        return Level(jnp.zeros_like(level.walls), level.agent, level.direction, level.goal)

    def mutate(self, key: Key, level: Level, edits: int) -> Level:
        """So many edits one after another: mostly a cell becomes wall or opens, now and then goal or agent moves.

        What moves goes to any cell that the other does not hold, and opens it.
        """
        return jax.lax.fori_loop(0, edits, lambda edit, now: self._edit(jax.random.fold_in(key, edit), now), level)

    def _edit(self, key: Key, level: Level) -> Level:
        cells = self.height * self.width
        kinds, places, directions = jax.random.split(key, 3)
        kind = jax.random.uniform(kinds)
        agent, goal = (level.agent @ self._strides, level.goal @ self._strides)
        # A cell that is neither the agent's nor the goal's: draw among the rest, then skip the two in their order.
        cell = jax.random.randint(places, (), 0, cells - 2)
        cell += cell >= jnp.minimum(agent, goal)
        cell += cell >= jnp.maximum(agent, goal)
        toggled, to_goal = kind < WALLED, (kind >= WALLED) & (kind < GOAL_MOVED)
        to_agent = kind >= GOAL_MOVED
        flat = level.walls.reshape(-1)
        flat = flat.at[cell].set(toggled & ~flat[cell])
        return Level(
            flat.reshape(level.walls.shape),
            jnp.where(to_agent, self._cell(cell), level.agent),
            jnp.where(to_agent, jax.random.randint(directions, (), 0, 4), level.direction),
            jnp.where(to_goal, self._cell(cell), level.goal),
        )

    def features(self, level: Level) -> dict[str, jax.Array]:
        """Scalars, float32.

        walls: how many; density: their share of the cells; path: cells to walk on the shortest way to the goal;
        actions: the fewest actions that reach it, turns counted; solvable: 1.0 or 0.0. Where there is no way, `path`
        and `actions` are 0.
        """
        count = level.walls.sum().astype(jnp.float32)
        path = fewest_cells(level).astype(jnp.float32)
        return {
            "walls": count,
            "density": count / (self.height * self.width),
            "path": path,
            "actions": fewest_actions(level).astype(jnp.float32),
            "solvable": (path > 0).astype(jnp.float32),
        }

    def text(self, level: Level) -> str:
        """The canonical map."""
        return maps.write(level)

    def read(self, text: str) -> Level:
        """The level that a map means; `ConfigError` names row and column of what is wrong, or the size it should be."""
        level = maps.read(text)
        if level.walls.shape != (self.height, self.width):
            rows, columns = level.walls.shape
            raise ConfigError(f"the map has {rows} rows and {columns} columns, not {self.height} and {self.width}")
        return level

    @property
    def _strides(self) -> jax.Array:
        return jnp.array([self.width, 1], jnp.int32)

    def _cell(self, index: jax.Array) -> jax.Array:
        return jnp.stack([index // self.width, index % self.width]).astype(jnp.int32)
