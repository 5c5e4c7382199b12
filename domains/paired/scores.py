"""How promising a level is, from what a student did in it."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from wunderkammer.learners.rollout import Trajectory


def best_returns(seen: Trajectory) -> jax.Array:
    """The most that an episode which ended returned, shape (batch,); 0 where none ended. Returns are not discounted."""

    def step(run: jax.Array, given: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        reward, done = given
        run = run + reward
        return jnp.where(done, 0.0, run), jnp.where(done, run, -jnp.inf)

    _, ended = jax.lax.scan(step, jnp.zeros(seen.reward.shape[1]), (seen.reward, seen.done))
    best = ended.max(axis=0)
    return jnp.where(jnp.isfinite(best), best, 0.0)


def max_monte_carlo(seen: Trajectory, best: jax.Array, own: jax.Array) -> jax.Array:
    """Mean over its own steps of the best return ever had in the level minus the value, shape (batch,); 0 where it has
    none (Jiang et al. 2021)."""
    return _mean(best - seen.value, own)


def positive_value_loss(advantage: jax.Array, own: jax.Array) -> jax.Array:
    """Mean over its own steps of the positive advantages, shape (batch,); advantage, own: (time, batch); 0 where it has
    none (Jiang et al. 2021)."""
    return _mean(jnp.maximum(advantage, 0.0), own)


def turns(done: jax.Array, queue: int) -> jax.Array:
    """Which steps were played in which level of a queue, whose levels take an episode each and over again, (queue,
    time, batch) bool; done: (time, batch)."""
    episode = jnp.cumsum(done, axis=0, dtype=jnp.int32) - done
    return episode[None] % queue == jnp.arange(queue)[:, None, None]


def only(seen: Trajectory, own: jax.Array) -> Trajectory:
    """What was returned in a level's own steps; other episodes return nothing and do not end. own: (time, batch)."""
    return seen._replace(reward=jnp.where(own, seen.reward, 0.0), done=seen.done & own)


def _mean(what: jax.Array, own: jax.Array) -> jax.Array:
    return jnp.where(own, what, 0.0).sum(axis=0) / own.sum(axis=0).clip(1)


def success_rates(seen: Trajectory) -> jax.Array:
    """Share of the ended episodes that returned anything, shape (batch,); 0 where none ended."""

    def step(run: jax.Array, given: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        reward, done = given
        run = run + reward
        return jnp.where(done, 0.0, run), done & (run > 0)

    _, solved = jax.lax.scan(step, jnp.zeros(seen.reward.shape[1]), (seen.reward, seen.done))
    return solved.sum(axis=0) / seen.done.sum(axis=0).clip(1)


def learnability(rate: jax.Array) -> jax.Array:
    """p (1 - p): 0 for what always or never succeeds (Rutherford et al. 2024)."""
    return rate * (1 - rate)
