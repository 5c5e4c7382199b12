"""A track as a pytree of arrays."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.worlds.car import text
from wunderkammer.worlds.car.text import Plan, Point


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Level:
    """A track. A batch of levels has one more axis in front."""

    points: jax.Array
    """(POINTS, 2) int32: control points in the order in which they are passed, metres in [0, SIDE]."""


def of_plan(plan: Plan) -> Level:
    """The arrays of a track in plain Python."""
    return Level(jnp.array(plan.points, jnp.int32))


def to_plan(level: Level) -> Plan:
    """The track in plain Python; of one level, not of a batch."""
    return Plan(tuple(Point(int(x), int(y)) for x, y in jax.device_get(level.points)))


def read(words: str) -> Level:
    """The level that a text means; `ConfigError` names the line of what is wrong."""
    return of_plan(text.read(words))


def write(level: Level) -> str:
    """Its canonical text."""
    return text.write(to_plan(level))


def stack(levels: list[Level]) -> Level:
    """A batch of levels."""
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *levels)
