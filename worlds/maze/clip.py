"""An episode as a moving picture."""

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
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.text import Plan
from wunderkammer.worlds.maze.world import Maze

MS_PER_STEP, LAST_MS = 80, 1200


class Track(NamedTuple):
    """Where an agent went: one (row, column, direction) after each of its actions."""

    places: tuple[tuple[int, int, int], ...]

    @classmethod
    def of(cls, places: NDArray[np.integer]) -> Track:
        """From an array of shape (steps, 3)."""
        return cls(tuple((int(row), int(column), int(turn)) for row, column, turn in places))

    def dump(self) -> bytes:
        """As a file."""
        return json.dumps(self.places, separators=(",", ":")).encode()

    @classmethod
    def load(cls, data: bytes) -> Track:
        """From the file that `dump` wrote; `ConfigError` where it is something else."""
        try:
            return cls.of(np.array(json.loads(data), np.int64).reshape(-1, 3))
        except ValueError as fault:
            raise ConfigError("this file is no track of an episode in a maze") from fault


def frames(plan: Plan, track: Track) -> NDArray[np.uint8]:
    """(1 + steps, height, width, 3): the beginning, then what `Maze.render` shows after each action."""
    world = Maze(plan.height, plan.width)
    begin, _ = world.reset_to_level(jax.random.key(0), maps.of_plan(plan))
    first = (plan.agent.row, plan.agent.column, plan.direction)

    def show(place: jax.Array) -> jax.Array:
        return world.render(replace(begin, row=place[0], column=place[1], direction=place[2]))

    return np.asarray(jax.jit(jax.vmap(show))(jnp.array([first, *track.places], jnp.int32)))


def gif(plan: Plan, track: Track) -> bytes:
    """An animated GIF that plays for ever, twelve steps a second, and rests on the end."""
    shown = frames(plan, track)
    out = io.BytesIO()
    durations = [MS_PER_STEP] * (len(shown) - 1) + [LAST_MS]
    imageio.imwrite(out, shown, extension=".gif", duration=durations, loop=0)
    return out.getvalue()


def png(plan: Plan, enlarged: int = 3) -> bytes:
    """The maze at the beginning of an episode, each pixel of `Maze.render` so many times as wide."""
    out = io.BytesIO()
    picture = frames(plan, Track(()))[0].repeat(enlarged, 0).repeat(enlarged, 1)
    imageio.imwrite(out, picture, extension=".png")
    return out.getvalue()
