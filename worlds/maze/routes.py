"""The shortest ways through a maze, by flooding it one step at a time."""

from __future__ import annotations

from collections.abc import Callable

import jax
import jax.numpy as jnp

from wunderkammer.worlds.maze.level import Level


def fewest_cells(level: Level) -> jax.Array:
    """() int32: steps from cell to cell of the shortest way from agent to goal; 0 where there is none."""
    start = jnp.zeros_like(level.walls).at[level.agent[0], level.agent[1]].set(True)
    goal = jnp.zeros_like(level.walls).at[level.goal[0], level.goal[1]].set(True)

    def spread(wet: jax.Array) -> jax.Array:
        return _any([wet, *(_shift(wet, direction) for direction in range(4))]) & ~level.walls

    return _flood(start, goal, spread)


def fewest_actions(level: Level) -> jax.Array:
    """() int32: the fewest actions (turns and steps) that end an episode at the goal; 0 where none do."""
    places = (4, *level.walls.shape)
    start = jnp.zeros(places, jnp.bool_).at[level.direction, level.agent[0], level.agent[1]].set(True)
    goal = jnp.zeros(places, jnp.bool_).at[:, level.goal[0], level.goal[1]].set(True)

    def spread(wet: jax.Array) -> jax.Array:
        forward = jnp.stack([_shift(wet[direction], direction) for direction in range(4)])
        return (wet | jnp.roll(wet, 1, 0) | jnp.roll(wet, -1, 0) | forward) & ~level.walls

    return _flood(start, goal, spread)


def best_return(level: Level, horizon: int) -> jax.Array:
    """() float32: what an agent that knows the way gets: 1 - 0.9 t/T; 0 where there is no way within the horizon."""
    actions = fewest_actions(level)
    reachable = (actions > 0) & (actions <= horizon)
    return jnp.where(reachable, 1.0 - 0.9 * actions / horizon, 0.0).astype(jnp.float32)


def distances(level: Level) -> jax.Array:
    """(height, width) int32: cells from each cell to the goal; -1 on walls and where there is no way."""
    start = jnp.zeros_like(level.walls).at[level.goal[0], level.goal[1]].set(True)

    def step(carry: tuple[jax.Array, jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, ...]:
        wet, far, steps, _ = carry
        wider = _any([wet, *(_shift(wet, direction) for direction in range(4))]) & ~level.walls
        fresh = wider & ~wet
        return wider, jnp.where(fresh, steps + 1, far), steps + 1, fresh.any()

    first = (start, jnp.where(start, 0, -1), jnp.int32(0), jnp.bool_(True))
    return jax.lax.while_loop(lambda carry: carry[3], step, first)[1]


def _flood(start: jax.Array, goal: jax.Array, spread: Callable[[jax.Array], jax.Array]) -> jax.Array:
    """How often `spread` must be applied until the goal is wet; 0 where it stays dry."""

    def step(carry: tuple[jax.Array, jax.Array, jax.Array, jax.Array]) -> tuple[jax.Array, ...]:
        wet, steps, _, _ = carry
        wider = spread(wet)
        return wider, steps + 1, (wider != wet).any(), (wider & goal).any()

    def on(carry: tuple[jax.Array, jax.Array, jax.Array, jax.Array]) -> jax.Array:
        return carry[2] & ~carry[3]

    _, steps, _, arrived = jax.lax.while_loop(on, step, (start, jnp.int32(0), jnp.bool_(True), jnp.bool_(False)))
    return jnp.where(arrived, steps, 0)


def _shift(wet: jax.Array, direction: int) -> jax.Array:
    """The cells one step further: 0 right, 1 down, 2 left, 3 up; the border swallows what leaves."""
    if direction in (0, 2):
        moved = jnp.pad(wet, ((0, 0), (1, 1)))
        return moved[:, :-2] if direction == 0 else moved[:, 2:]
    moved = jnp.pad(wet, ((1, 1), (0, 0)))
    return moved[:-2] if direction == 1 else moved[2:]


def _any(parts: list[jax.Array]) -> jax.Array:
    total = parts[0]
    for part in parts[1:]:
        total = total | part
    return total
