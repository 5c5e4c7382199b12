"""How the car moves: a bicycle whose tyres hold the road up to a limit, and slip beyond it.

In place of CarRacing's four wheels and a hull in a rigid-body engine there are two axles on one rigid body. What is
equal is the law of the tyres, a force against the speed at which they slip up to a limit that grass lowers to 0.6; and
the figures, read off Gymnasium's CarRacing-v3 (`benchmarks/car.py --dynamics` compares them). Wheels have no inertia
here: gas beyond the limit costs sideways grip at once. There is no drag in either.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

DT = 1 / 50
"""Seconds of a frame."""
AXLE = 1.62
"""Metres from the middle of the car to either axle."""
INERTIA = 2.63
"""Of turning, per mass: m²."""
LOCK, TURNING = 0.4, 3.0
"""Radians at which the front wheels stop, and radians per second at which they get there."""
GRIP = 110.0
"""m/s²: what each axle holds sideways on the road."""
DRIVE, POWER = 44.5, 2600.0
"""m/s² that the rear axle can drive with on the road; m²/s³ of full gas."""
BRAKE, BRAKING = 300.0, 175.0
"""m/s² that full brakes ask for, and that the wheels can give on the road."""
STIFFNESS = 22.5
"""1/s: the force of an axle against its sideways speed, below the limit."""
GAS_RISE = 0.1
"""Gas rises by so much a frame, and falls at once."""
GRASS = 0.6
"""Of the road's grip."""


class Controls(NamedTuple):
    """What a driver does with wheel and pedals."""

    steer: jax.Array
    """[-1, 1], where the wheels should go, in `LOCK`s of 0.4 rad; positive is to the right, as in CarRacing."""
    gas: jax.Array
    """[0, 1]."""
    brake: jax.Array
    """[0, 1]."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Car:
    """A car under way; all are () float32."""

    x: jax.Array
    y: jax.Array
    """Metres, of its middle."""
    heading: jax.Array
    """Radians, counterclockwise from x."""
    forward: jax.Array
    """m/s along the heading; negative is backwards."""
    left: jax.Array
    """m/s to its left: how it slips."""
    spin: jax.Array
    """Radians per second, counterclockwise."""
    wheel: jax.Array
    """Radians of the front wheels, positive to the left."""
    gas: jax.Array
    """What of the gas has arrived."""


def parked(place: jax.Array, ahead: jax.Array) -> Car:
    """A car at rest. place: (2,) metres; ahead: (2,) unit vector."""
    rest = jnp.float32(0)
    return Car(place[0], place[1], jnp.arctan2(ahead[1], ahead[0]), rest, rest, rest, rest, rest)


def axles(car: Car) -> jax.Array:
    """(2, 2): where the front and the rear axle are."""
    along = AXLE * jnp.stack([jnp.cos(car.heading), jnp.sin(car.heading)])
    return jnp.stack([car.x, car.y]) + jnp.stack([along, -along])


def advance(car: Car, controls: Controls, grip: jax.Array) -> Car:
    """One frame. grip: (2,) of the front and the rear axle: 1 on the road, `GRASS` beside it."""
    wheel = car.wheel + jnp.clip(-jnp.clip(controls.steer, -1, 1) * LOCK - car.wheel, -TURNING * DT, TURNING * DT)
    gas = jnp.minimum(jnp.clip(controls.gas, 0, 1), car.gas + GAS_RISE)
    drive, held = _driven(car.forward, gas, grip[1])
    brake = jnp.minimum(BRAKE * jnp.clip(controls.brake, 0, 1), BRAKING * grip.mean())
    slowing = -jnp.sign(car.forward) * jnp.minimum(brake, jnp.abs(car.forward) / DT)

    cosine, sine = jnp.cos(wheel), jnp.sin(wheel)
    sideways = (car.left + AXLE * car.spin) * cosine - car.forward * sine
    front = jnp.clip(-STIFFNESS * sideways, -GRIP * grip[0], GRIP * grip[0])
    rear = jnp.clip(-STIFFNESS * (car.left - AXLE * car.spin), -GRIP * held, GRIP * held)

    # Speeds are of the turning car: as it turns, what was forward becomes sideways.
    forward = car.forward + DT * (drive + slowing - front * sine + car.left * car.spin)
    left = car.left + DT * (front * cosine + rear - car.forward * car.spin)
    spin = car.spin + DT * AXLE * (front * cosine - rear) / INERTIA
    heading = car.heading + DT * spin
    ahead_x, ahead_y = jnp.cos(heading), jnp.sin(heading)
    return Car(
        car.x + DT * (forward * ahead_x - left * ahead_y),
        car.y + DT * (forward * ahead_y + left * ahead_x),
        heading, forward, left, spin, wheel, gas,
    )  # fmt: skip


def _driven(forward: jax.Array, gas: jax.Array, grip: jax.Array) -> tuple[jax.Array, jax.Array]:
    """The engine's acceleration, and the grip that it leaves the rear axle to hold the car sideways."""
    asked = POWER * gas / jnp.maximum(jnp.abs(forward), 1.0)
    used = jnp.minimum(asked / (DRIVE * grip), 0.9)
    return jnp.minimum(asked, DRIVE * grip), grip * jnp.sqrt(1 - used**2)
