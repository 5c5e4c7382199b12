"""A critic in a table: advantages of a stretch, and values that learn from it."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.learners import gae
from wunderkammer.learners.lpg.tabular import Stretch


@dataclass(frozen=True)
class Critic:
    """Values move towards the returns that were seen."""

    pace: float = 0.5
    """How far, on the mean of what a state's visits say."""
    discount: float = 0.99
    trace: float = 0.95

    def advantages(self, values: jax.Array, stretch: Stretch) -> jax.Array:
        """(time, workers). values: (states,); what is beyond an end by time alone has its value."""
        bootstraps = jnp.where(stretch.truncated, values[stretch.following], 0.0)
        last = values[stretch.following[-1]]
        return gae.advantages(
            stretch.reward, values[stretch.seen], stretch.done, bootstraps, last, self.discount, self.trace
        )

    def learn(self, values: jax.Array, stretch: Stretch, advantages: jax.Array) -> jax.Array:
        """(states,): those that were visited move by `pace` times the mean of their advantages."""
        visits = jnp.zeros_like(values).at[stretch.seen].add(1.0)
        errors = jnp.zeros_like(values).at[stretch.seen].add(advantages)
        return values + self.pace * errors / visits.clip(1.0)
