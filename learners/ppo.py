"""Proximal policy optimisation (Schulman et al. 2017) of a recurrent actor-critic, whole trajectories at a time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import optax

from wunderkammer.learners import gae
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network, Reply
from wunderkammer.learners.recurrence import Carry
from wunderkammer.learners.rollout import Trajectory, log_probabilities
from wunderkammer.worlds.world import Key

Figures: TypeAlias = dict[str, jax.Array]
"""Scalars by name."""


class Batch(NamedTuple):
    """What is learned from; everything but `carry` begins with the axes (time, batch)."""

    carry: Carry
    """What the network remembered before the first step, (batch, width)."""
    seen: Trajectory
    advantage: jax.Array
    target: jax.Array
    """Of the value."""
    guide: Any = ()
    """What a further term of the loss wants to know of each step, for example another policy's logits."""


class Learning(NamedTuple):
    """A network in training."""

    params: Params
    optimiser: Any


Term: TypeAlias = Callable[[Params, Reply, Batch], tuple[jax.Array, Figures]]
"""A further term of the loss, weight included, and what to say of it: from the weights, what they say of the batch, and
the batch."""


@dataclass(frozen=True)
class Ppo:
    """Settings, with the student's of PAIRED and its successors as defaults; an instance is the learner."""

    rate: float = 1e-4
    anneal: int = 0
    """The rate falls to 0 over so many updates; 0: it does not."""
    discount: float = 0.995
    trace: float = 0.98
    clip: float = 0.2
    epochs: int = 5
    minibatches: int = 1
    """Parts of the batch, each of whole trajectories; it must be divisible."""
    value: float = 0.5
    entropy: float = 1e-3
    gradient: float = 0.5
    """The gradient's norm is at most this."""

    def start(self, network: Network, key: Key, observation: Any) -> Learning:
        """A network that has learned nothing; the observation has no batch axis."""
        params = network.init(key, observation)
        return Learning(params, self._optimiser().init(params))

    def batch(self, carry: Carry, seen: Trajectory, last_value: jax.Array, guide: Any = ()) -> Batch:
        """A rollout with its advantages; carry: before its first step."""
        found = gae.advantages(
            seen.reward, seen.value, seen.done, seen.bootstrap, last_value, self.discount, self.trace
        )
        return Batch(carry, seen, found, found + seen.value, guide)

    def update(
        self, network: Network, key: Key, learning: Learning, batch: Batch, also: Term | None = None
    ) -> tuple[Learning, Figures]:
        """Learn from a batch for `epochs`; figures are means over epochs and minibatches."""
        optimiser = self._optimiser()
        slope = jax.grad(lambda params, part: self._loss(network, params, part, also), has_aux=True)

        def once(learning: Learning, part: Batch) -> tuple[Learning, Figures]:
            gradient, figures = slope(learning.params, part)
            change, state = optimiser.update(gradient, learning.optimiser, learning.params)
            figures["gradient"] = optax.tree.norm(gradient)
            return Learning(optax.apply_updates(learning.params, change), state), figures

        def epoch(learning: Learning, key: Key) -> tuple[Learning, Figures]:
            if self.minibatches == 1:
                return once(learning, batch)
            return jax.lax.scan(once, learning, self._parts(key, batch))

        learning, figures = jax.lax.scan(epoch, learning, jax.random.split(key, self.epochs))
        return learning, jax.tree.map(jnp.mean, figures)

    def _optimiser(self) -> Any:
        steps = self.anneal * self.epochs * self.minibatches
        rate = optax.linear_schedule(self.rate, 0.0, steps) if steps else self.rate
        return optax.chain(optax.clip_by_global_norm(self.gradient), optax.adam(rate, eps=1e-5))

    def _parts(self, key: Key, batch: Batch) -> Batch:
        """The batch in minibatches along a new first axis, trajectories shuffled."""
        count = batch.advantage.shape[1]
        order = jax.random.permutation(key, count).reshape(self.minibatches, -1)

        def part(own: jax.Array) -> Batch:
            rest = jax.tree.map(lambda leaf: leaf[:, own], batch._replace(carry=()))
            return rest._replace(carry=jax.tree.map(lambda leaf: leaf[own], batch.carry))

        return jax.vmap(part)(order)

    def _loss(self, network: Network, params: Params, batch: Batch, also: Term | None) -> tuple[jax.Array, Figures]:
        seen = batch.seen
        reply = network.unroll(params, batch.carry, seen.observation, seen.reset)
        change = log_probabilities(reply.logits, seen.action) - seen.log_probability
        ratio = jnp.exp(change)
        advantage = (batch.advantage - batch.advantage.mean()) / (batch.advantage.std() + 1e-5)
        clipped = jnp.clip(ratio, 1 - self.clip, 1 + self.clip)
        policy = -jnp.minimum(ratio * advantage, clipped * advantage).mean()
        near = seen.value + jnp.clip(reply.value - seen.value, -self.clip, self.clip)
        errors = jnp.maximum((reply.value - batch.target) ** 2, (near - batch.target) ** 2)
        value = 0.5 * errors.mean()
        surprise = jax.nn.log_softmax(reply.logits)
        entropy = -(jnp.exp(surprise) * surprise).sum(-1).mean()
        figures = {
            "policy": policy,
            "value": value,
            "entropy": entropy,
            "kl": (ratio - 1 - change).mean(),
            "clipped": (jnp.abs(ratio - 1) > self.clip).mean(),
        }
        loss = policy + self.value * value - self.entropy * entropy
        if also is not None:
            term, said = also(params, reply, batch)
            loss, figures = loss + term, figures | said
        return loss, figures
