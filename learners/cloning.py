"""Behavioural cloning between two students: whoever is behind is drawn to the policy of the one ahead.

Source: Mediratta et al. 2023, "Stabilizing Unsupervised Environment Design with a Learned Adversary".
"""

from __future__ import annotations

from typing import Any, TypeVar

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network, Reply
from wunderkammer.learners.ppo import Batch, Figures, Term
from wunderkammer.learners.rollout import Trajectory

T = TypeVar("T")


def divergence(target: jax.Array, logits: jax.Array) -> jax.Array:
    """KL(target ‖ logits) of categorical distributions, both given by logits (..., actions); shape (...)."""
    wanted = jax.nn.log_softmax(target)
    return (jnp.exp(wanted) * (wanted - jax.nn.log_softmax(logits))).sum(-1)


def towards(network: Network, weight: jax.Array | float) -> Term:
    """A term for `Ppo.update`: weight times the mean KL(policy ahead ‖ policy behind) on the former's trajectories.

    `Batch.guide` holds what the student ahead saw and thought, a `Trajectory` whose first step begins episodes. Its
    logits are constants, so nothing moves but the student that is being updated. weight: 0 where nobody is to be moved;
    may be traced.
    """

    def term(params: Params, _: Reply, batch: Batch) -> tuple[jax.Array, Figures]:
        ahead: Trajectory = batch.guide
        carry = network.empty(ahead.reset.shape[1])
        own = network.unroll(params, carry, ahead.observation, ahead.reset)
        apart = divergence(jax.lax.stop_gradient(ahead.logits), own.logits).mean()
        return weight * apart, {"apart": apart}

    return term


def exchanged(swap: jax.Array, first: T, second: T) -> tuple[T, T]:
    """Two pytrees of one structure in their order, or the other way round where `swap`, () bool, says so."""

    def pick(flag: Any, a: T, b: T) -> T:
        return jax.tree.map(lambda x, y: jnp.where(flag, x, y), a, b)  # type: ignore[no-any-return]

    return pick(swap, second, first), pick(swap, first, second)
