"""Generalised advantage estimation (Schulman et al. 2016), with episodes that end by time alone."""

from __future__ import annotations

import jax
import jax.numpy as jnp


def advantages(
    rewards: jax.Array,
    values: jax.Array,
    dones: jax.Array,
    bootstraps: jax.Array,
    last_value: jax.Array,
    discount: float,
    trace: float,
) -> jax.Array:
    """Advantages of shape (time, batch).

    Args:
        rewards, values: (time, batch); the values are of the observations that were acted on.
        dones: (time, batch) bool; an episode ended with this step, and what follows belongs to the next.
        bootstraps: (time, batch); the value of what an episode that ended by time alone would have seen next, else 0.
        last_value: (batch,); of the observation after the last step, where its episode goes on.
        discount: γ.
        trace: λ.
    """
    following = jnp.concatenate([values[1:], last_value[None]])
    errors = rewards + discount * jnp.where(dones, bootstraps, following) - values

    def earlier(later: jax.Array, given: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        error, done = given
        now = error + discount * trace * jnp.where(done, 0.0, later)
        return now, now

    return jax.lax.scan(earlier, jnp.zeros_like(last_value), (errors, dones), reverse=True)[1]
