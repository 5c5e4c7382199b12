"""A driver without learning: it steers for a point of the road ahead, and brakes for bends (pure pursuit)."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.worlds.car import physics
from wunderkammer.worlds.car.physics import Controls
from wunderkammer.worlds.car.world import PEDALS, STEERS, WAY, Sight


@dataclass(frozen=True)
class Pursuit:
    """Drives by what `CarRacing(sight="way")` shows; pure, for any batch axes in front."""

    boldness: float | jax.Array = 0.5
    """Share of the tyres' grip that it dares to use in bends, in (0, 1]."""
    fastest: float = 60.0
    """m/s on a straight."""

    def controls(self, sight: Sight) -> Controls:
        """Where wheel and pedals should be."""
        ahead, left = (10 * part for part in jnp.split(sight.view, 2, axis=-1))
        speed, wheel = 50 * sight.gauges[..., 0], self.wheel(ahead, left, 50 * sight.gauges[..., 0])
        limit = self.limit(ahead, left)
        return Controls(-wheel / physics.LOCK, (speed < 0.95 * limit) * PEDALS[1][0], (speed > limit) * PEDALS[2][1])

    def action(self, sight: Sight, repeat: int) -> jax.Array:
        """(...) int32: the discrete action that comes nearest to `controls` where each lasts `repeat` frames."""
        wanted = self.controls(sight)
        now, reach = -sight.gauges[..., 3:], physics.TURNING * physics.DT * repeat / physics.LOCK
        leads_to = now + jnp.clip(jnp.array(STEERS) - now, -reach, reach)
        steer = jnp.abs(leads_to - jnp.clip(wanted.steer, -1, 1)[..., None]).argmin(-1)
        pedal = jnp.where(wanted.brake > 0, 2, jnp.where(wanted.gas > 0, 1, 0))
        return pedal * len(STEERS) + steer

    def wheel(self, ahead: jax.Array, left: jax.Array, speed: jax.Array) -> jax.Array:
        """(...) radians to the left: the circle that leads from the rear axle through a point so far ahead as the speed
        asks for. ahead, left: (..., len(WAY)) metres."""
        far = jnp.clip(6 + 0.22 * jnp.abs(speed), 6, WAY[-1])[..., None]
        near = jnp.abs(jnp.array(WAY) - far)
        nearness = jnp.maximum(1 - near / (WAY[1] - WAY[0]), 0)
        x = (ahead * nearness).sum(-1) / nearness.sum(-1) + physics.AXLE
        y = (left * nearness).sum(-1) / nearness.sum(-1)
        return jnp.arctan(4 * physics.AXLE * y / jnp.maximum(x**2 + y**2, 1.0))

    def limit(self, ahead: jax.Array, left: jax.Array) -> jax.Array:
        """(...) m/s: the speed from which all bends in sight can still be braked for."""
        step = WAY[1] - WAY[0]
        turn = jnp.arctan2(jnp.diff(left, axis=-1), jnp.diff(ahead, axis=-1))
        bend = jnp.abs((jnp.diff(turn, axis=-1) + jnp.pi) % (2 * jnp.pi) - jnp.pi) / step
        grip = 2 * physics.GRIP * self.boldness
        # A bend of the road's middle may be taken more widely, which its width allows for.
        through = jnp.sqrt(grip / jnp.maximum(bend, 1e-3))
        room = jnp.array(WAY[:-2], jnp.float32)
        braking = physics.BRAKING * self.boldness
        return jnp.minimum(jnp.sqrt(through**2 + 2 * braking * room).min(-1), self.fastest)
