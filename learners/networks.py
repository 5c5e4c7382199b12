"""Actor and critic over one recurrent memory: what acts in a world that it sees only in part."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import partial
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
from jax.nn.initializers import orthogonal

from wunderkammer.learners import recurrence
from wunderkammer.learners.encoder import Encoder, Params, scaled
from wunderkammer.learners.recurrence import Carry, Cell


class Reply(NamedTuple):
    """What a network says of observations with any batch axes."""

    carry: Carry
    """What it remembers afterwards."""
    logits: jax.Array
    """(..., actions)."""
    value: jax.Array
    """(...)."""


class Network(Protocol):
    """Whatever acts: a few pure functions, whose weights and memory are arguments."""

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Weights for observations of this one's shapes, which has no batch axis; `jax.eval_shape` of one will do."""
        ...

    def empty(self, *batch: int) -> Any:
        """What it remembers at the beginning of an episode: a pytree whose arrays begin with the batch axes."""
        ...

    def step(self, params: Params, carry: Any, observation: Any, reset: jax.Array) -> Reply:
        """One step of a batch. reset: (batch,) bool; the memory is emptied before where an episode begins."""
        ...

    def unroll(self, params: Params, carry: Any, observations: Any, resets: jax.Array) -> Reply:
        """All steps of a batch; observations and resets have time as their first axis, the batch as their second."""
        ...


@dataclass(frozen=True)
class ActorCritic:
    """Encoder, recurrent cell, and a hidden layer of their own for actor and critic.

    With `Lstm(256)` it is the student of JaxUED and minimax: 16 filters of 3 × 3 are the encoder's default.
    """

    actions: int
    cell: Cell
    encoder: Encoder = field(default_factory=Encoder)
    hidden: int = 32

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Weights for observations of this one's shapes, which has no batch axis; `jax.eval_shape` of one will do."""
        to_encoder, to_input, to_memory, to_actor, to_critic = jax.random.split(key, 5)
        encoder = self.encoder.init(to_encoder, observation)
        features = jax.eval_shape(partial(self.encoder, leading=0), encoder, observation).shape[-1]
        width, gates = self.cell.width, self.cell.gates * self.cell.width
        square = jax.vmap(lambda own: orthogonal()(own, (width, width)))(jax.random.split(to_memory, self.cell.gates))
        return {
            "encoder": encoder,
            "input": {"weights": scaled(to_input, (features, gates)), "bias": self.cell.bias()},
            "memory": jnp.moveaxis(square, 0, 1).reshape(width, gates),
            "actor": _head(to_actor, width, self.hidden, self.actions, 0.01),
            "critic": _head(to_critic, width, self.hidden, 1, 1.0),
        }

    def empty(self, *batch: int) -> Carry:
        """What it remembers at the beginning of an episode."""
        return recurrence.empty(self.cell, *batch)

    def step(self, params: Params, carry: Carry, observation: Any, reset: jax.Array) -> Reply:
        """One step of a batch. reset: (batch,) bool; the memory is emptied before where an episode begins."""
        carry = recurrence.forget(carry, reset)
        driven = self._driven(params, observation, reset.ndim)
        carry = self.cell.turn(carry, driven, carry[0] @ params["memory"])
        return self._reply(params, carry, carry[0])

    def unroll(self, params: Params, carry: Carry, observations: Any, resets: jax.Array) -> Reply:
        """All steps of a batch; observations and resets have time as their first axis, the batch as their second."""
        driven = self._driven(params, observations, resets.ndim)
        carry, outputs = recurrence.run(self.cell, params["memory"], carry, driven, resets)
        return self._reply(params, carry, outputs)

    def _driven(self, params: Params, observation: Any, leading: int) -> jax.Array:
        return _dense(params["input"], self.encoder(params["encoder"], observation, leading))

    def _reply(self, params: Params, carry: Carry, outputs: jax.Array) -> Reply:
        return Reply(carry, _say(params["actor"], outputs), _say(params["critic"], outputs)[..., 0])


def _dense(params: Params, inputs: jax.Array) -> jax.Array:
    return inputs @ params["weights"] + params["bias"]


def _head(key: jax.Array, entering: int, hidden: int, leaving: int, scale: float) -> Params:
    """Two layers; the last is small where nothing should be preferred at first."""
    first, second = jax.random.split(key)
    return (
        {"weights": scaled(first, (entering, hidden), 2.0), "bias": jnp.zeros(hidden)},
        {"weights": scaled(second, (hidden, leaving), scale), "bias": jnp.zeros(leaving)},
    )


def _say(params: Params, outputs: jax.Array) -> jax.Array:
    into, out = params
    return _dense(out, jax.nn.relu(_dense(into, outputs)))
