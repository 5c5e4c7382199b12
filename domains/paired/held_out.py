"""The mazes that students are examined in, and never learn in."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.maze.text import Cell, Plan

PERFECT_SEED = 20_231
"""Of the generated suite, the same for every training."""


class Suite(NamedTuple):
    """Mazes by name, stacked."""

    names: tuple[str, ...]
    levels: Level


def held_out(settings: TrainingSettings) -> Suite:
    """The suite that settings name."""
    rng = np.random.default_rng(PERFECT_SEED)
    plans = [perfect(rng, settings.size) for _ in range(settings.tests)]
    names = tuple(f"perfect-{number + 1}" for number in range(len(plans)))
    return Suite(names, maps.stack([maps.of_plan(plan) for plan in plans]))


def perfect(rng: np.random.Generator, size: int) -> Plan:
    """A maze with exactly one way between any two open cells, carved depth first; agent and goal anywhere in it."""
    walls = np.ones((size, size), bool)
    walls[0, 0] = False
    way = [(0, 0)]
    while way:
        row, column = way[-1]
        steps = [(r, c) for r, c in ((0, 2), (2, 0), (0, -2), (-2, 0)) if _closed(walls, row + r, column + c)]
        if not steps:
            way.pop()
            continue
        down, right = steps[rng.integers(len(steps))]
        walls[row + down // 2, column + right // 2] = walls[row + down, column + right] = False
        way.append((row + down, column + right))
    agent, goal = rng.permutation(np.argwhere(~walls))[:2].tolist()
    rows = tuple(tuple(bool(wall) for wall in row) for row in walls)
    return Plan(rows, Cell(*agent), int(rng.integers(4)), Cell(*goal))


def _closed(walls: np.ndarray[tuple[int, ...], np.dtype[np.bool_]], row: int, column: int) -> bool:
    return 0 <= row < walls.shape[0] and 0 <= column < walls.shape[1] and bool(walls[row, column])
