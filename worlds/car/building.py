"""Building a track as a world of its own: a teacher puts down one control point after the other."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.builder import Sketch
from wunderkammer.worlds.car.level import Level
from wunderkammer.worlds.car.raster import MEADOW, ROAD
from wunderkammer.worlds.car.text import POINTS, SIDE
from wunderkammer.worlds.world import Key, Step

ANGLES, REACHES = 4, 8
"""Places that a point may have in its twelfth of the circle: so many angles, at each so many distances."""
NOWHERE = -1
"""The place of a point that is not put down yet."""
_DOT = 10
"""Metres between two pixels of the picture."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Pegs:
    """An episode of building under way."""

    places: jax.Array
    """(POINTS,) int32: the action that put each point down, `NOWHERE` at first."""
    time: jax.Array
    """() int32."""
    noise: jax.Array
    """(noise,) float32."""


@dataclass(frozen=True)
class TrackBuilding:
    """Twelve points, one action each; an action is a place in the twelfth of the circle whose turn it is.

    The twelfths and the distances are those of `CarLevels.sample`, cut into `ANGLES` × `REACHES` places: a builder that
    chooses evenly builds what domain randomisation samples, and no builder builds anything else. Every action is
    allowed. What lies on itself can be built, as it can be sampled. Methods work on one episode, to be vmapped.
    """

    noise: int = 16
    """Numbers in `Sketch.noise`."""
    inner: float = 50.0
    """Metres: the least distance of a point from the middle."""

    def __post_init__(self) -> None:
        if self.noise < 1:
            raise ConfigError("a builder without noise builds the same track again and again: set noise to 1 or more")

    @property
    def actions(self) -> int:
        """Distance by distance, of each the angles counterclockwise."""
        return ANGLES * REACHES

    @property
    def horizon(self) -> int:
        """Actions of every episode."""
        return POINTS

    def reset_to_level(self, key: Key, level: Level) -> tuple[Pegs, Sketch]:
        """The beginning: no point is down, whatever the level."""
        noise = jax.random.uniform(key, (self.noise,), minval=-1.0)
        pegs = Pegs(jnp.full(POINTS, NOWHERE, jnp.int32), jnp.int32(0), noise)
        return pegs, self.observe(pegs)

    def step(self, key: Key, state: Pegs, action: jax.Array) -> Step[Pegs]:
        """Put down the next point; reward is 0 throughout, and done after the last."""
        after = Pegs(state.places.at[state.time].set(action), state.time + 1, state.noise)
        return Step(after, self.observe(after), jnp.float32(0), after.time >= POINTS, jnp.bool_(False))

    def observe(self, state: Pegs) -> Sketch:
        """The map has a row per twelfth, a column per distance and a plane per angle."""
        down = jax.nn.one_hot(state.places, self.actions, dtype=jnp.uint8)  # nowhere is a row of zeros
        allowed = jnp.ones(self.actions, jnp.bool_)
        return Sketch(down.reshape(POINTS, REACHES, ANGLES), state.time, state.noise, allowed)

    def level(self, state: Pegs) -> Level:
        """The track; of points that are not down yet, their twelfth's first place."""
        places = jnp.maximum(state.places, 0)
        angle = jnp.arange(POINTS) + (places % ANGLES + 0.5) / ANGLES
        reach = self.inner + (places // ANGLES + 0.5) * ((SIDE / 2 - self.inner) / REACHES)
        way = 2 * jnp.pi / POINTS * angle
        points = SIDE / 2 + reach[:, None] * jnp.stack([jnp.cos(way), jnp.sin(way)], -1)
        return Level(jnp.round(points).astype(jnp.int32))

    def ground(self) -> Level:
        """A ring; building begins with nothing, it is only there to be a level."""
        return self.level(Pegs(jnp.full(POINTS, self.actions // 2, jnp.int32), jnp.int32(0), jnp.zeros(self.noise)))

    def render(self, state: Pegs) -> jax.Array:
        """uint8 (SIDE / 10, SIDE / 10, 3): the points that are down, y upwards."""
        size = SIDE // _DOT
        spots = jnp.where(state.places[:, None] == NOWHERE, size, self.level(state).points // _DOT)
        scene = jnp.broadcast_to(jnp.array(MEADOW, jnp.uint8), (size, size, 3))
        return scene.at[size - 1 - spots[:, 1], spots[:, 0]].set(jnp.array(ROAD, jnp.uint8), mode="drop")
