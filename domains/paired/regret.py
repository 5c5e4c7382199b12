"""What a level is worth to the teacher that built it, from what the students did in it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.scores import best_returns
from wunderkammer.learners.rollout import Trajectory


def mean_returns(seen: Trajectory) -> jax.Array:
    """Mean return of the episodes that ended, shape (batch,); 0 where none did. Returns are not discounted."""
    counts = jnp.flip(jax.lax.cummax(jnp.flip(seen.done.astype(jnp.float32), 0), axis=0), 0)
    """1 until the last episode that ended, 0 after: what is still under way is left out."""
    return (seen.reward * counts).sum(0) / seen.done.sum(0).clip(1)


def regret(antagonist: Trajectory, protagonist: Trajectory, clipped: bool) -> jax.Array:
    """The antagonist's best minus the protagonist's mean return in each level, shape (batch,) (Dennis et al. 2020).

    clipped: where the protagonist does better, there is no regret, rather than a negative one.
    """
    found = best_returns(antagonist) - mean_returns(protagonist)
    return jnp.maximum(found, 0.0) if clipped else found
