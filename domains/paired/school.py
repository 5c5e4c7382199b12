"""What every method has at hand: a world, a source of levels, a student, and how it plays and learns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.mixture import Mixture
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners.encoder import Convolution, Encoder, Params
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Learning, Ppo
from wunderkammer.learners.recurrence import Carry, Cell, Gru, Lstm
from wunderkammer.learners.rollout import Trajectory, begin, rollout
from wunderkammer.worlds.car.levels import CarLevels
from wunderkammer.worlds.car.world import CarRacing
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.world import Maze
from wunderkammer.worlds.world import Key, Levels, World

WORTH = 10.0
"""Of all tiles of a track, to a student; what a maze is worth at the most is 1."""


class Played(NamedTuple):
    """A batch of experience."""

    carry: Carry
    """Before its first step."""
    seen: Trajectory
    last_value: jax.Array


@dataclass(frozen=True)
class School:
    """The parts that methods share. Levels are pytrees whose leaves have a first axis (count)."""

    settings: TrainingSettings
    world: World[Any, Any]
    levels: Levels[Any]
    network: ActorCritic
    ppo: Ppo

    def student(self, key: Key) -> Learning:
        """A student that has learned nothing."""
        _, observation = jax.eval_shape(lambda: self.world.reset_to_level(key, self.levels.sample(key)))
        return self.ppo.start(self.network, key, observation)

    def fresh(self, key: Key, count: int) -> Any:
        """Newly sampled levels."""
        return jax.vmap(self.levels.sample)(jax.random.split(key, count))

    def play(self, params: Params, key: Key, levels: Any, rollouts: int = 1) -> Played:
        """Every level from its beginning, again and again, for `rollouts` times `steps` of each."""
        return self.play_on(params, key, jax.tree.map(lambda leaf: leaf[None], levels), rollouts)

    def play_on(self, params: Params, key: Key, queue: Any, rollouts: int = 1) -> Played:
        """In each place its levels one after the other, an episode each, and over again. queue: (length, envs, ...)."""
        to_begin, to_play = jax.random.split(key)
        running = begin(self.world, self.network, to_begin, jax.tree.map(lambda leaf: leaf[0], queue))
        following = jax.tree.map(lambda leaf: jnp.roll(leaf, -1, axis=0), queue)
        steps = rollouts * self.settings.steps
        _, seen, last = rollout(self.world, self.network, params, to_play, running, following, steps)
        return Played(running.carry, seen, last)

    @property
    def worth(self) -> float:
        """The most that a level returns, in whose shares a teacher is paid."""
        return WORTH if self.settings.world == "car" else 1.0

    @property
    def batch(self) -> int:
        """Environment steps of one batch."""
        return self.settings.envs * self.settings.steps


def school_of(settings: TrainingSettings, given: Any = None) -> School:
    """The school that settings describe. given: levels that come among the sampled ones, stacked; None: none do."""
    if settings.world == "car":
        return _driving_school(settings)
    walls = 0 if settings.method == "accel" and settings.empty else settings.walls
    levels: Levels[Any] = MazeLevels(settings.size, settings.size, walls)
    return School(
        settings,
        Maze(settings.size, settings.size, horizon=settings.horizon),
        levels if given is None else Mixture(levels, given, settings.mixed),
        ActorCritic(Maze.actions, cell_of(settings), Encoder((Convolution(settings.filters, 3),))),
        ppo_of(settings),
    )


def _driving_school(settings: TrainingSettings) -> School:
    """The same for cars. All tiles together are worth `WORTH`, so that values are of the order of 1."""
    world = CarRacing(
        settings.horizon * settings.repeat,
        settings.repeat,
        settings.sight,
        settings.pixels,
        stack=settings.stack,
        worth=WORTH,
    )
    layers = (Convolution(settings.filters, 4, 4), Convolution(2 * settings.filters, 3, 2))
    network = ActorCritic(world.actions, cell_of(settings), Encoder(layers, scale=1 / 255))
    return School(settings, world, CarLevels(), network, ppo_of(settings))


def cell_of(settings: TrainingSettings) -> Cell:
    """The student's memory."""
    return Lstm(settings.width) if settings.memory == "lstm" else Gru(settings.width)


def ppo_of(settings: TrainingSettings) -> Ppo:
    """How the student learns."""
    return Ppo(
        rate=settings.rate,
        discount=settings.discount,
        trace=settings.trace,
        clip=settings.clip,
        epochs=settings.epochs,
        minibatches=settings.minibatches,
        entropy=settings.entropy,
    )
