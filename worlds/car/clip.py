"""A drive as a moving picture."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from typing import NamedTuple

import imageio.v3 as imageio
import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import level as tracks
from wunderkammer.worlds.car.course import HALF_WIDTH
from wunderkammer.worlds.car.text import Plan
from wunderkammer.worlds.car.world import CarRacing, State

PER_SECOND = 10
"""Places of a drive that are kept, and pictures that are shown, for each second of 50 frames."""
LAST_MS = 1200


class Drive(NamedTuple):
    """Where a car went: (x, y, heading, wheels, share of the tiles) every 50 / PER_SECOND frames."""

    places: tuple[tuple[float, ...], ...]

    @classmethod
    def of(cls, places: NDArray[np.floating]) -> Drive:
        """From an array of shape (times, 5); centimetres and thousandths are kept."""
        return cls(tuple(tuple(round(float(value), 3) for value in place) for place in places))

    def dump(self) -> bytes:
        """As a file."""
        return json.dumps(self.places, separators=(",", ":")).encode()

    @classmethod
    def load(cls, data: bytes) -> Drive:
        """From the file that `dump` wrote; `ConfigError` where it is something else."""
        try:
            return cls.of(np.array(json.loads(data), np.float64).reshape(-1, 5))
        except (ValueError, TypeError) as fault:
            raise ConfigError("this file is no drive on a track") from fault


def frames(plan: Plan, drive: Drive) -> NDArray[np.uint8]:
    """(1 + times, height, width, 3): the beginning, then what `CarRacing.render` shows after each place."""
    world = CarRacing(sight="way")
    begin, _ = jax.jit(world.reset_to_level)(jax.random.key(0), tracks.of_plan(plan))

    def show(state: State, place: jax.Array) -> tuple[State, jax.Array]:
        x, y, heading, wheel, _ = place
        apart = jnp.stack([x, y]) - state.road.centre
        near = (apart**2).sum(-1) < HALF_WIDTH**2
        car = replace(state.car, x=x, y=y, heading=heading, wheel=wheel)
        state = replace(state, car=car, visited=state.visited | near)
        return state, world.render(state)

    @jax.jit
    def film(places: jax.Array) -> jax.Array:
        return jax.lax.scan(show, begin, places)[1]

    first = (float(begin.car.x), float(begin.car.y), float(begin.car.heading), 0.0, 0.0)
    return np.asarray(film(jnp.array([first, *drive.places], jnp.float32)))


def gif(plan: Plan, drive: Drive) -> bytes:
    """An animated GIF that plays for ever, as fast as it was driven, and rests on the end."""
    shown = frames(plan, drive)
    out = io.BytesIO()
    durations = [1000 // PER_SECOND] * (len(shown) - 1) + [LAST_MS]
    imageio.imwrite(out, shown, extension=".gif", duration=durations, loop=0)
    return out.getvalue()


def png(plan: Plan) -> bytes:
    """The beginning of an episode."""
    out = io.BytesIO()
    imageio.imwrite(out, frames(plan, Drive(()))[0], extension=".png")
    return out.getvalue()
