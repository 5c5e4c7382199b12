"""A small network as a policy: the same weights for every player of the side, no memory."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football.actions import ACTIONS
from wunderkammer.worlds.world import Key

Layers = Any
"""A list of {"weights": (entering, leaving), "bias": (leaving,)}."""


def logits(layers: Layers, observation: jax.Array) -> jax.Array:
    """(..., actions) of (..., features); relu between the layers."""
    out = observation
    for at, layer in enumerate(layers):
        out = out @ layer["weights"] + layer["bias"]
        out = jax.nn.relu(out) if at < len(layers) - 1 else out
    return out


def play(layers: Layers, key: Key, observation: jax.Array, memory: Any) -> tuple[jax.Array, Any]:
    """One action for each player, drawn from the policy."""
    return draw(logits(layers, observation), jax.random.uniform(key, observation.shape[:1])), memory


def draw(preferences: jax.Array, luck: jax.Array) -> jax.Array:
    """int32 actions by the logits (..., actions), one uniform number each: cheaper than one for each action."""
    chances = jnp.exp(preferences - preferences.max(axis=-1, keepdims=True))
    upto = chances @ jnp.triu(jnp.ones((ACTIONS, ACTIONS), jnp.float32))
    # NaN compares as False with everything; it must not look like the first action.
    none = jnp.isnan(upto[..., -1])
    chosen = (upto < luck[..., None] * upto[..., -1:]).sum(axis=-1).astype(jnp.int32)
    return jnp.where(none, -1, jnp.minimum(chosen, ACTIONS - 1))
