"""Drivers on many tracks at once: what they return, how far they come, and one drive to be looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.paired.car_driver import Driver, driver, steady
from wunderkammer.domains.paired.car_layout import TrackOptions
from wunderkammer.domains.paired.crowd import in_batches
from wunderkammer.learners.evaluation import attempt, trace
from wunderkammer.learners.networks import Network
from wunderkammer.worlds.car import level as tracks
from wunderkammer.worlds.car.clip import PER_SECOND, Drive
from wunderkammer.worlds.car.level import Level
from wunderkammer.worlds.car.text import Plan
from wunderkammer.worlds.car.world import CarRacing


class Driven(NamedTuple):
    """What came of one track; returns are shares of what all tiles are worth."""

    share: float
    """Of the tiles that the driver visited, mean over episodes."""
    laps: float
    """Share of the episodes that visited all."""
    returned: float
    """Mean over the episodes."""
    best: float
    """Return of the better of two steady drivers, or of the driver's best episode where that is more."""
    drive: Drive
    """The first of the episodes, to be looked at."""
    came: float
    """The share of the tiles that it visited."""

    @property
    def regret(self) -> float:
        """What could be had minus what the driver had."""
        return round(self.best - self.returned, 6)

    @property
    def learnability(self) -> float:
        """p (1 - p) of the share."""
        return round(self.share * (1 - self.share), 6)


@dataclass(frozen=True)
class Speedway:
    """A driver, compiled once per size of batch."""

    options: TrackOptions

    def play(self, plans: Sequence[Plan], seeds: Sequence[int]) -> list[Driven]:
        """Each track, by itself: what comes of it follows from the track, its seed and the options alone."""
        levels = tracks.stack(list(map(tracks.of_plan, plans)))
        keys = jax.vmap(jax.random.key)(jnp.array(seeds, jnp.uint32))
        found = in_batches(self._program, self._driver.params, keys, levels)
        share, laps, returned, best, length, came, places = found
        return [
            Driven(
                share=_rounded(share[at]),
                laps=_rounded(laps[at]),
                returned=_rounded(returned[at]),
                best=_rounded(best[at]),
                drive=drive_of(places[at], int(length[at]), self._driver.world.repeat),
                came=_rounded(came[at]),
            )
            for at in range(len(plans))
        ]

    @cached_property
    def _driver(self) -> Driver:
        return driver(self.options)

    @cached_property
    def _program(self) -> Any:
        world, network, _ = self._driver
        episodes, could = self.options.episodes, steady(self.options.frames)

        def one(params: Any, key: jax.Array, level: Level) -> tuple[jax.Array, ...]:
            to_drive, to_better = jax.random.split(key)
            places, length, returned = _drives(world, network, params, to_drive, level, episodes)
            came = _ends(places, length)
            had = returned / world.worth
            others = jax.tree.map(lambda leaf: leaf[None], level)
            better = jax.vmap(lambda bold: attempt(could.world, could.network, bold, to_better, others, 1).returned)
            best = jnp.maximum(better(could.params).max() / could.world.worth, had.max())
            return came.mean(), (came >= 1).mean(), had.mean(), best, length[0], came[0], places[:, 0]

        return jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))


def episode(plan: Plan, options: TrackOptions, seed: int) -> tuple[Drive, float]:
    """One episode of a driver, and the share of the tiles that it visited."""
    world, network, params = driver(options)
    drives = jax.jit(lambda key, level: _drives(world, network, params, key, level, 1))
    places, length, _ = jax.device_get(drives(jax.random.key(seed), tracks.of_plan(plan)))
    return drive_of(places[:, 0], int(length[0]), world.repeat), float(places[length[0] - 1, 0, -1])


def _drives(
    world: CarRacing, network: Network, params: Any, key: jax.Array, level: Level, episodes: int
) -> tuple[jax.Array, jax.Array, jax.Array]:
    """Places (horizon, episodes, 5) as `Drive` keeps them, and steps and returns of each episode."""
    many = jax.tree.map(lambda leaf: jnp.repeat(leaf[None], episodes, 0), level)
    states, got = trace(world, network, params, key, many)
    car = states.car
    return jnp.stack([car.x, car.y, car.heading, car.wheel, states.share], -1), got.length, got.returned


def _ends(places: jax.Array, length: jax.Array) -> jax.Array:
    """(episodes,): the share of the tiles that each had visited when it was over."""
    return places[length - 1, jnp.arange(length.shape[0]), -1]


def drive_of(places: Any, steps: int, repeat: int) -> Drive:
    """What is kept of an episode: places `PER_SECOND` times a second. places: (horizon, 5), after each step."""
    seconds = steps * repeat / 50
    wanted = np.arange(1, int(seconds * PER_SECOND) + 1) * (50 / PER_SECOND) / repeat - 1
    at = np.unique(np.clip(np.append(wanted, steps - 1).astype(int), 0, steps - 1))
    return Drive.of(np.asarray(places)[at])


def _rounded(figure: Any) -> float:
    return round(float(figure), 6)
