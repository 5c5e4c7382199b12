"""What a policy returns in a grid world, and the most that any could, computed and not played: backward induction.

All chances of a level are known, so the expected return follows from its states alone; what a policy came to has no
noise of episodes in it, and every world can be told on one scale.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.grids.level import Level
from wunderkammer.worlds.grids.world import MOVES, Grids


class Model(NamedTuple):
    """A level as a table."""

    following: jax.Array
    """(states, actions) int32: the state after a move and a collection, before anything comes back."""
    rewards: jax.Array
    """(states, actions)."""
    goes_on: jax.Array
    """(states, actions): the chance that collecting does not end the episode."""


def model(world: Grids, level: Level) -> Model:
    """All states, whether they can be reached or not."""
    bits = 2 ** np.arange(world.objects)
    numbers = np.arange(world.states)
    places, there = numbers % world.cells, (numbers[:, None] // world.cells // bits) % 2 == 1
    walls = level.walls.reshape(-1)
    moves = jnp.arange(len(MOVES))
    aims = jax.vmap(lambda action: world.moved(walls, jnp.asarray(places), jnp.full(world.states, action)))(moves).T
    taken = jnp.asarray(there)[:, None] & (level.places == aims[..., None])  # (states, actions, objects)
    left = jnp.asarray(there)[:, None] & ~taken
    following = aims + world.cells * (left * bits).sum(-1).astype(jnp.int32)
    return Model(following, (taken * level.rewards).sum(-1), 1.0 - (taken * level.ends).sum(-1))


def worth(world: Grids, level: Level, policy: jax.Array) -> jax.Array:
    """The expected return of an episode, not discounted. policy: (states, actions), chances."""
    return _induced(world, level, lambda values: (policy * values).sum(-1))


def best(world: Grids, level: Level) -> jax.Array:
    """The most that a policy can return that knows the time."""
    return _induced(world, level, lambda values: values.max(-1))


def random(world: Grids, level: Level) -> jax.Array:
    """What uniform actions return."""
    return _induced(world, level, lambda values: values.mean(-1))


def _induced(world: Grids, level: Level, choose) -> jax.Array:  # type: ignore[no-untyped-def]
    """From the last step to the first; choose: (states, actions) to (states,)."""
    table = model(world, level)

    def earlier(turn: jax.Array, values: jax.Array) -> jax.Array:
        later = _returning(world, level, values)[table.following]
        return jnp.where(turn < level.horizon, choose(table.rewards + table.goes_on * later), values)

    values = jax.lax.fori_loop(0, world.horizon, earlier, jnp.zeros(world.states))
    beginning = level.start + world.cells * (level.used * 2 ** jnp.arange(world.objects)).sum()
    return values[beginning]


def _returning(world: Grids, level: Level, values: jax.Array) -> jax.Array:
    """Values of states before what is missing may come back; (states,) both."""
    cube = values.reshape(*(2,) * world.objects, world.cells)  # the first object is the last of these axes
    for one in range(world.objects):
        axis = world.objects - 1 - one
        gone, there = jnp.split(cube, 2, axis)
        cube = jnp.concatenate([gone + level.returns[one] * (there - gone), there], axis)
    return cube.reshape(-1)
