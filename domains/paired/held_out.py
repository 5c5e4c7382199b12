"""The mazes that students are examined in, and never learn in."""

from __future__ import annotations

from typing import Any, NamedTuple

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.worlds.maze import catalogue
from wunderkammer.worlds.maze import level as maps


class Suite(NamedTuple):
    """Levels by name, stacked; mazes are of one size."""

    names: tuple[str, ...]
    levels: Any


def large(settings: TrainingSettings) -> Suite:
    """Perfect mazes of the size that settings name `large`."""
    plans = catalogue.perfect_mazes(settings.large, settings.large_tests)
    return Suite(tuple(plans), maps.stack([maps.of_plan(plan) for plan in plans.values()]))


def held_out(settings: TrainingSettings) -> Suite:
    """The suite that settings name; of the hand-made mazes those of the training's size.

    Raises:
        ConfigError: there is none of that size, or perfect mazes do not come in it.
    """
    size = settings.size
    if settings.held_out == "perfect":
        plans = catalogue.perfect_mazes(size, settings.tests)
    else:
        named = catalogue.suite(catalogue.HELD_OUT)
        plans = {name: plan for name, plan in named.items() if plan.height == plan.width == size}
    if not plans:
        raise ConfigError(f"held_out: no maze of the suite is {size} × {size}; use held_out=perfect, or size=13")
    return Suite(tuple(plans), maps.stack([maps.of_plan(plan) for plan in plans.values()]))
