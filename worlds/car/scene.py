"""An episode for people to look at: the whole field with what was visited, and what lies around the car."""

from __future__ import annotations

from typing import TYPE_CHECKING

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.car import physics, raster
from wunderkammer.worlds.car.raster import MARGIN, SEEN, Window
from wunderkammer.worlds.car.text import SIDE

if TYPE_CHECKING:
    from wunderkammer.worlds.car.world import State

SIZE = 240
"""Pixels: the height of a picture, and half of its width."""
RED, TYRE, TRACE, WHITE = (204, 0, 0), (20, 20, 20), (90, 150, 230), (255, 255, 255)
LENGTH, WIDTH = 2.4, 1.0
"""Metres from the middle of the car to its ends and its sides."""
MARKED = 5.0
"""Metres: the car's size on the whole field, where it would else be a pixel."""


def picture(state: State) -> jax.Array:
    """uint8 (SIZE, 2 SIZE, 3)."""
    return jnp.concatenate([_field(state), _around(state)], axis=1)


def _field(state: State) -> jax.Array:
    metres = SIDE + 2 * MARGIN
    scene = raster.paint(state.field, Window(SIZE, metres), jnp.full(2, SIDE / 2), jnp.array([0.0, 1.0]), colours=True)
    scale = metres / SIZE
    spots = jnp.floor((state.road.centre + MARGIN) / scale).astype(jnp.int32)
    shown = jnp.where(state.visited[:, None], jnp.array(TRACE), jnp.array(WHITE)).astype(jnp.uint8)
    scene = scene.at[SIZE - 1 - spots[:, 1], spots[:, 0]].set(shown, mode="drop")
    x = (np.arange(SIZE) + 0.5) * scale - MARGIN
    near = (x[None] - state.car.x) ** 2 + (x[::-1, None] - state.car.y) ** 2 < MARKED**2
    return jnp.where(near[..., None], jnp.array(RED, jnp.uint8), scene)


def _around(state: State) -> jax.Array:
    """What the driver sees, finer, and the car in it."""
    car = state.car
    ahead = jnp.stack([jnp.cos(car.heading), jnp.sin(car.heading)])
    middle = jnp.stack([car.x, car.y]) + ahead * (SEEN / 4)
    scene = raster.paint(state.field, Window(SIZE, SEEN), middle, ahead, colours=True)
    offset = (np.arange(SIZE) + 0.5) * (SEEN / SIZE) - SEEN / 2
    along, left = SEEN / 4 - offset[:, None], -offset[None, :]
    along, left = jnp.broadcast_arrays(jnp.asarray(along), jnp.asarray(left))
    hull = (jnp.abs(along) < LENGTH) & (jnp.abs(left) < WIDTH * (1 - 0.3 * (along > 0)))
    tyres = _tyres(along - physics.AXLE, left, car.wheel) | _tyres(along + physics.AXLE, left, jnp.float32(0))
    scene = jnp.where(hull[..., None], jnp.array(RED, jnp.uint8), scene)
    return jnp.where(tyres[..., None], jnp.array(TYRE, jnp.uint8), scene)


def _tyres(along: jax.Array, left: jax.Array, angle: jax.Array) -> jax.Array:
    """The two wheels of an axle, turned."""
    aside = jnp.abs(left) - 1.1
    aside = jnp.where(left > 0, aside, -aside)
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    return (jnp.abs(along * cosine + aside * sine) < 0.55) & (jnp.abs(aside * cosine - along * sine) < 0.3)
