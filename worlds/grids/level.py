"""A grid world as a pytree of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.grids import text
from wunderkammer.worlds.grids.text import Plan, Thing


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Level:
    """A grid world. A batch of levels has one more axis in front of each array. Cells are counted row by row."""

    walls: jax.Array
    """(side, side) bool. A smaller world lies at the top left, and all beyond it is wall."""
    start: jax.Array
    """() int32: the cell where an episode begins; no wall, no object."""
    places: jax.Array
    """(objects,) int32: the cell of each object; no two share one, and none is on a wall."""
    used: jax.Array
    """(objects,) bool: the world has this object. The others' rewards and chances are 0."""
    rewards: jax.Array
    """(objects,) float32: for collecting it."""
    ends: jax.Array
    """(objects,) float32: the chance that the episode ends then."""
    returns: jax.Array
    """(objects,) float32: the chance, at every step, that one that was collected is there again."""
    horizon: jax.Array
    """() int32: steps after which an episode is cut off."""


def of_plan(plan: Plan, side: int, objects: int) -> Level:
    """The arrays of a grid world in plain Python; `ConfigError` where it does not fit."""
    if plan.side > side or len(plan.things) > objects:
        raise ConfigError(
            f"a grid world of side {plan.side} with {len(plan.things)} objects does not fit into {side} with {objects}"
        )
    walls = np.ones((side, side), bool)
    walls[: len(plan.walls), : len(plan.walls[0])] = plan.walls
    spare = objects - len(plan.things)
    rewards, ends, returns = (
        jnp.array([*(thing[place] for thing in plan.things), *[0.0] * spare], jnp.float32) for place in (2, 3, 4)
    )
    places = [thing.row * side + thing.column for thing in plan.things] + [0] * spare
    return Level(
        jnp.array(walls),
        jnp.int32(plan.start[0] * side + plan.start[1]),
        jnp.array(places, jnp.int32),
        jnp.arange(objects) < len(plan.things),
        rewards,
        ends,
        returns,
        jnp.int32(plan.horizon),
    )


def to_plan(level: Level) -> Plan:
    """The grid world in plain Python, without the walls beyond its last row and column; of one level."""
    found = jax.tree.map(np.asarray, jax.device_get(level))
    side = found.walls.shape[0]
    deep, wide = (int((~found.walls).any(axis).nonzero()[0].max()) + 1 for axis in (1, 0))
    used = [int(place) for place in found.used.nonzero()[0]]
    things = sorted(
        Thing(
            *divmod(int(found.places[one]), side),
            *(round(float(part[one]), 6) for part in (found.rewards, found.ends, found.returns)),
        )
        for one in used
    )
    walls = tuple(tuple(map(bool, row[:wide])) for row in found.walls[:deep])
    return Plan(walls, divmod(int(found.start), side), tuple(things), int(found.horizon))


def read(words: str, side: int, objects: int) -> Level:
    """The level that a text means."""
    return of_plan(text.read(words), side, objects)


def write(level: Level) -> str:
    """Its canonical text, numbers to six digits."""
    return text.write(to_plan(level))


def stack(levels: list[Level]) -> Level:
    """A batch of levels of one size."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *levels)
