"""How a training stands: solve rates in held-out mazes, complexity of the levels it learns in, pictures of both."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.held_out import Suite, large
from wunderkammer.domains.paired.school import School
from wunderkammer.domains.paired.sheet import Row, Shown
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.evaluation import Attempts, attempt, trace
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.drawing import svg
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.maze.text import Cell
from wunderkammer.worlds.maze.world import Maze
from wunderkammer.worlds.world import Key

SHOWN = 8
"""Mazes in a row of the sheet."""


@dataclass(frozen=True)
class Marks:
    """What an examination found."""

    solved: tuple[float, ...]
    """Share of the episodes in each held-out maze that reached the goal."""
    returned: float
    """Mean over all of them."""
    length: float
    """Steps, likewise."""


@dataclass(frozen=True)
class Examination:
    """A school's held-out mazes, and the programs that examine in them."""

    school: School
    suite: Suite

    def marks(self, params: Params, key: Key) -> Marks:
        """Let a student try every maze `episodes` times."""
        return _marks(self._attempt(params, key, self.suite.levels))

    def large(self, params: Params, key: Key) -> Marks:
        """Let a student try larger mazes than it ever saw, once each; what it sees of one is no larger."""
        settings = self.school.settings
        world = Maze(settings.large, settings.large, horizon=settings.large_horizon)
        network, levels = self.school.network, large(settings).levels
        return _marks(jax.jit(lambda params, key: attempt(world, network, params, key, levels, 1))(params, key))

    def said(self, marks: Marks) -> dict[str, float]:
        """What goes into the curve besides the share that was solved."""
        return {"length": marks.length}

    def complexity(self, levels: Any) -> dict[str, float]:
        """Means over levels of what the world calls their features."""
        return {name: float(mean) for name, mean in jax.device_get(self._features(levels)).items()}

    def drawn(self, words: str) -> str:
        """A level by its text, as SVG."""
        return svg(text.read(words))

    def ways(self, title: str, params: Params, key: Key) -> Row:
        """The first held-out mazes, and one episode of the student in each."""
        levels = jax.tree.map(lambda leaf: leaf[:SHOWN], self.suite.levels)
        places, found = jax.device_get(self._trace(params, key, levels))
        shown = []
        for at, plan in enumerate(map(maps.to_plan, unstack(levels, SHOWN))):
            steps = int(found.length[at])
            path = [plan.agent, *(Cell(int(row), int(column)) for row, column in places[:steps, at])]
            shown.append(Shown(svg(plan, path), f"{steps} steps" if found.solved[at] else "not solved"))
        return Row(title, shown)

    @cached_property
    def _attempt(self) -> Any:
        world, network, episodes = self.school.world, self.school.network, self.school.settings.episodes
        return jax.jit(lambda params, key, levels: attempt(world, network, params, key, levels, episodes))

    @cached_property
    def _features(self) -> Any:
        features = self.school.levels.features
        return jax.jit(lambda levels: jax.tree.map(jnp.mean, jax.vmap(features)(levels)))

    @cached_property
    def _trace(self) -> Any:
        world, network = self.school.world, self.school.network

        def places(params: Params, key: Key, levels: Level) -> Any:
            states, found = trace(world, network, params, key, levels)
            return jnp.stack([states.row, states.column], -1), found

        return jax.jit(places)


def _marks(attempts: Attempts) -> Marks:
    found = jax.device_get(attempts)
    solved = tuple(round(float(share), 4) for share in found.solved.mean(axis=0))
    return Marks(solved, float(found.returned.mean()), float(found.length.mean()))


def unstack(levels: Any, most: int) -> list[Any]:
    """The first of a batch of levels, one by one."""
    count = min(most, jax.tree.leaves(levels)[0].shape[0])
    return [jax.tree.map(lambda leaf, at=at: leaf[at], levels) for at in range(count)]
