"""Sampled levels with given ones among them: what a search found, fed to a student's training."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.worlds.maze import catalogue
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key, Levels


@dataclass(frozen=True, eq=False)
class Mixture:
    """A source of levels (`worlds.world.Levels`), a share of whose samples are drawn evenly from the given ones.

    Whoever samples gets them: domain randomisation as levels to learn in, methods with a buffer as new levels to be
    rated, a teacher that begins on sampled walls as its ground.
    """

    levels: Levels[Any]
    given: Any
    """Stacked along a first axis (count)."""
    share: float

    def sample(self, key: Key) -> Any:
        """A given level by the chance of `share`, else a newly sampled one."""
        to_choose, to_draw, to_sample = jax.random.split(key, 3)
        count = jax.tree.leaves(self.given)[0].shape[0]
        place = jax.random.randint(to_draw, (), 0, count)
        ours = jax.random.uniform(to_choose) < self.share
        fresh = self.levels.sample(to_sample)
        return jax.tree.map(lambda many, one: jnp.where(ours, many[place], one), self.given, fresh)

    def mutate(self, key: Key, level: Any, edits: int) -> Any:
        return self.levels.mutate(key, level, edits)

    def features(self, level: Any) -> dict[str, jax.Array]:
        return self.levels.features(level)

    def text(self, level: Any) -> str:
        return self.levels.text(level)

    def read(self, text: str) -> Any:
        return self.levels.read(text)


def given_mazes(settings: TrainingSettings, file: Path) -> Level:
    """The mazes of a file in the common text form, stacked.

    Raises:
        ConfigError: it holds none, a malformed one, or one of another size than the training's.
    """
    plans = catalogue.parse(file.read_text("utf-8"), file.name)
    if not plans:
        raise ConfigError(f"{file.name} holds no mazes to train on")
    settings.must_fit(plans)
    return maps.stack([maps.of_plan(plan) for plan in plans.values()])
