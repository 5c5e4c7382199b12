"""The teacher's networks: what proposes the next cell of a level from the map so far."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import jax
import jax.numpy as jnp
from jax.nn.initializers import orthogonal

from wunderkammer.learners.encoder import Convolution, Encoder, Params
from wunderkammer.learners.networks import ActorCritic, Network, Reply
from wunderkammer.learners.recurrence import Carry, Lstm

FORBIDDEN = -1e9
"""Logit of what the mask forbids: probability and gradient are exactly 0, and its share of an entropy too."""

Form = Literal["plain", "recurrent"]


@dataclass(frozen=True)
class Masked:
    """A network whose forbidden actions are never drawn. It looks at all of a sketch but the mask."""

    network: Network

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Of the network inside."""
        return self.network.init(key, _seen(observation))

    def empty(self, *batch: int) -> Any:
        """Of the network inside."""
        return self.network.empty(*batch)

    def step(self, params: Params, carry: Carry, observation: Any, reset: jax.Array) -> Reply:
        """Logits of what `observation.allowed` forbids are `FORBIDDEN`."""
        return _mask(self.network.step(params, carry, _seen(observation), reset), observation)

    def unroll(self, params: Params, carry: Carry, observations: Any, resets: jax.Array) -> Reply:
        """The same for all steps at once."""
        return _mask(self.network.unroll(params, carry, _seen(observations), resets), observations)


@dataclass(frozen=True)
class Plain:
    """No memory: two layers over the whole observation, then actor and critic, relu throughout.

    A builder sees the map, the time and its noise, which is all that its future depends on; it has nothing to
    remember. Of the map every cell is an input of its own, so the first layer is one product: at 13 × 13 a step takes
    less than a hundredth of the multiplications of 128 convolution channels flattened into an LSTM-256.
    """

    actions: int
    horizon: int
    """Times are below this."""
    width: int = 128
    hidden: int = 32
    """Of the critic."""

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Weights for observations like this one, which has no batch axis."""
        entering = sum(int(leaf.size) for leaf in jax.tree.leaves(observation) if leaf.ndim) + self.horizon
        keys = jax.random.split(key, 5)
        sizes = {
            "first": (entering, self.width, 2**0.5),
            "second": (self.width, self.width, 2**0.5),
            "actor": (self.width, self.actions, 0.01),
            "critic": (self.width, self.hidden, 2**0.5),
            "value": (self.hidden, 1, 1.0),
        }
        return {
            name: {"weights": orthogonal(scale)(own, (into, out)), "bias": jnp.zeros(out)}
            for own, (name, (into, out, scale)) in zip(keys, sizes.items(), strict=True)
        }

    def empty(self, *batch: int) -> Carry:
        """Nothing."""
        return ()

    def step(self, params: Params, carry: Carry, observation: Any, reset: jax.Array) -> Reply:
        """One step of a batch."""
        return self.unroll(params, carry, observation, reset)

    def unroll(self, params: Params, carry: Carry, observations: Any, resets: jax.Array) -> Reply:
        """Any batch axes; every step by itself."""
        lead = resets.shape
        parts = [
            leaf.astype(jnp.float32).reshape(*lead, -1) if leaf.ndim > len(lead) else jax.nn.one_hot(leaf, self.horizon)
            for leaf in jax.tree.leaves(observations)
        ]
        hidden = jnp.concatenate(parts, -1)
        for name in ("first", "second"):
            hidden = jax.nn.relu(_through(params[name], hidden))
        value = _through(params["value"], jax.nn.relu(_through(params["critic"], hidden)))
        return Reply((), _through(params["actor"], hidden), value[..., 0])


def teacher(form: Form, actions: int, horizon: int, width: int = 128) -> Masked:
    """A network for a world whose observations carry a mask, as `worlds.maze.building` does.

    plain: `Plain`. recurrent: 16 filters at every second row and column, then an LSTM: the original's form, made small
    enough to pay for; maps should have odd sides, else the last row and column are not seen.
    """
    if form == "plain":
        return Masked(Plain(actions, horizon, width))
    looking = Encoder((Convolution(16, 3, 2),), choices=horizon, embedding=10)
    return Masked(ActorCritic(actions, Lstm(width), looking))


def _seen(sketch: Any) -> tuple[jax.Array, ...]:
    return (sketch.map, sketch.time, sketch.noise)


def _mask(reply: Reply, sketch: Any) -> Reply:
    return reply._replace(logits=jnp.where(sketch.allowed, reply.logits, FORBIDDEN))


def _through(layer: Params, inputs: jax.Array) -> jax.Array:
    return inputs @ layer["weights"] + layer["bias"]
