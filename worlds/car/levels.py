"""Where tracks come from and how they are told apart: sampling, random edits, features, text."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import course
from wunderkammer.worlds.car import level as tracks
from wunderkammer.worlds.car.level import Level
from wunderkammer.worlds.car.text import POINTS, SIDE
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class CarLevels:
    """Tracks around the middle of the sketch. Methods work on one level and are made to be vmapped, except `text` and
    `read`."""

    inner: float = 50.0
    """Metres: the least distance of a sampled point from the middle."""
    moved: float = 20.0
    """Metres: the standard deviation of an edit, both ways."""

    def __post_init__(self) -> None:
        if not 0 <= self.inner <= SIDE / 2 or self.moved < 1:
            raise ConfigError(
                f"points are sampled between 0 and {SIDE // 2} m from the middle, and moved by 1 m or more"
            )

    def sample(self, key: Key) -> Level:
        """CarRacing's checkpoints: one in each twelfth of the circle, at an angle and a distance drawn uniformly; every
        track is driven counterclockwise. Few cross themselves; those that do are counted as unsolvable."""
        to_angle, to_reach = jax.random.split(key)
        angle = (jnp.arange(POINTS) + jax.random.uniform(to_angle, (POINTS,))) * (2 * jnp.pi / POINTS)
        reach = jax.random.uniform(to_reach, (POINTS,), minval=self.inner, maxval=SIDE / 2)
        points = SIDE / 2 + reach[:, None] * jnp.stack([jnp.cos(angle), jnp.sin(angle)], -1)
        return Level(jnp.clip(jnp.round(points), 0, SIDE).astype(jnp.int32))

    def mutate(self, key: Key, level: Level, edits: int) -> Level:
        """So many edits, each of which moves one point."""

        def edit(points: jax.Array, key: Key) -> tuple[jax.Array, None]:
            to_place, to_move = jax.random.split(key)
            place = jax.random.randint(to_place, (), 0, POINTS)
            move = jnp.round(self.moved * jax.random.normal(to_move, (2,))).astype(jnp.int32)
            return points.at[place].set(jnp.clip(points[place] + move, 0, SIDE)), None

        return Level(jax.lax.scan(edit, level.points, jax.random.split(key, edits))[0])

    def features(self, level: Level) -> dict[str, jax.Array]:
        """What `course.features` says."""
        return {name: value.astype(jnp.float32) for name, value in course.features(level.points).items()}

    def text(self, level: Level) -> str:
        return tracks.write(level)

    def read(self, text: str) -> Level:
        return tracks.read(text)
