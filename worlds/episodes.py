"""What follows the end of an episode, for those who roll out many side by side: the same level again, or a new one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from wunderkammer.worlds.world import Key, World

L = TypeVar("L")
S = TypeVar("S")


def choose(which: jax.Array, yes: S, no: S) -> S:
    """One of two pytrees for each entry of a batch. which: bool, of the axes with which all leaves begin."""
    return jax.tree.map(
        lambda one, other: jnp.where(which.reshape(which.shape + (1,) * (other.ndim - which.ndim)), one, other), yes, no
    )


def again(first: S, before: S, after: S, done: jax.Array) -> S:
    """The next states where each finished episode begins anew in its own level.

    All but `done`, of shape (batch,), are batches of states: at the beginning of the episodes, before the step and
    after it. Leaves that the step handed through untouched (maps, mostly) belong to the level and are not copied; for
    this to be seen, `before` and `after` must be of one trace: step and `again` under the same `jax.vmap`, with scalar
    `done`, or leaves handed on by a step that does not touch them.
    """

    def leaf(first: jax.Array, before: jax.Array, after: jax.Array) -> jax.Array:
        return after if after is before else choose(done, first, after)

    return jax.tree.map(leaf, first, before, after)


def onward(world: World[L, S], sample: Callable[[Key], L], key: Key, states: S, done: jax.Array, at_once: int) -> S:
    """The next states where each finished episode is followed by one in a newly sampled level.

    Levels are made for `at_once` places at a time until all are served, so that a step at which few episodes end pays
    for few levels. done: (batch,) bool; at_once: static.
    """

    def serve(at: tuple[Key, jax.Array, S]) -> tuple[Key, jax.Array, S]:
        key, left, states = at
        key, to_sample, to_reset = jax.random.split(key, 3)
        places = jnp.nonzero(left, size=at_once, fill_value=left.size)[0]
        levels = jax.vmap(sample)(jax.random.split(to_sample, at_once))
        fresh, _ = jax.vmap(world.reset_to_level)(jax.random.split(to_reset, at_once), levels)
        states = jax.tree.map(lambda old, new: old.at[places].set(new, mode="drop"), states, fresh)
        return key, left.at[places].set(False, mode="drop"), states

    def waiting(at: tuple[Key, jax.Array, Any]) -> jax.Array:
        return at[1].any()

    return jax.lax.while_loop(waiting, serve, (key, done, states))[2]
