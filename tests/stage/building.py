"""A teacher's rollout on a small field, for tests of what learns from it."""

from __future__ import annotations

from functools import partial

import jax
import jax.numpy as jnp

from wunderkammer.learners.rollout import Trajectory, begin, rollout
from wunderkammer.worlds.maze.building import Building

FIELD = Building(height=3, width=4, walls=3, noise=2)
BATCH = 8


def sketch():
    """One observation, without a batch axis."""
    return FIELD.reset_to_level(jax.random.key(0), FIELD.ground())[1]


@partial(jax.jit, static_argnums=(0, 3))
def builds(network, params, key, batch: int = BATCH) -> tuple[Trajectory, jax.Array]:
    """Whole episodes, and the value after them."""
    grounds = jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (batch, *leaf.shape)), FIELD.ground())
    to_begin, to_play = jax.random.split(key)
    running = begin(FIELD, network, to_begin, grounds)
    levels = jax.tree.map(lambda leaf: leaf[None], grounds)
    _, seen, last = rollout(FIELD, network, params, to_play, running, levels, FIELD.horizon)
    return seen, last
