"""A world that needs memory: a sign is shown at first, and the action at the end has to be the sign's."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.world import Key, Step


class Standing(NamedTuple):
    """An episode under way."""

    sign: jax.Array
    time: jax.Array


@dataclass(frozen=True)
class Recall:
    """Levels are signs, () int32 in [0, 2). Reward 1 at the end for the sign's action; nothing else matters.

    patient: the episode ends by time alone, `truncated`, instead of by the answer.
    """

    horizon: int = 5
    patient: bool = False
    actions: int = 2

    def reset_to_level(self, key: Key, level: jax.Array) -> tuple[Standing, jax.Array]:
        state = Standing(level, jnp.int32(0))
        return state, self.observe(state)

    def step(self, key: Key, state: Standing, action: jax.Array) -> Step[Standing]:
        state = Standing(state.sign, state.time + 1)
        done = state.time >= self.horizon
        reward = (done & (action == state.sign)).astype(jnp.float32)
        return Step(state, self.observe(state), reward, done, done & self.patient)

    def observe(self, state: Standing) -> jax.Array:
        """(4,) float32: the sign, at first only; the time left."""
        shown = jax.nn.one_hot(state.sign, 2) * (state.time == 0)
        left = jnp.float32(self.horizon - state.time) / self.horizon
        return jnp.concatenate([shown, jnp.stack([left, (state.time == self.horizon - 1).astype(jnp.float32)])])

    def render(self, state: Standing) -> jax.Array:
        return jnp.full((1, 1, 3), state.sign, jnp.uint8)


def signs(key: Key, *shape: int) -> jax.Array:
    """Random levels."""
    return jax.random.bernoulli(key, shape=shape).astype(jnp.int32)
