"""Who knows the way: the next action of a shortest solution, for demonstrations and as the best that can be done.

Goals of two toys are met by carrying one of them to where the other makes the sentence true. Where that is nowhere (in
a corner, or in another toy's place), one of them is first carried to where it can be; what is shortest then is not
searched for. Rooms of up to three toys are all solved; with more, others can stand in the way for good.
"""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.toys.words import KINDS
from wunderkammer.worlds.toys.world import HAND, MOVES, NOTHING, State, Toys

FAR = 10_000
"""Steps to what cannot be reached."""


def act(world: Toys, state: State) -> jax.Array:
    """() int32: the next action; for a goal that is met, any."""
    goal, places = state.level.goal, state.places
    reach = _walk(state.agent, places[goal.first])
    reach = jnp.where(state.held != NOTHING, HAND, reach)
    carries = jnp.stack([goal.first, goal.second])
    targets = _targets(world, state)  # (2, side, side)
    maps = jax.vmap(lambda toy, aims: _distances(world, state, toy, aims))(carries, targets)
    costs = jax.vmap(lambda toy, far: _cost(state, toy, far))(carries, maps)
    best = jnp.argmin(costs)
    relate = _carry(state, carries[best], maps[best])
    return jnp.where(goal.kind == KINDS.index("reach"), reach, relate).astype(jnp.int32)


def _targets(world: Toys, state: State) -> jax.Array:
    """(2, side, side) bool: where the first toy, and where the second, would make the goal true; where neither can be
    brought there, where the first would have to be so that the second can."""
    goal, free = state.level.goal, _free(world, state)
    one, two = state.places[goal.first], state.places[goal.second]
    here, there = _around(world, goal.kind, two, -1) & free, _around(world, goal.kind, one, 1) & free
    # The second, carried to any free cell, leaves room for the first where its own neighbour is inside and free.
    shifts = jnp.stack([jnp.roll(jnp.pad(free, 1), tuple(int(part) for part in move), (0, 1)) for move in MOVES[:4]])
    ways = _ways(goal.kind)[:, None, None]
    roomy = free & (shifts & ways).any(0)[1:-1, 1:-1]
    neither = ~(here.any() | there.any())
    return jnp.stack([here, jnp.where(neither, roomy, there)])


def _ways(kind: jax.Array) -> jax.Array:
    """(4,) bool: which of the moves may lead from the first toy to the second."""
    table = {"reach": (0, 0, 0, 0), "beside": (1, 1, 1, 1), "above": (0, 1, 0, 0), "left": (1, 0, 0, 0)}
    return jnp.asarray([table[name] for name in KINDS], jnp.bool_)[kind]


def _around(world: Toys, kind: jax.Array, centre: jax.Array, sign: int) -> jax.Array:
    """(side, side) bool: cells from which a move leads to the centre (sign -1), or to which one leads from it (1)."""
    rows, columns = np.mgrid[: world.side, : world.side]
    steps = [(rows == centre[0] + sign * move[0]) & (columns == centre[1] + sign * move[1]) for move in MOVES[:4]]
    return (jnp.stack(steps) & _ways(kind)[:, None, None]).any(0)


def _free(world: Toys, state: State) -> jax.Array:
    """(side, side) bool: cells without a toy, but for those of the goal, which may be carried away."""
    goal, numbers = state.level.goal, jnp.arange(world.toys)
    lies = (numbers != goal.first) & (numbers != goal.second)
    full = jnp.zeros((world.side, world.side), jnp.bool_)
    return ~full.at[state.places[:, 0], state.places[:, 1]].max(lies)


def _distances(world: Toys, state: State, toy: jax.Array, aims: jax.Array) -> jax.Array:
    """(side, side) int32: steps to the nearest aim of who carries a toy, around the others."""
    full = jnp.zeros((world.side, world.side), jnp.bool_)
    full = full.at[state.places[:, 0], state.places[:, 1]].max(jnp.arange(world.toys) != toy)
    far = jnp.where(aims & ~full, 0, FAR)

    def spread(at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        edge = jnp.pad(at[1], 1, constant_values=FAR)
        near = jnp.stack([edge[:-2, 1:-1], edge[2:, 1:-1], edge[1:-1, :-2], edge[1:-1, 2:]]).min(0)
        return at[1], jnp.where(full, FAR, jnp.minimum(at[1], near + 1))

    return jax.lax.while_loop(lambda at: (at[0] != at[1]).any(), spread, (far + 1, far))[1]


def _cost(state: State, toy: jax.Array, far: jax.Array) -> jax.Array:
    """() int32: steps until a toy is put down where it is wanted."""
    place = state.places[toy]
    rest = far[place[0], place[1]] + 1
    other = (state.held != NOTHING) & (state.held != toy)
    return jnp.where(state.held == toy, rest, jnp.abs(place - state.agent).sum() + other + 1 + rest)


def _carry(state: State, toy: jax.Array, far: jax.Array) -> jax.Array:
    """The next action of bringing a toy where the distance is 0."""
    here, at = state.agent, state.places[toy]
    edge = jnp.pad(far, 1, constant_values=FAR)
    ahead = jnp.stack([edge[here[0] + 1 + down, here[1] + 1 + right] for down, right in MOVES[:4]])
    bring = jnp.where(far[here[0], here[1]] == 0, HAND, jnp.argmin(ahead))
    fetch = jnp.where((here == at).all(), HAND, _walk(here, at))
    busy = (state.held != NOTHING) & (state.held != toy)
    return jnp.where(state.held == toy, bring, jnp.where(busy, HAND, fetch))


def _walk(here: jax.Array, there: jax.Array) -> jax.Array:
    """The next of the moves of a straight way over everything: columns first."""
    down, right = there - here
    sideways = jnp.where(right > 0, 0, 2)
    return jnp.where(right != 0, sideways, jnp.where(down > 0, 1, 3))
