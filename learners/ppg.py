"""Phasic policy gradient (Cobbe et al. 2021): PPO that learns the value apart, and now and then teaches it the policy.

Policy phase: PPO with a critic that is a network of its own, so that the value's gradient never disturbs the policy.
Auxiliary phase, after every so many of them: the policy network's own value head learns the returns of all stored
rollouts, which shapes its features, while its policy is held where it is; the critic goes on learning them too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from wunderkammer.learners.cloning import divergence
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network, Reply
from wunderkammer.learners.ppo import Batch, Figures, Learning, Ppo
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class Phasic:
    """Two networks of one form: the first acts, the second says what it is worth. The first one's value is the
    auxiliary head, which no policy phase moves."""

    network: Network

    def init(self, key: Key, observation: Any) -> Params:
        """Weights of both."""
        actor, critic = (self.network.init(own, observation) for own in jax.random.split(key))
        return {"actor": actor, "critic": critic}

    def empty(self, *batch: int) -> Any:
        """Of both."""
        return self.network.empty(*batch), self.network.empty(*batch)

    def step(self, params: Params, carry: Any, observation: Any, reset: jax.Array) -> Reply:
        """One step of a batch."""
        actor = self.network.step(params["actor"], carry[0], observation, reset)
        critic = self.network.step(params["critic"], carry[1], observation, reset)
        return Reply((actor.carry, critic.carry), actor.logits, critic.value)

    def unroll(self, params: Params, carry: Any, observations: Any, resets: jax.Array) -> Reply:
        """All steps of a batch."""
        actor, critic = self.both(params, carry, observations, resets)
        return Reply((actor.carry, critic.carry), actor.logits, critic.value)

    def both(self, params: Params, carry: Any, observations: Any, resets: jax.Array) -> tuple[Reply, Reply]:
        """All that actor and critic say, the actor's auxiliary value included."""
        actor = self.network.unroll(params["actor"], carry[0], observations, resets)
        return actor, self.network.unroll(params["critic"], carry[1], observations, resets)


class Stored(NamedTuple):
    """Rollouts kept for the auxiliary phase; all arrays begin with the axes (rollout, time, batch)."""

    observation: Any
    reset: jax.Array
    target: jax.Array


class Phases(NamedTuple):
    """A phasic network in training."""

    learning: Learning
    stored: Stored
    auxiliary: Any
    """The optimiser's state of the auxiliary phase."""
    count: jax.Array
    """() int32: rollouts stored since the last auxiliary phase."""

    @property
    def params(self) -> Params:
        return self.learning.params


@dataclass(frozen=True)
class Ppg:
    """Settings; an instance is the learner. Rollouts must begin with episodes: memories are empty then."""

    ppo: Ppo
    """The policy phase."""
    every: int = 8
    """Policy phases, one rollout each, before an auxiliary one."""
    epochs: int = 6
    """Of the auxiliary phase over all stored rollouts, one gradient step per rollout."""
    hold: float = 1.0
    """Weight of KL(policy before the phase ‖ policy now)."""

    def start(self, network: Phasic, key: Key, observation: Any, steps: int, batch: int) -> Phases:
        """A network that has learned nothing, and room for rollouts of (steps, batch); the observation has no batch
        axis."""
        learning = self.ppo.start(network, key, observation)
        room = (self.every, steps, batch)
        empty = jax.tree.map(lambda leaf: jnp.zeros((*room, *leaf.shape), leaf.dtype), observation)
        stored = Stored(empty, jnp.zeros(room, jnp.bool_), jnp.zeros(room))
        return Phases(learning, stored, self._optimiser().init(learning.params), jnp.int32(0))

    def update(self, network: Phasic, key: Key, phases: Phases, batch: Batch) -> tuple[Phases, Figures]:
        """A policy phase, and an auxiliary one if it is time. Figures: those of `Ppo.update`; `auxiliary` and `drift`,
        the loss of the auxiliary value and the KL after the last epoch, are 0 where there was none."""
        learning, figures = self.ppo.update(network, key, phases.learning, batch)
        fresh = Stored(batch.seen.observation, batch.seen.reset, batch.target)
        stored = jax.tree.map(lambda room, new: room.at[phases.count].set(new), phases.stored, fresh)
        phases = Phases(learning, stored, phases.auxiliary, phases.count + 1)
        phases, said = jax.lax.cond(phases.count == self.every, lambda at: self._teach(network, at), _untaught, phases)
        return phases, figures | said

    def _teach(self, network: Phasic, phases: Phases) -> tuple[Phases, Figures]:
        """The auxiliary phase."""
        optimiser, stored = self._optimiser(), phases.stored
        empty = network.empty(stored.reset.shape[2])

        def before(rollout: Stored) -> jax.Array:
            return network.unroll(phases.params, empty, rollout.observation, rollout.reset).logits

        held = jax.lax.map(before, stored)

        def loss(params: Params, rollout: Stored, held: jax.Array) -> tuple[jax.Array, Figures]:
            actor, critic = network.both(params, empty, rollout.observation, rollout.reset)
            auxiliary = 0.5 * ((actor.value - rollout.target) ** 2).mean()
            value = 0.5 * ((critic.value - rollout.target) ** 2).mean()
            drift = divergence(held, actor.logits).mean()
            return auxiliary + self.hold * drift + value, {"auxiliary": auxiliary, "drift": drift}

        def once(at: tuple[Params, Any], given: tuple[Stored, jax.Array]) -> tuple[tuple[Params, Any], Figures]:
            gradient, said = jax.grad(loss, has_aux=True)(at[0], *given)
            change, state = optimiser.update(gradient, at[1], at[0])
            return (optax.apply_updates(at[0], change), state), said

        def epoch(at: tuple[Params, Any], _: None) -> tuple[tuple[Params, Any], Figures]:
            return jax.lax.scan(once, at, (stored, held))

        (params, state), said = jax.lax.scan(epoch, (phases.params, phases.auxiliary), None, self.epochs)
        learning = phases.learning._replace(params=params)
        return Phases(learning, stored, state, jnp.int32(0)), jax.tree.map(lambda leaf: leaf[-1].mean(), said)

    def _optimiser(self) -> Any:
        return optax.chain(optax.clip_by_global_norm(self.ppo.gradient), optax.adam(self.ppo.rate, eps=1e-5))


def _untaught(phases: Phases) -> tuple[Phases, Figures]:
    return phases, {"auxiliary": jnp.float32(0), "drift": jnp.float32(0)}
