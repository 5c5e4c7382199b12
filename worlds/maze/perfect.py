"""Perfect mazes: exactly one way between any two cells."""

from __future__ import annotations

from random import Random

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze.text import Cell, Plan


def perfect(height: int, width: int, rng: Random) -> Plan:
    """A perfect maze by depth-first search, agent and goal on two different cells drawn uniformly.

    height, width: odd, from 3 to 101: cells at even rows and columns, walls or openings between them.
    """
    if not all(3 <= side <= 101 and side % 2 for side in (height, width)):
        raise ConfigError(f"a perfect maze has odd sides between 3 and 101, not {height} x {width}")
    walls = [[True] * width for _ in range(height)]
    rooms = [Cell(row, column) for row in range(0, height, 2) for column in range(0, width, 2)]
    stack = [rng.choice(rooms)]
    walls[stack[0].row][stack[0].column] = False
    while stack:
        here = stack[-1]
        ways = [
            (down, right) for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0)) if _closed(walls, here, down, right)
        ]
        if not ways:
            stack.pop()
            continue
        down, right = rng.choice(ways)
        stack.append(Cell(here.row + 2 * down, here.column + 2 * right))
        walls[here.row + down][here.column + right] = False
        walls[stack[-1].row][stack[-1].column] = False
    agent, goal = rng.sample(rooms, 2)
    return Plan(tuple(map(tuple, walls)), agent, rng.randrange(4), goal)


def _closed(walls: list[list[bool]], cell: Cell, down: int, right: int) -> bool:
    row, column = cell.row + 2 * down, cell.column + 2 * right
    return 0 <= row < len(walls) and 0 <= column < len(walls[0]) and walls[row][column]
