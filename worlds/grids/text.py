"""A grid world as text: a map, the kinds of its objects, and how long an episode lasts.

    horizon 60
    a 1.0 ends 0.0 returns 0.05
    b -1.0 ends 0.5 returns 0.1
    A..a
    .#b.

Rows are `#` (wall), `.` (open), `A` (where the agent begins) and lower-case letters, one for each object of that kind.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from wunderkammer.core.errors import ConfigError

WALL, OPEN, AGENT = "#", ".", "A"
KINDS = "abcdefghijklmnopqrstuvwxyz"
_NUMBER = r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:e-?\d+)?"
_KIND = re.compile(rf"([a-z]) ({_NUMBER}) ends ({_NUMBER}) returns ({_NUMBER})")
_HORIZON = re.compile(r"horizon (\d+)")


class Thing(NamedTuple):
    """An object."""

    row: int
    column: int
    reward: float
    ends: float
    """The chance that an episode ends when it is collected."""
    returns: float
    """The chance, at every step, that it is there again."""


class Plan(NamedTuple):
    """A grid world in plain Python, so that a map can be checked where there is no JAX."""

    walls: tuple[tuple[bool, ...], ...]
    start: tuple[int, int]
    """Row and column."""
    things: tuple[Thing, ...]
    """In the order of the map, row by row."""
    horizon: int

    @property
    def side(self) -> int:
        """Of the smallest square that holds it."""
        return max(len(self.walls), len(self.walls[0]))


def read(text: str) -> Plan:
    """The grid world that a text means; `ConfigError` names the line or the place of what is wrong."""
    horizon: int | None = None
    kinds: dict[str, tuple[float, float, float]] = {}
    rows: list[str] = []
    for line in filter(None, map(str.strip, text.splitlines())):
        if told := _HORIZON.fullmatch(line):
            horizon = int(told[1])
        elif told := _KIND.fullmatch(line):
            reward, ends, returns = (float(told[place]) for place in (2, 3, 4))
            if not (0 <= ends <= 1 and 0 <= returns <= 1):
                raise ConfigError(f"kind {told[1]}: what ends and returns are chances, from 0 to 1")
            kinds[told[1]] = (reward, ends, returns)
        elif " " in line:
            raise ConfigError(f"{line!r}: write `horizon 60`, `a 1.0 ends 0.5 returns 0.1`, or a row of the map")
        else:
            rows.append(line)
    if not rows or not horizon:
        raise ConfigError(
            "a grid world has rows of # . A and letters, and a line `horizon` with the steps of an episode"
        )
    return _map(rows, kinds, horizon)


def _map(rows: list[str], kinds: dict[str, tuple[float, float, float]], horizon: int) -> Plan:
    start: tuple[int, int] | None = None
    things: list[Thing] = []
    for row, line in enumerate(rows):
        if len(line) != len(rows[0]):
            raise ConfigError(
                f"row {row + 1} of the map has {len(line)} columns and row 1 has {len(rows[0])}; make them equal"
            )
        for column, sign in enumerate(line):
            where = f"row {row + 1}, column {column + 1} of the map"
            if sign == AGENT:
                if start is not None:
                    raise ConfigError(f"{where} is a second agent")
                start = (row, column)
            elif sign in kinds:
                things.append(Thing(row, column, *kinds[sign]))
            elif sign not in (WALL, OPEN):
                raise ConfigError(f"{where} is {sign!r}; write # . A, or a letter that has a line of its own")
    if start is None:
        raise ConfigError("the map has no agent; write one A where it begins")
    return Plan(tuple(tuple(sign == WALL for sign in line) for line in rows), start, tuple(things), horizon)


def write(plan: Plan) -> str:
    """The canonical text: equal grid worlds have equal texts, and `read(write(plan))` is the plan."""
    kinds = list(dict.fromkeys(thing[2:] for thing in plan.things))
    if len(kinds) > len(KINDS):
        raise ConfigError(f"a grid world of more than {len(KINDS)} kinds of objects has no text")
    rows = [[WALL if wall else OPEN for wall in row] for row in plan.walls]
    for thing in plan.things:
        rows[thing.row][thing.column] = KINDS[kinds.index(thing[2:])]
    rows[plan.start[0]][plan.start[1]] = AGENT
    told = [
        f"{letter} {_said(reward)} ends {_said(ends)} returns {_said(returns)}"
        for letter, (reward, ends, returns) in zip(KINDS, kinds, strict=False)
    ]
    return "\n".join([f"horizon {plan.horizon}", *told, *("".join(row) for row in rows)])


def _said(number: float) -> str:
    """The shortest digits that mean this number."""
    return repr(float(number))
