"""Diffusion as Karras et al. 2022 (EDM) set it up: preconditioning, loss, and the stochastic sampler of second order.

Rows are standardised, so that the data's deviation is 1. Equations and tables are numbered as in that paper.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.learners.encoder import Params
from wunderkammer.worlds.world import Key

Net = Callable[[Params, jax.Array, jax.Array], jax.Array]
"""Weights, (n, columns) of scaled rows, (n,) of scaled noise levels; to (n, columns)."""


@dataclass(frozen=True)
class Edm:
    """Settings, with those of Lu et al. 2023 as defaults."""

    deviation: float = 1.0
    """Of the data."""
    least: float = 0.002
    most: float = 80.0
    """Noise levels of the sampler."""
    bend: float = 7.0
    """How much of its steps are at low noise (rho)."""
    mean: float = -1.2
    spread: float = 1.2
    """Of the logarithm of the noise levels that are learned."""
    steps: int = 128
    churn: float = 80.0
    """How much noise is put back in, over all steps."""
    churn_from: float = 0.05
    churn_to: float = 50.0
    """The noise levels between which it is."""
    churned: float = 1.003
    """The deviation of what is put back in."""

    def clean(self, net: Net, params: Params, rows: jax.Array, noise: jax.Array) -> jax.Array:
        """What rows (n, columns) with noise of these deviations (n,) look like without it (equation 7)."""
        both = noise**2 + self.deviation**2
        kept = (self.deviation**2 / both)[:, None]
        added = (noise * self.deviation / jnp.sqrt(both))[:, None]
        return kept * rows + added * net(params, rows / jnp.sqrt(both)[:, None], jnp.log(noise) / 4)

    def loss(self, net: Net, params: Params, key: Key, rows: jax.Array) -> jax.Array:
        """Scalar: the squared error of cleaned rows, weighed so that every noise level counts alike (equation 8)."""
        to_level, to_noise = jax.random.split(key)
        noise = jnp.exp(self.mean + self.spread * jax.random.normal(to_level, (len(rows),)))
        blurred = rows + noise[:, None] * jax.random.normal(to_noise, rows.shape)
        weight = (noise**2 + self.deviation**2) / (noise * self.deviation) ** 2
        return (weight[:, None] * (self.clean(net, params, blurred, noise) - rows) ** 2).mean()

    def levels(self) -> jax.Array:
        """(steps + 1,): noise levels of the sampler, falling to 0 (equation 5)."""
        along = np.linspace(0, 1, self.steps)
        ends = self.most ** (1 / self.bend), self.least ** (1 / self.bend)
        return jnp.asarray(np.append((ends[0] + along * (ends[1] - ends[0])) ** self.bend, 0.0), jnp.float32)

    def sample(self, net: Net, params: Params, key: Key, count: int, columns: int) -> jax.Array:
        """(count, columns): rows made of noise by 2 · steps − 1 evaluations of the network (algorithm 2)."""
        to_start, to_churn = jax.random.split(key)
        levels = self.levels()
        churn = min(self.churn / self.steps, 2**0.5 - 1)

        def slope(rows: jax.Array, level: jax.Array) -> jax.Array:
            return (rows - self.clean(net, params, rows, jnp.full(count, level))) / level

        def once(rows: jax.Array, at: tuple[jax.Array, jax.Array, Key]) -> tuple[jax.Array, None]:
            level, then, own = at
            higher = level * (1 + jnp.where((level >= self.churn_from) & (level <= self.churn_to), churn, 0.0))
            more = jnp.sqrt(jnp.maximum(higher**2 - level**2, 0.0))
            rows = rows + more * self.churned * jax.random.normal(own, rows.shape)
            first = slope(rows, higher)
            euler = rows + (then - higher) * first
            second = jax.lax.cond(then > 0, lambda: slope(euler, jnp.maximum(then, self.least / 2)), lambda: first)
            return rows + (then - higher) * 0.5 * (first + second), None

        start = self.most * jax.random.normal(to_start, (count, columns))
        keys = jax.random.split(to_churn, self.steps)
        return jax.lax.scan(once, start, (levels[:-1], levels[1:], keys))[0]
