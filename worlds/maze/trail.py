"""The shortest way through one maze and how complex it is, in plain Python: for where there is no JAX, or one maze."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from wunderkammer.worlds.maze.text import Cell, Plan


class Complexity(NamedTuple):
    """The figures of `MazeLevels.features` that need no directions."""

    walls: int
    density: float
    """Their share of the cells."""
    path: int | None
    """Steps from cell to cell of the shortest way to the goal; None: there is none."""


def complexity(plan: Plan) -> Complexity:
    """How many walls, how dense, how far."""
    walls = sum(map(sum, plan.walls))
    way = trail(plan)
    return Complexity(walls, walls / (plan.height * plan.width), len(way) - 1 if way else None)


def trail(plan: Plan) -> tuple[Cell, ...]:
    """The cells of a shortest way from agent to goal, both included; empty where there is none."""
    before: dict[Cell, Cell] = {plan.goal: plan.goal}
    queue = deque([plan.goal])
    while queue and plan.agent not in before:
        cell = queue.popleft()
        for neighbour in _open_neighbours(plan, cell):
            if neighbour not in before:
                before[neighbour] = cell
                queue.append(neighbour)
    if plan.agent not in before:
        return ()
    way = [plan.agent]
    while way[-1] != plan.goal:
        way.append(before[way[-1]])
    return tuple(way)


def _open_neighbours(plan: Plan, cell: Cell) -> list[Cell]:
    around = [Cell(cell.row + down, cell.column + right) for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))]
    return [
        one
        for one in around
        if 0 <= one.row < plan.height and 0 <= one.column < plan.width and not plan.walls[one.row][one.column]
    ]
