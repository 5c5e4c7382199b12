"""Soft actor-critic (Haarnoja et al. 2018) with a temperature that is learned, and its replay kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp
import optax

from wunderkammer.learners import perceptron
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.experience import Transitions
from wunderkammer.worlds.control import Control
from wunderkammer.worlds.world import Key

LEAST, MOST = -5.0, 2.0
"""Bounds of the logarithm of the policy's deviation before it is squashed."""


class Learned(NamedTuple):
    """A policy and its critics in training."""

    actor: Params
    critics: Params
    target: Params
    heat: jax.Array
    """() logarithm of the temperature."""
    optimisers: tuple[optax.OptState, optax.OptState, optax.OptState]


class Playing(NamedTuple):
    """An episode under way, all that was seen before, and who plays."""

    learned: Learned
    replay: Transitions
    """Room for all steps; rows from `step` on are empty."""
    state: jax.Array
    time: jax.Array
    """() int32: steps of this episode."""
    step: jax.Array
    """() int32: steps of all."""
    returned: jax.Array
    """() what this episode returned so far."""


@dataclass(frozen=True)
class Sac:
    """Settings; an instance is the learner."""

    hidden: tuple[int, ...] = (256, 256)
    rate: float = 3e-4
    discount: float = 0.99
    pace: float = 0.005
    """Of the target critics, per update."""
    batch: int = 256
    updates: int = 1
    """Gradient steps for each step in the world (UTD)."""
    first: int = 1000
    """Steps with random actions, from which nothing is learned yet."""

    def start(self, key: Key, world: Control, room: int) -> Playing:
        """Nothing was learned; `room` steps can be kept."""
        to_actor, to_critics, to_state = jax.random.split(key, 3)
        actor = perceptron.init(to_actor, (world.observations, *self.hidden, 2 * world.actions), 0.01)
        critics = perceptron.twins(to_critics, world.observations, world.actions, self.hidden)
        heat = jnp.zeros(())
        states = (self._adam.init(actor), self._adam.init(critics), self._adam.init(heat))
        seen, done = jnp.zeros((room, world.observations)), jnp.zeros((room, world.actions))
        replay = Transitions(seen, done, jnp.zeros(room), seen, jnp.zeros(room))
        learned = Learned(actor, critics, critics, heat, states)
        return Playing(learned, replay, world.reset(to_state), jnp.int32(0), jnp.int32(0), jnp.float32(0))

    def play(self, key: Key, world: Control, at: Playing, made: Transitions | None = None) -> tuple[Playing, jax.Array]:
        """One step in the world, and the updates that follow it; with the return of the episode that it ended, else
        NaN. made: rows that half of each batch is drawn from."""
        to_action, to_chance, to_learn, to_state = jax.random.split(key, 4)
        seen = world.observe(at.state)
        chance = jax.random.uniform(to_chance, (world.actions,), minval=-1.0, maxval=1.0)
        action = jnp.where(at.step < self.first, chance, _drawn(at.learned.actor, to_action, seen)[0])
        found = world.step(at.state, action)
        row = (seen, action, found.reward, found.observation, found.terminal.astype(jnp.float32))
        replay = Transitions(*(room.at[at.step].set(one) for room, one in zip(at.replay, row, strict=True)))
        learned = jax.lax.cond(
            at.step + 1 >= self.first,
            lambda: self._learn(to_learn, at.learned, replay, at.step + 1, made),
            lambda: at.learned,
        )
        time, returned = at.time + 1, at.returned + found.reward
        over = found.terminal | (time >= world.horizon)
        state = jnp.where(over, world.reset(to_state), found.state)
        told = jnp.where(over, returned, jnp.nan)
        fresh = jnp.where(over, 0, time), jnp.where(over, 0.0, returned)
        return Playing(learned, replay, state, fresh[0], at.step + 1, fresh[1]), told

    def _learn(
        self, key: Key, learned: Learned, replay: Transitions, count: jax.Array, made: Transitions | None
    ) -> Learned:
        def once(learned: Learned, own: Key) -> tuple[Learned, None]:
            to_rows, to_update = jax.random.split(own)
            if made is None:
                return self.update(to_update, learned, _rows(to_rows, replay, self.batch, count)), None
            to_real, to_made = jax.random.split(to_rows)
            half = self.batch // 2
            parts = _rows(to_real, replay, self.batch - half, count), _rows(to_made, made, half, made.reward.shape[0])
            return self.update(to_update, learned, jax.tree.map(lambda *both: jnp.concatenate(both), *parts)), None

        return jax.lax.scan(once, learned, jax.random.split(key, self.updates))[0]

    def update(self, key: Key, learned: Learned, rows: Transitions) -> Learned:
        """One gradient step of the critics, of the policy and of the temperature."""
        to_next, to_action = jax.random.split(key)
        warmth = jnp.exp(learned.heat)
        action, likely = _drawn(learned.actor, to_next, rows.after)
        later = perceptron.values(learned.target, rows.after, action).min(0) - warmth * likely
        target = rows.reward + self.discount * (1 - rows.terminal) * later

        def missed(critics: Params) -> jax.Array:
            return ((perceptron.values(critics, rows.observation, rows.action) - target) ** 2).mean(-1).sum()

        critics, of_critics = self._step(jax.grad(missed)(learned.critics), learned.optimisers[1], learned.critics)

        def regretted(actor: Params) -> tuple[jax.Array, jax.Array]:
            action, likely = _drawn(actor, to_action, rows.observation)
            worth = perceptron.values(critics, rows.observation, action).min(0)
            return (warmth * likely - worth).mean(), likely.mean()

        gradient, likely_now = jax.grad(regretted, has_aux=True)(learned.actor)
        actor, of_actor = self._step(gradient, learned.optimisers[0], learned.actor)
        wanted = -float(rows.action.shape[-1])
        heat, of_heat = self._step(-(likely_now + wanted), learned.optimisers[2], learned.heat)
        target_critics = perceptron.nearer(learned.target, critics, self.pace)
        return Learned(actor, critics, target_critics, heat, (of_actor, of_critics, of_heat))

    def _step(self, gradient: Params, state: optax.OptState, params: Params) -> tuple[Params, optax.OptState]:
        change, state = self._adam.update(gradient, state)
        return optax.apply_updates(params, change), state

    @property
    def _adam(self) -> optax.GradientTransformation:
        return optax.adam(self.rate)


def _rows(key: Key, kept: Transitions, many: int, count: jax.Array | int) -> Transitions:
    """So many of the first `count`."""
    rows = jax.random.randint(key, (many,), 0, count)
    return Transitions(*(column[rows] for column in kept))


def act(actor: Params, observation: jax.Array) -> jax.Array:
    """The middle of the policy, squashed: what it does when nothing is to be tried."""
    middle, _ = jnp.split(perceptron.apply(actor, observation), 2, -1)
    return jnp.tanh(middle)


def _drawn(actor: Params, key: Key, observation: jax.Array) -> tuple[jax.Array, jax.Array]:
    """An action of the policy and its log-density."""
    middle, spread = jnp.split(perceptron.apply(actor, observation), 2, -1)
    spread = LEAST + 0.5 * (MOST - LEAST) * (jnp.tanh(spread) + 1)
    noise = jax.random.normal(key, middle.shape)
    raw = middle + jnp.exp(spread) * noise
    density = -0.5 * noise**2 - spread - 0.5 * jnp.log(2 * jnp.pi)
    squashed = 2 * (jnp.log(2.0) - raw - jax.nn.softplus(-2 * raw))  # log of tanh's slope, without its cancellation
    return jnp.tanh(raw), (density - squashed).sum(-1)
