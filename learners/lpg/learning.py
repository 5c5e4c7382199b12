"""How tabular agents learn: as an optimiser tells them, or by advantage actor-critic."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.lpg.critic import Critic
from wunderkammer.learners.lpg.optimiser import Lesson, Optimiser, Targets
from wunderkammer.learners.lpg.tabular import Agent, Stretch


class Taught(NamedTuple):
    """Figures of an update by an optimiser, scalars; what the meta-objective regularises."""

    entropy: jax.Array
    """Of the policy where it acted, after the update, nats."""
    foresight: jax.Array
    """Entropy of y there, nats."""
    push: jax.Array
    """Mean square of π̂."""
    foresee: jax.Array
    """Mean square of ŷ."""


@dataclass(frozen=True)
class Lpg:
    """An update as Oh et al. 2020 have it, equation 2: along π̂ ∇ log π, and y towards ŷ."""

    optimiser: Optimiser = field(default_factory=Optimiser)
    rate: float = 40.0
    """Step size of the policy's gradient, a mean over the stretch."""
    foreseeing: float = 4.0
    """The same of the predictions'."""
    weight: float = 0.5
    """Of the divergence of y from ŷ."""

    def update(self, params: Params, agent: Agent, stretch: Stretch) -> tuple[Agent, Taught]:
        """The agent after a stretch. Gradients go through to the optimiser's weights, and to the agent before."""
        targets = self.targets(params, agent, stretch)
        return self.follow(agent, stretch, targets)

    def targets(self, params: Params, agent: Agent, stretch: Stretch) -> Targets:
        """What the optimiser says of the stretch."""
        chances = jax.nn.softmax(agent.logits[stretch.seen])
        chance = jnp.take_along_axis(chances, stretch.action[..., None], -1)[..., 0]
        foreseen, following = (jax.nn.softmax(agent.predictions[at]) for at in (stretch.seen, stretch.following))
        return self.optimiser(params, Lesson(stretch.reward, stretch.done, chance, foreseen, following))

    def follow(self, agent: Agent, stretch: Stretch, targets: Targets) -> tuple[Agent, Taught]:
        """The agent after one step down its loss, −π̂ log π + `weight` KL(y ‖ ŷ), a mean over the stretch, in which
        targets are constants."""
        seen = stretch.seen

        def loss(rows: tuple[jax.Array, jax.Array]) -> jax.Array:
            logits, foreseen = (jax.nn.log_softmax(part) for part in rows)
            chosen = jnp.take_along_axis(logits, stretch.action[..., None], -1)[..., 0]
            apart = (jnp.exp(foreseen) * (foreseen - jnp.log(targets.foresee + 1e-8))).sum(-1)
            return (-targets.push * chosen + self.weight * apart).mean()

        to_logits, to_predictions = jax.grad(loss)((agent.logits[seen], agent.predictions[seen]))
        logits = agent.logits.at[seen].add(-self.rate * to_logits)
        predictions = agent.predictions.at[seen].add(-self.foreseeing * to_predictions)
        after = agent._replace(logits=logits, predictions=predictions)
        squares = jnp.square(targets.push).mean(), jnp.square(targets.foresee).mean()
        return after, Taught(entropy(logits[seen]), entropy(predictions[seen]), *squares)


@dataclass(frozen=True)
class ActorCritic:
    """Advantage actor-critic (Mnih et al. 2016) in tables, actor and critic both learning."""

    critic: Critic = field(default_factory=Critic)
    rate: float = 40.0
    """Step size of the policy's gradient, a mean over the stretch."""
    exploring: float = 0.01
    """Weight of the policy's entropy."""

    def update(self, agent: Agent, stretch: Stretch) -> Agent:
        """The agent after a stretch."""
        advantages = self.critic.advantages(agent.values, stretch)

        def loss(rows: jax.Array) -> jax.Array:
            chosen = jnp.take_along_axis(jax.nn.log_softmax(rows), stretch.action[..., None], -1)[..., 0]
            return -(advantages * chosen).mean() - self.exploring * entropy(rows)

        step = self.rate * jax.grad(loss)(agent.logits[stretch.seen])
        logits = agent.logits.at[stretch.seen].add(-step)
        return agent._replace(logits=logits, values=self.critic.learn(agent.values, stretch, advantages))


def entropy(logits: jax.Array) -> jax.Array:
    """Mean over all rows, nats; 0 where a row has no choices."""
    if not logits.shape[-1]:
        return jnp.float32(0)
    likely = jax.nn.log_softmax(logits)
    return -(jnp.exp(likely) * likely).sum(-1).mean()
