"""Layers over vectors: what acts and what values where the observation is the state."""

from __future__ import annotations

from collections.abc import Sequence

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params, scaled
from wunderkammer.worlds.world import Key


def init(key: Key, sizes: Sequence[int], last: float = 1.0) -> Params:
    """Weights of layers from the first size to the last. last: the gain of the last layer."""
    keys = jax.random.split(key, len(sizes) - 1)
    gains = [2.0**0.5] * (len(sizes) - 2) + [last]
    return [
        {"weights": scaled(own, (entering, leaving), gain), "bias": jnp.zeros(leaving)}
        for own, entering, leaving, gain in zip(keys, sizes, sizes[1:], gains, strict=False)
    ]


def apply(params: Params, inputs: jax.Array) -> jax.Array:
    """(..., first size) to (..., last size), relu between layers."""
    for layer in params[:-1]:
        inputs = jax.nn.relu(inputs @ layer["weights"] + layer["bias"])
    return inputs @ params[-1]["weights"] + params[-1]["bias"]


def twins(key: Key, observations: int, actions: int, hidden: Sequence[int]) -> Params:
    """Two critics of observation and action, side by side: what each would overrate, the lower of them does not."""
    return jax.vmap(lambda own: init(own, (observations + actions, *hidden, 1)))(jax.random.split(key))


def values(params: Params, observation: jax.Array, action: jax.Array) -> jax.Array:
    """(2, ...): what both critics say."""
    inputs = jnp.concatenate([observation, action], -1)
    return jax.vmap(apply, (0, None))(params, inputs)[..., 0]


def nearer(target: Params, params: Params, pace: float) -> Params:
    """The target after one step of that share towards the weights."""
    return jax.tree.map(lambda old, new: old + pace * (new - old), target, params)
