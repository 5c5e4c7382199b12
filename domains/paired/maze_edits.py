"""Mazes by chance: scattered walls to begin with, and small random edits, with or without an aim."""

from __future__ import annotations

from math import ceil, floor
from random import Random

from wunderkammer.core.contract import Cell as Aim
from wunderkammer.domains.paired.maze_layout import bins_away, density_range
from wunderkammer.worlds.maze.text import Cell, Plan
from wunderkammer.worlds.maze.trail import complexity

_WALL, _GOAL = 0.8, 0.9
"""Of random edits: toggle a wall below the first, move the goal below the second, else move the agent."""


def scattered(size: int, walls: int, rng: Random) -> Plan:
    """A maze of 0 to `walls` walls, their number and all places drawn uniformly."""
    count = rng.randint(0, walls)
    places = [Cell(*divmod(place, size)) for place in rng.sample(range(size * size), count + 2)]
    blocked = set(places[2:])
    rows = tuple(tuple(Cell(row, column) in blocked for column in range(size)) for row in range(size))
    return Plan(rows, places[0], rng.randrange(4), places[1])


def edited(plan: Plan, aim: Aim | None, rng: Random, edits: int, tries: int) -> Plan:
    """A child after 1 to `edits` random edits.

    With an aim, walls are built or opened first until the density fits, and of `tries` children the one is taken whose
    cell is nearest.
    """
    if aim is None:
        return _at_random(plan, rng.randint(1, edits), rng)
    children = [_at_random(_as_dense(plan, aim, rng), rng.randint(1, edits), rng) for _ in range(tries)]
    return min(children, key=lambda child: bins_away(complexity(child), aim))


def _as_dense(plan: Plan, aim: Aim, rng: Random) -> Plan:
    """The maze with as few walls more or less as bring it into the aim's density."""
    cells = [Cell(row, column) for row in range(plan.height) for column in range(plan.width)]
    low, high = density_range(aim)
    least, most = ceil(low * len(cells)), floor(high * len(cells)) - 1
    walls = [cell for cell in cells if plan.walls[cell.row][cell.column]]
    rooms = [cell for cell in cells if not plan.walls[cell.row][cell.column] and cell not in (plan.agent, plan.goal)]
    if len(walls) < least:
        return _toggled(plan, rng.sample(rooms, min(least - len(walls), len(rooms))))
    return _toggled(plan, rng.sample(walls, max(len(walls) - most, 0)))


def _at_random(plan: Plan, edits: int, rng: Random) -> Plan:
    for _ in range(edits):
        cells = [Cell(row, column) for row in range(plan.height) for column in range(plan.width)]
        cell = rng.choice([one for one in cells if one not in (plan.agent, plan.goal)])
        kind = rng.random()
        if kind < _WALL:
            plan = _toggled(plan, [cell])
            continue
        if plan.walls[cell.row][cell.column]:
            plan = _toggled(plan, [cell])
        plan = plan._replace(goal=cell) if kind < _GOAL else plan._replace(agent=cell, direction=rng.randrange(4))
    return plan


def _toggled(plan: Plan, cells: list[Cell]) -> Plan:
    walls = [list(row) for row in plan.walls]
    for row, column in cells:
        walls[row][column] = not walls[row][column]
    return plan._replace(walls=tuple(map(tuple, walls)))
