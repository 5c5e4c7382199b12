"""A maze as a pytree of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.text import Cell, Plan


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Level:
    """A maze and where its episode begins. A batch of levels has one more axis in front of each array."""

    walls: jax.Array
    """(height, width) bool: the interior. Around it stands a wall that is not written down."""
    agent: jax.Array
    """(2,) int32: row and column; never on a wall."""
    direction: jax.Array
    """() int32: 0 right, 1 down, 2 left, 3 up."""
    goal: jax.Array
    """(2,) int32: row and column; neither on a wall nor on the agent."""


def of_plan(plan: Plan) -> Level:
    """The arrays of a maze in plain Python."""
    return Level(
        jnp.array(plan.walls, jnp.bool_),
        jnp.array(plan.agent, jnp.int32),
        jnp.int32(plan.direction),
        jnp.array(plan.goal, jnp.int32),
    )


def to_plan(level: Level) -> Plan:
    """The maze in plain Python; of one level, not of a batch."""
    walls, agent, direction, goal = jax.device_get((level.walls, level.agent, level.direction, level.goal))
    return Plan(
        tuple(tuple(bool(wall) for wall in row) for row in np.asarray(walls)),
        Cell(int(agent[0]), int(agent[1])),
        int(direction),
        Cell(int(goal[0]), int(goal[1])),
    )


def read(words: str) -> Level:
    """The level that a map means; `ConfigError` names row and column of what is wrong."""
    return of_plan(text.read(words))


def write(level: Level) -> str:
    """Its canonical map."""
    return text.write(to_plan(level))


def stack(levels: list[Level]) -> Level:
    """A batch of levels of one size."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *levels)
