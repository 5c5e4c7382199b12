"""Agents that are tables: a row of logits for every state, a row of predictions, a value; and lives of many at once."""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.world import Key, World


class Agent(NamedTuple):
    """One agent; a batch of agents has one more axis in front."""

    logits: jax.Array
    """(states, actions)."""
    predictions: jax.Array
    """(states, predictions): logits of y. Agents that foresee nothing have none of them (predictions = 0)."""
    values: jax.Array
    """(states,): the critic's."""


class Playing(NamedTuple):
    """An agent's episodes under way; arrays have a first axis (workers)."""

    state: Any
    seen: jax.Array
    """() int32: the number of the state."""
    returned: jax.Array
    """() float32: by the episode so far, not discounted."""
    last: jax.Array
    """() float32: by the last one that ended."""
    ended: jax.Array
    """() bool: one has."""


class Stretch(NamedTuple):
    """What happened; arrays begin with the axes (time, workers)."""

    seen: jax.Array
    action: jax.Array
    reward: jax.Array
    done: jax.Array
    following: jax.Array
    """int32: the state that was come to, before any new beginning."""
    truncated: jax.Array
    """bool: it ended by time alone."""


def newborn(states: int, actions: int, predictions: int) -> Agent:
    """All actions alike, nothing foreseen, nothing of value."""
    return Agent(jnp.zeros((states, actions)), jnp.zeros((states, predictions)), jnp.zeros(states))


def begin(world: World[Any, Any], key: Key, level: Any, workers: int) -> Playing:
    """So many episodes of a level."""
    state, seen = jax.vmap(world.reset_to_level, (0, None))(jax.random.split(key, workers), level)
    nothing = jnp.zeros(workers)
    return Playing(state, seen, nothing, nothing, jnp.zeros(workers, jnp.bool_))


def play(
    world: World[Any, Any], key: Key, agent: Agent, level: Any, playing: Playing, steps: int
) -> tuple[Playing, Stretch]:
    """Go on for so many steps; what ends begins again in the same level. No gradient goes through it."""
    workers = playing.seen.shape[0]
    chances = jnp.cumsum(jax.nn.softmax(jax.lax.stop_gradient(agent.logits)), -1)
    to_first, to_draw, to_step = jax.random.split(key, 3)
    first = jax.vmap(world.reset_to_level, (0, None))(jax.random.split(to_first, workers), level)
    # The last chance is left out: by rounding it may be below 1, and a draw above it.
    draws = jax.random.uniform(to_draw, (steps, workers, 1))

    def once(at: Playing, given: tuple[jax.Array, Key]) -> tuple[Playing, Stretch]:
        draw, key = given
        action = (chances[at.seen, :-1] <= draw).sum(-1).astype(jnp.int32)
        after = jax.vmap(world.step)(jax.random.split(key, workers), at.state, action)
        state, seen = choose(after.done, first, (after.state, after.observation))
        returned = at.returned + after.reward
        last = jnp.where(after.done, returned, at.last)
        happened = Stretch(at.seen, action, after.reward, after.done, after.observation, after.truncated)
        return Playing(state, seen, jnp.where(after.done, 0.0, returned), last, at.ended | after.done), happened

    return jax.lax.scan(once, playing, (draws, jax.random.split(to_step, steps)))


def returns(playing: Playing) -> jax.Array:
    """() float32: the mean of each worker's last whole episode; what the present one has so far where none ended."""
    return jnp.where(playing.ended, playing.last, playing.returned).mean()
