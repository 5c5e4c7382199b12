"""Learning to act from transitions alone: TD3+BC (Fujimoto and Gu 2021) and IQL (Kostrikov et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple, Protocol

import jax
import jax.numpy as jnp
import optax

from wunderkammer.learners import perceptron
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.experience import Transitions
from wunderkammer.worlds.world import Key


class Studied(NamedTuple):
    """What an offline learner has come to."""

    actor: Params
    critics: Params
    other: Params
    """Target actor (TD3+BC), or the value of states (IQL)."""
    target: Params
    """Of the critics."""
    optimisers: tuple[optax.OptState, optax.OptState, optax.OptState]
    """Of actor, critics and `other`."""
    turn: jax.Array
    """() int32: updates made."""


class Offline(Protocol):
    """A learner of transitions whose observations are standardised and whose actions are in [-1, 1]."""

    @property
    def batch(self) -> int:
        """Rows of an update."""
        ...

    def start(self, key: Key, observations: int, actions: int) -> Studied:
        """Nothing was learned."""
        ...

    def update(self, key: Key, at: Studied, rows: Transitions) -> Studied:
        """One gradient step on rows."""
        ...


@dataclass(frozen=True)
class Td3Bc:
    """TD3 whose policy is also held to the actions of the data."""

    hidden: tuple[int, ...] = (256, 256)
    rate: float = 3e-4
    discount: float = 0.99
    pace: float = 0.005
    batch: int = 256
    noise: float = 0.2
    """Deviation of the noise on the target's actions."""
    most_noise: float = 0.5
    delay: int = 2
    """Updates of the critics for each of the policy."""
    alpha: float = 2.5
    """Weight of the value against the cloning, in units of the mean value."""

    def start(self, key: Key, observations: int, actions: int) -> Studied:
        """Nothing was learned."""
        to_actor, to_critics = jax.random.split(key)
        actor = perceptron.init(to_actor, (observations, *self.hidden, actions), 0.01)
        critics = perceptron.twins(to_critics, observations, actions, self.hidden)
        adam = optax.adam(self.rate)
        states = (adam.init(actor), adam.init(critics), optax.EmptyState())
        return Studied(actor, critics, actor, critics, states, jnp.int32(0))

    def update(self, key: Key, at: Studied, rows: Transitions) -> Studied:
        """The critics, and every so often the policy and all targets."""
        noise = jnp.clip(self.noise * jax.random.normal(key, rows.action.shape), -self.most_noise, self.most_noise)
        then = jnp.clip(act(at.other, rows.after) + noise, -1.0, 1.0)
        later = perceptron.values(at.target, rows.after, then).min(0)
        critics, of_critics = _critics(self, at, rows, rows.reward + self.discount * (1 - rows.terminal) * later)

        def regretted(actor: Params) -> jax.Array:
            action = act(actor, rows.observation)
            worth = perceptron.values(critics, rows.observation, action)[0]
            weight = self.alpha / jax.lax.stop_gradient(jnp.abs(worth).mean())
            return -weight * worth.mean() + ((action - rows.action) ** 2).mean()

        def taught() -> Studied:
            actor, of_actor = _step(self.rate, jax.grad(regretted)(at.actor), at.optimisers[0], at.actor)
            other = perceptron.nearer(at.other, actor, self.pace)
            target = perceptron.nearer(at.target, critics, self.pace)
            return Studied(actor, critics, other, target, (of_actor, of_critics, at.optimisers[2]), at.turn + 1)

        def left() -> Studied:
            states = (at.optimisers[0], of_critics, at.optimisers[2])
            return at._replace(critics=critics, optimisers=states, turn=at.turn + 1)

        return jax.lax.cond(at.turn % self.delay == 0, taught, left)


@dataclass(frozen=True)
class Iql:
    """Implicit Q-learning: the value of a state is a high expectile over the data's actions, and the policy clones
    those that are better than it. No action that is not in the data is ever valued."""

    hidden: tuple[int, ...] = (256, 256)
    rate: float = 3e-4
    discount: float = 0.99
    pace: float = 0.005
    batch: int = 256
    expectile: float = 0.7
    keenness: float = 3.0
    """Inverse temperature of the weights that clone."""
    most: float = 100.0
    """The largest of these weights."""

    def start(self, key: Key, observations: int, actions: int) -> Studied:
        """Nothing was learned."""
        to_actor, to_critics, to_value = jax.random.split(key, 3)
        actor = perceptron.init(to_actor, (observations, *self.hidden, actions), 0.01)
        critics = perceptron.twins(to_critics, observations, actions, self.hidden)
        value = perceptron.init(to_value, (observations, *self.hidden, 1))
        adam = optax.adam(self.rate)
        return Studied(
            actor, critics, value, critics, (adam.init(actor), adam.init(critics), adam.init(value)), jnp.int32(0)
        )

    def update(self, key: Key, at: Studied, rows: Transitions) -> Studied:
        """Value, policy, critics; nothing in it is random."""
        worth = perceptron.values(at.target, rows.observation, rows.action).min(0)

        def misjudged(value: Params) -> jax.Array:
            over = worth - perceptron.apply(value, rows.observation)[..., 0]
            return (jnp.abs(self.expectile - (over < 0)) * over**2).mean()

        value, of_value = _step(self.rate, jax.grad(misjudged)(at.other), at.optimisers[2], at.other)
        state = partial(perceptron.apply, value)
        weight = jnp.minimum(jnp.exp(self.keenness * (worth - state(rows.observation)[..., 0])), self.most)

        def regretted(actor: Params) -> jax.Array:
            return (weight * ((act(actor, rows.observation) - rows.action) ** 2).sum(-1)).mean()

        actor, of_actor = _step(self.rate, jax.grad(regretted)(at.actor), at.optimisers[0], at.actor)
        later = state(rows.after)[..., 0]
        critics, of_critics = _critics(self, at, rows, rows.reward + self.discount * (1 - rows.terminal) * later)
        target = perceptron.nearer(at.target, critics, self.pace)
        return Studied(actor, critics, value, target, (of_actor, of_critics, of_value), at.turn + 1)


def act(actor: Params, observation: jax.Array) -> jax.Array:
    """What a policy of either learner does."""
    return jnp.tanh(perceptron.apply(actor, observation))


def _critics(own: Td3Bc | Iql, at: Studied, rows: Transitions, target: jax.Array) -> tuple[Params, optax.OptState]:
    def missed(critics: Params) -> jax.Array:
        return ((perceptron.values(critics, rows.observation, rows.action) - target) ** 2).mean(-1).sum()

    return _step(own.rate, jax.grad(missed)(at.critics), at.optimisers[1], at.critics)


def _step(rate: float, gradient: Params, state: optax.OptState, params: Params) -> tuple[Params, optax.OptState]:
    change, state = optax.adam(rate).update(gradient, state)
    return optax.apply_updates(params, change), state
