"""A maze that a language model drew, mended by stated rules or refused with the reason."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping
from typing import NamedTuple

from wunderkammer.core.contract import Cell as Aim
from wunderkammer.core.contract import Lab, Sampling
from wunderkammer.domains.paired.maze_layout import AXES, DENSITIES
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.text import AGENT, ARROWS, GOAL, OPEN, WALL, Plan
from wunderkammer.worlds.maze.trail import complexity

SLACK = 2
"""So many rows or columns may be missing or too many."""
SHARE_MENDED = 0.1
"""A drawing in which more of the cells had to be mended is no drawing of the maze."""
_NO_MARKS = str.maketrans(dict.fromkeys(ARROWS + AGENT + GOAL, OPEN))


class Mended(NamedTuple):
    """What came of a reply."""

    plan: Plan | None
    """None: refused."""
    faults: int
    """Cells and marks that were mended."""
    reason: str = ""
    """Why it was refused, in a few words."""


def mended(reply: str, parent: Plan) -> Mended:
    """The maze in a reply, of the parent's size.

    The longest block of lines that are made of map signs counts. Then, in this order:

    1. up to `SLACK` rows too many at the end are dropped, missing ones are taken from the parent;
    2. rows are cut, or filled with open cells, by up to `SLACK` cells;
    3. a second agent or goal becomes an open cell;
    4. a missing agent or goal stands where the parent's stood.

    Refused: no block; a block of another size; more than `SHARE_MENDED` of the cells mended; the parent itself.
    """
    rows = _block(reply)
    if not rows:
        return Mended(None, 0, "no map in the reply")
    if abs(len(rows) - parent.height) > SLACK:
        return Mended(None, 0, f"{len(rows)} rows instead of {parent.height}")
    uneven = [row for row in rows if abs(len(row) - parent.width) > SLACK]
    if uneven:
        return Mended(None, 0, f"a row of {len(uneven[0])} columns instead of {parent.width}")
    own = [row.translate(_NO_MARKS) for row in text.write(parent).splitlines()]
    faults = abs(len(rows) - parent.height) * parent.width + sum(abs(len(row) - parent.width) for row in rows)
    grid = [list(row[: parent.width].ljust(parent.width, OPEN)) for row in (*rows, *own[len(rows) :])][: parent.height]
    for marks, place, sign in (
        (ARROWS + AGENT, parent.agent, ARROWS[parent.direction]),
        (GOAL, parent.goal, GOAL),
    ):
        found = [(row, column) for row, line in enumerate(grid) for column, one in enumerate(line) if one in marks]
        faults += abs(len(found) - 1)
        for row, column in found[1:]:
            grid[row][column] = OPEN
        if not found:
            if grid[place.row][place.column] in ARROWS + AGENT + GOAL:
                return Mended(None, faults, "agent and goal on one cell")
            grid[place.row][place.column] = sign
    if faults > SHARE_MENDED * parent.height * parent.width:
        return Mended(None, faults, f"{faults} faults")
    plan = text.read("\n".join("".join(row) for row in grid))
    return Mended(None, faults, "nothing was changed") if plan == parent else Mended(plan, faults)


async def proposed(parent: Plan, aim: Aim | None, lab: Lab) -> Mended:
    """A child of the mutator model's."""
    longest = Sampling(max_tokens=2 * parent.height * (parent.width + 1) + 64)
    return mended(await lab.say("mutator", "mazes/edit", wishes(parent, aim, lab.hint), sampling=longest), parent)


def wishes(parent: Plan, aim: Aim | None, hint: str) -> Mapping[str, object]:
    """What the prompt is told: the map, its figures, and how the child should differ."""
    found = complexity(parent)
    wanted = ["change a few cells"]
    if aim is not None:
        wanted = []
        at = bisect(DENSITIES, found.density) - 1
        want = AXES["density"].index(aim[0])
        if want != at:
            wanted.append(f"{'add' if want > at else 'remove'} walls until {aim[0]} of the cells are walls")
        wanted.append(f"the shortest way from the agent to the goal should take {aim[1]} steps")
    return {
        "map": text.write(parent),
        "height": parent.height,
        "width": parent.width,
        "density": f"{found.density:.0%}",
        "path": "there is no way" if found.path is None else f"{found.path} steps",
        "wanted": "; ".join(wanted),
        "hint": hint,
    }


def _block(reply: str) -> list[str]:
    """The longest run of lines that consist of map signs; spaces between the signs are dropped."""
    signs = set(WALL + OPEN + GOAL + AGENT + ARROWS)
    best: list[str] = []
    run: list[str] = []
    for line in [*reply.splitlines(), ""]:
        row = line.replace(" ", "").strip("`|")
        if row and set(row) <= signs:
            run.append(row)
            continue
        best, run = max(best, run, key=len), []
    return best
