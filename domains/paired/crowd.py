"""Programs over as many levels as come: few shapes, few compilations."""

from __future__ import annotations

from typing import Any

import jax
import jax.numpy as jnp

LEAST = 8
"""Levels are played in batches of this size, or twice, four times, … it."""


def in_batches(program: Any, params: Any, keys: Any, levels: Any) -> Any:
    """What a program says of each level, on the host; levels are filled up with copies of the first.

    program: of weights, keys (count,) and levels stacked along a first axis.
    """
    count = keys.shape[0]
    size = LEAST
    while size < count:
        size *= 2
    places = jnp.where(jnp.arange(size) < count, jnp.arange(size), 0)
    filled = jax.tree.map(lambda leaf: leaf[places], (keys, levels))
    return jax.device_get(program(params, *filled))
