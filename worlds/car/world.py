"""Car racing as a world: drive over every tile of a closed track, seeing what lies ahead from above.

Source: Gymnasium's CarRacing: 1000/N for each new tile of N, -0.1 a frame, -100 for leaving the field. What differs is
said in docs/cars.md. Nothing in it is random but the level.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import course, physics, raster, scene
from wunderkammer.worlds.car.course import HALF_WIDTH, TILES, Course
from wunderkammer.worlds.car.level import Level
from wunderkammer.worlds.car.physics import GRASS, Car, Controls
from wunderkammer.worlds.car.raster import SEEN, Window
from wunderkammer.worlds.world import Key, Step

STEERS, PEDALS = (-1.0, -0.3, 0.0, 0.3, 1.0), ((0.0, 0.0), (0.5, 0.0), (0.0, 0.8))
"""What discrete actions choose among: where the wheels go, to the right positive; and (gas, brake)."""
BUMPER = 1.5
"""Metres: a tile is driven over from this far before it to this far behind it."""
BACK, ON = 4, 12
"""Tiles behind and before the car among which its own is sought: a crossing road is not taken for its own."""
WAY = tuple(range(5, 65, 5))
"""Metres along the road, of the places that a driver is told with `sight="way"`."""


class Sight(NamedTuple):
    """What the driver sees."""

    view: jax.Array
    """`picture`: (pixels, pixels, channels) uint8, ahead is up and the car in the middle of the lowest quarter's edge;
    channels are brightness, or red, green and blue, of `stack` pictures, the latest last.
    `way`: (2 * len(WAY),) float32: where the road's middle is after so many metres: ahead and to the left, in 10 m."""
    gauges: jax.Array
    """(4,) float32: speed ahead in 50 m/s, sideways in 20 m/s, turning in 5 rad/s, wheels in `physics.LOCK`."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """An episode under way. `step` leaves `level`, `road` and `field` as they are."""

    level: Level
    road: Course
    field: jax.Array
    """(NODES, NODES) uint8: `raster.distances`."""
    car: Car
    tile: jax.Array
    """() int32: the one that the car is at, followed from tile to tile."""
    visited: jax.Array
    """(TILES,) bool."""
    time: jax.Array
    """() int32: frames."""
    pictures: jax.Array
    """What `Sight.view` shows."""

    @property
    def share(self) -> jax.Array:
        """(...) float32: of the tiles that were visited; of batches of states too."""
        return self.visited.mean(axis=-1, dtype=jnp.float32)


class _Moving(NamedTuple):
    """What a frame changes."""

    car: Car
    tile: jax.Array
    visited: jax.Array
    time: jax.Array


_Drive: TypeAlias = tuple[_Moving, jax.Array, jax.Array, jax.Array]
"""With the reward so far, done, truncated."""


@dataclass(frozen=True)
class CarRacing:
    """A world of tracks. Its methods work on one episode and are made to be vmapped."""

    frames: int = 1000
    """After which an episode is cut off; 50 a second."""
    repeat: int = 1
    """Frames that each action lasts."""
    sight: Literal["picture", "way"] = "picture"
    """What is seen: pixels; or the road itself, for drivers that are not there to see."""
    pixels: int = 96
    colours: bool = False
    stack: int = 1
    """Pictures that are seen together."""
    worth: float = 1000.0
    """What all tiles are worth together; other rewards are in proportion."""

    def __post_init__(self) -> None:
        if min(self.frames, self.repeat, self.stack) < 1 or self.pixels < 8 or self.worth <= 0:
            raise ConfigError("frames, repeat and stack are at least 1, pixels at least 8, and worth is more than 0")

    @property
    def actions(self) -> int:
        """Pedal by pedal, of each the `STEERS` from left to right."""
        return len(STEERS) * len(PEDALS)

    @property
    def horizon(self) -> int:
        return -(-self.frames // self.repeat)

    def controls(self, action: jax.Array) -> Controls:
        """What a discrete action does. action: (...) int32 in [0, actions)."""
        pedals = jnp.array(PEDALS)[action // len(STEERS)]
        return Controls(jnp.array(STEERS)[action % len(STEERS)], pedals[..., 0], pedals[..., 1])

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, Sight]:
        """At rest on the first tile, facing the second; nothing is visited yet, and nothing in it is random."""
        road = course.course(level.points)
        field, car = raster.distances(road), physics.parked(road.centre[0], road.ahead[0])
        nothing = jnp.zeros(TILES, jnp.bool_)
        state = State(level, road, field, car, jnp.int32(0), nothing, jnp.int32(0), jnp.zeros(()))
        view = self._view(state)
        state = replace(state, pictures=view if self.sight == "way" else jnp.tile(view, (1, 1, self.stack)))
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        """One discrete action, for `repeat` frames."""
        return self.drive(key, state, self.controls(action))

    def drive(self, key: Key, state: State, controls: Controls) -> Step[State]:
        """The same with wheel and pedals where a driver wants them: the continuous form of `step`."""

        def once(at: _Drive, _: None) -> tuple[_Drive, None]:
            before, reward, done, truncated = at
            after, earned, over, late = self._frame(state, before, controls)
            after = jax.tree.map(lambda old, new: jnp.where(done, old, new), before, after)
            return (after, reward + jnp.where(done, 0.0, earned), done | over, truncated | (late & ~done)), None

        moving = _Moving(state.car, state.tile, state.visited, state.time)
        start = (moving, jnp.float32(0), jnp.bool_(False), jnp.bool_(False))
        (moving, reward, done, truncated), _ = jax.lax.scan(once, start, None, self.repeat)
        after = replace(state, **moving._asdict())
        view = self._view(after)
        if self.sight == "picture" and self.stack > 1:
            view = jnp.concatenate([state.pictures[..., view.shape[-1] :], view], -1)
        after = replace(after, pictures=view)
        return Step(after, self.observe(after), reward, done, truncated)

    def observe(self, state: State) -> Sight:
        """The last pictures, and the gauges."""
        car = state.car
        gauges = jnp.stack([car.forward / 50, car.left / 20, car.spin / 5, car.wheel / physics.LOCK])
        return Sight(state.pictures, gauges)

    def render(self, state: State) -> jax.Array:
        """uint8 (240, 480, 3): the whole field with what was visited and the car; and what lies around the car."""
        return scene.picture(state)

    def _frame(self, state: State, at: _Moving, controls: Controls) -> _Drive:
        """One frame. state: where the level's parts are taken from."""
        grounds = raster.distance_at(state.field, physics.axles(at.car))
        car = physics.advance(at.car, controls, jnp.where(grounds <= HALF_WIDTH, 1.0, GRASS))
        place = jnp.stack([car.x, car.y])
        apart = place - state.road.centre
        visited, time = at.visited | _over(state.road, apart), at.time + 1
        off, whole = ~raster.on_field(place), visited.all()
        fresh = visited.sum() - at.visited.sum()
        reward = jnp.where(off, -0.1, fresh / TILES - 1e-4) * self.worth
        late = (time >= self.frames) & ~off & ~whole
        moving = _Moving(car, _followed(at.tile, apart), visited, time)
        return moving, reward.astype(jnp.float32), off | whole | late, late

    def _view(self, state: State) -> jax.Array:
        ahead = jnp.stack([jnp.cos(state.car.heading), jnp.sin(state.car.heading)])
        place = jnp.stack([state.car.x, state.car.y])
        if self.sight == "picture":
            window = Window(self.pixels, SEEN)
            return raster.paint(state.field, window, place + ahead * (SEEN / 4), ahead, self.colours)
        steps = jnp.array(WAY) / state.road.spacing + state.tile
        low = jnp.floor(steps).astype(jnp.int32)
        part = (steps - low)[:, None]
        there = state.road.centre[low % TILES] * (1 - part) + state.road.centre[(low + 1) % TILES] * part - place
        left = jnp.stack([-ahead[1], ahead[0]])
        return jnp.concatenate([there @ ahead, there @ left]).astype(jnp.float32) / 10


def _over(road: Course, apart: jax.Array) -> jax.Array:
    """(TILES,) bool: which tiles a car is over. apart: (TILES, 2), from their middles to the car."""
    along = jnp.abs((apart * road.ahead).sum(-1))
    aside = jnp.abs(apart[:, 1] * road.ahead[:, 0] - apart[:, 0] * road.ahead[:, 1])
    return (along <= road.spacing / 2 + BUMPER) & (aside <= HALF_WIDTH)


def _followed(tile: jax.Array, apart: jax.Array) -> jax.Array:
    """The nearest of the tiles around the one where the car was."""
    near = (tile + jnp.asarray(np.arange(-BACK, ON + 1))) % TILES
    return near[(apart[near] ** 2).sum(-1).argmin()]
