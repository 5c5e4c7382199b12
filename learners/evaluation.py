"""How a student does in levels that it never learned in."""

from __future__ import annotations

from typing import NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.learners.rollout import Running, begin
from wunderkammer.worlds.world import Key, World

L = TypeVar("L")
S = TypeVar("S")


class Attempts(NamedTuple):
    """One episode in each level, (levels,) or with the episodes as a first axis."""

    returned: jax.Array
    """Sum of its rewards."""
    length: jax.Array
    """Steps until it was over."""
    solved: jax.Array
    """bool: it ended of itself and returned something."""


class _Going(NamedTuple):
    """Attempts under way."""

    running: Running
    over: jax.Array
    got: Attempts


def attempt(world: World[L, S], network: Network, params: Params, key: Key, levels: L, episodes: int) -> Attempts:
    """So many episodes in each level, actions drawn from the policy; arrays of shape (episodes, levels).

    It ends with the longest of them, and at `world.horizon` at the latest.
    """
    many = jax.tree.map(lambda leaf: jnp.repeat(leaf[None], episodes, 0).reshape(-1, *leaf.shape[1:]), levels)
    to_begin, to_play = jax.random.split(key)

    def step(at: tuple[jax.Array, _Going]) -> tuple[jax.Array, _Going]:
        return at[0] + 1, _go_on(world, network, params, jax.random.fold_in(to_play, at[0]), at[1])

    def lasts(at: tuple[jax.Array, _Going]) -> jax.Array:
        return (at[0] < world.horizon) & ~at[1].over.all()

    _, end = jax.lax.while_loop(lasts, step, (jnp.int32(0), _start(world, network, to_begin, many)))
    return Attempts(*(part.reshape(episodes, -1) for part in end.got))


def trace(world: World[L, S], network: Network, params: Params, key: Key, levels: L) -> tuple[S, Attempts]:
    """One episode in each level with the states that it went through, whose leaves have the axes (horizon, levels).

    Those after its end are of a world that nobody plays any more; `length` says how many count.
    """
    to_begin, to_play = jax.random.split(key)

    def step(at: _Going, key: Key) -> tuple[_Going, S]:
        at = _go_on(world, network, params, key, at)
        return at, at.running.state

    start = _start(world, network, to_begin, levels)
    end, states = jax.lax.scan(step, start, jax.random.split(to_play, world.horizon))
    return states, end.got


def _start(world: World[L, S], network: Network, key: Key, levels: L) -> _Going:
    running = begin(world, network, key, levels)
    none = jnp.zeros_like(running.reset)
    return _Going(running, none, Attempts(jnp.zeros(none.shape), jnp.zeros(none.shape, jnp.int32), none))


def _go_on(world: World[L, S], network: Network, params: Params, key: Key, at: _Going) -> _Going:
    to_action, to_step = jax.random.split(key)
    running, over, got = at
    reply = network.step(params, running.carry, running.observation, running.reset)
    action = jax.random.categorical(to_action, reply.logits)
    after = jax.vmap(world.step)(jax.random.split(to_step, over.shape[0]), running.state, action)
    returned = got.returned + jnp.where(over, 0.0, after.reward)
    solved = got.solved | (~over & after.done & ~after.truncated & (returned > 0))
    running = Running(reply.carry, after.state, after.observation, jnp.zeros_like(over))
    return _Going(running, over | after.done, Attempts(returned, got.length + ~over, solved))
