"""Students in many mazes at once: what they return, how often they arrive, and one way that they took."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.paired.adversary import propose
from wunderkammer.domains.paired.crowd import in_batches
from wunderkammer.domains.paired.maze_layout import MazeOptions
from wunderkammer.domains.paired.student import student
from wunderkammer.learners.evaluation import attempt, trace
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.clip import Track
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.maze.routes import best_return, fewest_actions
from wunderkammer.worlds.maze.text import Plan
from wunderkammer.worlds.maze.world import Maze


class Played(NamedTuple):
    """What came of one maze."""

    solved: float
    """Share of the episodes that reached the goal."""
    returned: float
    """Mean over the episodes."""
    best: float
    """Return of the shortest way."""
    actions: int
    """Of the shortest way; 0 where there is none."""
    track: Track
    """One further episode, to be looked at."""
    arrived: bool
    """Whether it reached the goal."""

    @property
    def regret(self) -> float:
        """The best return minus the student's mean."""
        return round(self.best - self.returned, 6)

    @property
    def learnability(self) -> float:
        """p (1 - p) of the solve rate: 0 for what is always or never solved."""
        return round(self.solved * (1 - self.solved), 6)


@dataclass(frozen=True)
class Playground:
    """A student and a size of maze, compiled once per size of batch."""

    options: MazeOptions

    def play(self, plans: Sequence[Plan], seeds: Sequence[int]) -> list[Played]:
        """Each maze, by itself: what comes of it follows from the maze, its seed and the options alone."""
        keys = jax.vmap(jax.random.key)(jnp.array(seeds, jnp.uint32))
        found = in_batches(self._program, self._student[1], keys, maps.stack(list(map(maps.of_plan, plans))))
        solved, returned, best, actions, length, arrived, places = found
        return [
            Played(
                round(float(solved[at]), 6),
                round(float(returned[at]), 6),
                round(float(best[at]), 6),
                int(actions[at]),
                Track.of(np.asarray(places[at])[: int(length[at])]),
                bool(arrived[at]),
            )
            for at in range(len(plans))
        ]

    @cached_property
    def _student(self) -> tuple[Any, Any]:
        return student(self.options.student, self.options.noise)

    @cached_property
    def _program(self) -> Any:
        network = self._student[0]
        options = self.options
        world = Maze(options.size, options.size, horizon=options.horizon)

        def one(params: Any, key: jax.Array, level: Level) -> tuple[jax.Array, ...]:
            alone = jax.tree.map(lambda leaf: leaf[None], level)
            to_try, to_trace = jax.random.split(key)
            tried = attempt(world, network, params, to_try, alone, options.episodes)
            states, last = trace(world, network, params, to_trace, alone)
            places = jnp.stack([states.row, states.column, states.direction], -1)[:, 0]
            best = best_return(level, options.horizon)
            fewest = fewest_actions(level)
            return tried.solved.mean(), tried.returned.mean(), best, fewest, last.length[0], last.solved[0], places

        return jax.jit(jax.vmap(one, in_axes=(None, 0, 0)))


def episode(plan: Plan, name: str, noise: float, horizon: int, seed: int) -> tuple[Track, bool]:
    """One episode of a student in a maze of any size, and whether it reached the goal."""
    network, params = student(name, noise)
    world = Maze(plan.height, plan.width, horizon=horizon)

    def walk(params: Any, key: jax.Array, levels: Level) -> tuple[jax.Array, ...]:
        states, last = trace(world, network, params, key, levels)
        return jnp.stack([states.row, states.column, states.direction], -1)[:, 0], last.length[0], last.solved[0]

    found = jax.jit(walk)(params, jax.random.key(seed), maps.stack([maps.of_plan(plan)]))
    places, length, solved = jax.device_get(found)
    return Track.of(np.asarray(places)[: int(length)]), bool(solved)


def taught(teacher: Path, plan: Plan, seed: int) -> Plan:
    """A maze as a learned adversary changes it; `ConfigError` where the file holds none, or one of another size."""
    return maps.to_plan(propose(teacher, maps.of_plan(plan), jax.random.key(seed)))
