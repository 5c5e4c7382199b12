"""The pendulum of Gymnasium's `Pendulum-v1`: swing it up with a motor too weak to lift it at once, and hold it there.

Same equations, same rewards, same limits; actions are in [-1, 1] here and are multiples of its strongest torque.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import jax
import jax.numpy as jnp

from wunderkammer.worlds.control import Transition
from wunderkammer.worlds.world import Key

GRAVITY, MASS, LENGTH = 10.0, 1.0, 1.0
TORQUE, SPEED, SECONDS = 2.0, 8.0, 0.05
"""The strongest torque, N m; the greatest speed, rad/s; the time of a step."""


@dataclass(frozen=True)
class Pendulum:
    """A state is (angle, speed): the angle in radians from upright, anticlockwise; the speed in radians a second."""

    horizon: int = 200

    observations: ClassVar[int] = 3
    """Cosine and sine of the angle, and the speed."""
    actions: ClassVar[int] = 1
    worst: ClassVar[float] = -1227.0
    """Uniform actions, 100,000 episodes."""
    best: ClassVar[float] = -145.5
    """Two soft actor-critics of width 256 after 30,000 steps, on 256 starts of `examined`: -146.9 and -144.2."""

    def reset(self, key: Key) -> jax.Array:
        """Any angle, up to one radian a second."""
        return jax.random.uniform(key, (2,), minval=-1.0, maxval=1.0) * jnp.array([jnp.pi, 1.0])

    def examined(self, count: int) -> jax.Array:
        """Angles all around, speeds from a low-discrepancy sequence."""
        number = jnp.arange(count) + 0.5
        angles = (number / count * 2 - 1) * jnp.pi
        speeds = (number * 0.6180339887498949 % 1) * 2 - 1
        return jnp.stack([angles, speeds], -1)

    def step(self, state: jax.Array, action: jax.Array) -> Transition:
        """Semi-implicit Euler; the cost is that of the state before, and of the torque."""
        angle, speed = state
        torque = TORQUE * jnp.clip(action[0], -1.0, 1.0)
        off = (angle + jnp.pi) % (2 * jnp.pi) - jnp.pi
        cost = off**2 + 0.1 * speed**2 + 0.001 * torque**2
        pull = 1.5 * GRAVITY / LENGTH * jnp.sin(angle) + 3.0 / (MASS * LENGTH**2) * torque
        speed = jnp.clip(speed + pull * SECONDS, -SPEED, SPEED)
        after = jnp.stack([angle + speed * SECONDS, speed])
        return Transition(after, self.observe(after), -cost, jnp.bool_(False))

    def observe(self, state: jax.Array) -> jax.Array:
        """Cosine, sine, speed."""
        return jnp.stack([jnp.cos(state[0]), jnp.sin(state[0]), state[1]])

    def restore(self, observation: jax.Array) -> jax.Array:
        """The direction that cosine and sine point to, and a speed within the limits."""
        angle = jnp.arctan2(observation[1], observation[0])
        return jnp.stack([angle, jnp.clip(observation[2], -SPEED, SPEED)])
