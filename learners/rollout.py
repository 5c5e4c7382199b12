"""Playing: many episodes side by side, each in levels that are given, one step of all of them at a time."""

from __future__ import annotations

from typing import Any, NamedTuple, TypeVar

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.learners.recurrence import Carry
from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.world import Key, World

L = TypeVar("L")
S = TypeVar("S")


class Running(NamedTuple):
    """Episodes under way. Kept from one rollout to the next, they go on; all arrays have a first axis (batch)."""

    carry: Carry
    state: Any
    observation: Any
    reset: jax.Array
    """() bool: this observation is the first of an episode."""


class Trajectory(NamedTuple):
    """What was seen and done; all arrays begin with the axes (time, batch)."""

    observation: Any
    reset: jax.Array
    """This observation is the first of an episode."""
    action: jax.Array
    log_probability: jax.Array
    """Of the action, when it was taken."""
    logits: jax.Array
    value: jax.Array
    reward: jax.Array
    done: jax.Array
    """The episode ended with this step."""
    bootstrap: jax.Array
    """The value of what would have come next where it ended by time alone, else 0."""


def begin(world: World[L, S], network: Network, key: Key, levels: L) -> Running:
    """The first observation of an episode in each level; levels: stacked along a first axis (batch)."""
    batch = jax.tree.leaves(levels)[0].shape[0]
    state, observation = jax.vmap(world.reset_to_level)(jax.random.split(key, batch), levels)
    return Running(network.empty(batch), state, observation, jnp.ones(batch, jnp.bool_))


def rollout(
    world: World[L, S], network: Network, params: Params, key: Key, running: Running, levels: L, steps: int
) -> tuple[Running, Trajectory, jax.Array]:
    """Go on from `running` for so many steps.

    Args:
        levels: leaves begin with the axes (queue, batch): the levels in which the next episodes of each place are
            played, in their order and then over again. A queue of one replays one level; of fresh samples it is
            domain randomisation. It is drawn beforehand, and begun once per rollout: to sample and begin levels at
            every step, for episodes that end at few of them, costs more than the steps.

    Returns:
        The episodes as they stand, what happened, and the value of what is seen now, shape (batch,).
    """
    queue, batch = jax.tree.leaves(levels)[0].shape[:2]
    to_steps, to_reset = jax.random.split(key)
    beginnings = jax.vmap(jax.vmap(world.reset_to_level))(jax.random.split(to_reset, (queue, batch)), levels)

    def begun(ended: jax.Array) -> tuple[S, Any]:
        if queue == 1:
            return jax.tree.map(lambda leaf: leaf[0], beginnings)
        return jax.tree.map(lambda leaf: leaf[ended % queue, jnp.arange(batch)], beginnings)

    def step(at: tuple[Running, jax.Array], key: Key) -> tuple[tuple[Running, jax.Array], Any]:
        running, ended = at
        to_action, to_step = jax.random.split(key)
        reply = network.step(params, running.carry, running.observation, running.reset)
        action = jax.random.categorical(to_action, reply.logits)
        log_probability = log_probabilities(reply.logits, action)
        after = jax.vmap(world.step)(jax.random.split(to_step, batch), running.state, action)
        state, observation = choose(after.done, begun(ended), (after.state, after.observation))
        seen = Trajectory(
            running.observation, running.reset, action, log_probability, reply.logits, reply.value,
            after.reward, after.done, after.truncated,
        )  # fmt: skip
        going_on = Running(reply.carry, state, observation, after.done)
        return (going_on, ended + after.done), (seen, reply.carry, after.observation)

    ended = jnp.zeros(batch, jnp.int32)
    (running, _), (seen, carries, following) = jax.lax.scan(step, (running, ended), jax.random.split(to_steps, steps))
    bootstrap = _values_where(network, params, carries, following, seen.bootstrap)
    last = network.step(params, running.carry, running.observation, running.reset).value
    return running, seen._replace(bootstrap=bootstrap), last


def log_probabilities(logits: jax.Array, action: jax.Array) -> jax.Array:
    """Of each action; logits: (..., actions), action: (...) int32."""
    return jnp.take_along_axis(jax.nn.log_softmax(logits), action[..., None], axis=-1)[..., 0]


def _values_where(network: Network, params: Params, carries: Carry, observations: Any, wanted: jax.Array) -> jax.Array:
    """The values of a few observations among (time, batch), 0 elsewhere; as many evaluations of a batch as the fullest
    column has, mostly none or one."""
    places = jnp.arange(wanted.shape[1])
    nothing = jnp.zeros(wanted.shape[1], jnp.bool_)

    def one(at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        left, values = at
        first = left.argmax(axis=0)
        carry, observation = jax.tree.map(lambda leaf: leaf[first, places], (carries, observations))
        found = network.step(params, carry, observation, nothing).value
        values = values.at[first, places].add(jnp.where(left[first, places], found, 0.0))
        return left.at[first, places].set(False), values

    start = (wanted, jnp.zeros(wanted.shape))
    return jax.lax.while_loop(lambda at: at[0].any(), one, start)[1]
