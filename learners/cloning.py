"""Behavioural cloning between two students: whoever is behind is drawn to the policy of the one ahead.

Source: Mediratta et al. 2023, "Stabilizing Unsupervised Environment Design with a Learned Adversary".
"""

from __future__ import annotations

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network, Reply
from wunderkammer.learners.ppo import Batch, Figures, Term
from wunderkammer.learners.rollout import Trajectory


def divergence(target: jax.Array, logits: jax.Array) -> jax.Array:
    """KL(target ‖ logits) of categorical distributions, both given by logits (..., actions); shape (...)."""
    wanted = jax.nn.log_softmax(target)
    return (jnp.exp(wanted) * (wanted - jax.nn.log_softmax(logits))).sum(-1)


def towards(network: Network, weight: jax.Array | float) -> Term:
    """A term for `Ppo.update`: weight times the mean KL(policy ahead ‖ policy behind) on the former's trajectories.

    `Batch.guide` holds what the student ahead saw and thought, a `Trajectory` whose first step begins episodes. Its
    logits are constants, so nothing moves but the student that is being updated. weight: may be traced; where it is 0
    nothing is computed.
    """

    def term(params: Params, _: Reply, batch: Batch) -> tuple[jax.Array, Figures]:
        ahead: Trajectory = batch.guide

        def apart() -> jax.Array:
            carry = network.empty(ahead.reset.shape[1])
            own = network.unroll(params, carry, ahead.observation, ahead.reset)
            return divergence(jax.lax.stop_gradient(ahead.logits), own.logits).mean()

        found = jax.lax.cond(jnp.asarray(weight) > 0, apart, lambda: jnp.float32(0))
        return weight * found, {"apart": found}

    return term
