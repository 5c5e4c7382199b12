"""Who drives the tracks that are searched for: one who pursues the road, or what a training left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.car_layout import TrackOptions
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network, Reply
from wunderkammer.worlds.car.pursuit import Pursuit
from wunderkammer.worlds.car.world import CarRacing, Sight

PURSUIT = "pursuit"
STEADY = (0.3, 0.5)
"""Boldness of the drivers whose better one says what could be had of a track; the last is the usual one."""


@dataclass(frozen=True)
class Pursuing:
    """`Pursuit` as a network without memory, which now and then does anything at all. Its only weight is boldness."""

    actions: int
    repeat: int = 1
    noise: float = 0.0

    def init(self, key: jax.Array, observation: Any) -> Params:
        """The usual boldness."""
        return jnp.float32(STEADY[-1])

    def empty(self, *batch: int) -> Any:
        """Nothing."""
        return ()

    def step(self, params: Params, carry: Any, observation: Sight, reset: jax.Array) -> Reply:
        """One step of a batch."""
        action = Pursuit(params).action(observation, self.repeat)
        chances = (1 - self.noise) * jax.nn.one_hot(action, self.actions) + self.noise / self.actions
        return Reply(carry, jnp.log(jnp.maximum(chances, 1e-9)), jnp.zeros(action.shape))

    def unroll(self, params: Params, carry: Any, observations: Any, resets: jax.Array) -> Reply:
        """All steps of a batch."""
        return self.step(params, carry, observations, resets)


class Driver(NamedTuple):
    """Somebody who drives, and the world as they see it."""

    world: CarRacing
    network: Network
    params: Params


def driver(options: TrackOptions) -> Driver:
    """Who is called so: `PURSUIT`, or a file of weights, whose settings say what it sees and how long it acts.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    if options.driver == PURSUIT:
        world = CarRacing(options.frames, options.repeat, sight="way")
        return Driver(world, Pursuing(world.actions, world.repeat, options.noise), jnp.float32(STEADY[-1]))
    file = Path(options.driver)
    if not file.is_file():
        raise ConfigError(
            f"driver {options.driver!r} is neither {PURSUIT!r} nor a file; a training leaves student.safetensors"
        )
    from wunderkammer.domains.paired.graduate import graduate

    found = graduate(file)
    if not isinstance(found.world, CarRacing):
        raise ConfigError(f"{file} holds a student of mazes, who cannot drive; train one with world=car")
    return Driver(found.world, found.network, found.params)


def steady(frames: int) -> Driver:
    """Those who say what could be had: one for each of the weights."""
    world = CarRacing(frames, sight="way")
    return Driver(world, Pursuing(world.actions), jnp.array(STEADY))
