"""A maze as text, the common way: rows of `#` and `.`, an arrow for the agent, `G` for the goal; no border."""

from __future__ import annotations

from typing import NamedTuple

from wunderkammer.core.errors import ConfigError

WALL, OPEN, GOAL, AGENT = "#", ".", "G", "A"
ARROWS = ">v<^"
"""The agent by its direction: 0 right, 1 down, 2 left, 3 up. `A`, which says no direction, is read as `>`."""


class Cell(NamedTuple):
    """A place of the interior, counted from 0 at the top left."""

    row: int
    column: int


class Plan(NamedTuple):
    """A maze in plain Python, so that a map can be checked where there is no JAX."""

    walls: tuple[tuple[bool, ...], ...]
    """Rows of cells, True where there is a wall."""
    agent: Cell
    direction: int
    goal: Cell

    @property
    def height(self) -> int:
        return len(self.walls)

    @property
    def width(self) -> int:
        return len(self.walls[0])


def read(text: str) -> Plan:
    """The maze that a map shows. Blank lines around it and spaces at the ends of its rows do not count.

    Raises:
        ConfigError: naming row and column (from 1) of what is wrong, and what to write there.
    """
    rows = [row.rstrip() for row in text.splitlines()]
    while rows and not rows[0]:
        rows.pop(0)
    while rows and not rows[-1]:
        rows.pop()
    if not rows:
        raise ConfigError("the map is empty; write rows of # and ., one of > v < ^ for the agent and one G")
    agent: Cell | None = None
    goal: Cell | None = None
    direction = 0
    for row, line in enumerate(rows):
        if len(line) != len(rows[0]):
            raise ConfigError(
                f"row {row + 1} of the map has {len(line)} columns and row 1 has {len(rows[0])}; make them equal"
            )
        for column, sign in enumerate(line):
            if sign in ARROWS or sign == AGENT:
                agent = _only(agent, Cell(row, column), "agent")
                direction = max(ARROWS.find(sign), 0)
            elif sign == GOAL:
                goal = _only(goal, Cell(row, column), "goal")
            elif sign not in (WALL, OPEN):
                raise ConfigError(f"row {row + 1}, column {column + 1} of the map is {sign!r}; write # . > v < ^ or G")
    if agent is None:
        raise ConfigError("the map has no agent; write one of > v < ^ where it begins")
    if goal is None:
        raise ConfigError("the map has no goal; write one G")
    return Plan(tuple(tuple(sign == WALL for sign in line) for line in rows), agent, direction, goal)


def _only(before: Cell | None, now: Cell, what: str) -> Cell:
    if before is not None:
        raise ConfigError(
            f"row {now.row + 1}, column {now.column + 1} of the map is a second {what}; "
            f"the first is at row {before.row + 1}, column {before.column + 1}"
        )
    return now


def write(plan: Plan) -> str:
    """The canonical text: equal mazes have equal texts, and `read(write(plan)) == plan`."""
    rows = [[WALL if wall else OPEN for wall in row] for row in plan.walls]
    rows[plan.goal.row][plan.goal.column] = GOAL
    rows[plan.agent.row][plan.agent.column] = ARROWS[plan.direction]
    return "\n".join("".join(row) for row in rows)
