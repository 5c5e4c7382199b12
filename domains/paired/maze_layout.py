"""A maze as something to search for: its map, the cells of the archive, and what a run may be told."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Sequence
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import Field, model_validator

from wunderkammer.core.contract import Cell, Frozen
from wunderkammer.domains.paired.layout import Layout, canonical
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.text import Plan
from wunderkammer.worlds.maze.trail import Complexity

Form = Literal["edits", "model", "teacher"]

DENSITIES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)
"""Where the bins of the wall density begin; the last has no end."""
PATHS = (1, 5, 9, 13, 18, 25, 35, 50)
"""Where the bins of the shortest path begin, in cells; the last has no end."""
AXES: dict[str, Sequence[str]] = {
    "density": (*(f"{low:.0%}-{high:.0%}" for low, high in pairwise(DENSITIES)), "50%+"),
    "path": (*(f"{low}-{high - 1}" for low, high in pairwise(PATHS)), "50+"),
}


class MazeLayout(Layout):
    """A maze that somebody proposed."""

    map: Annotated[str, Field(max_length=101 * 102), canonical(text.read, text.write)]
    """Rows of `#` and `.`, one of `> v < ^` for the agent, one `G`; canonical, whatever it was given as."""

    @property
    def plan(self) -> Plan:
        """The maze in plain Python."""
        return text.read(self.map)


class MazeOptions(Frozen):
    """Settings of `maze-levels`."""

    size: int = Field(13, ge=3, le=101)
    """Rows and columns of a maze."""
    walls: int = Field(60, ge=0)
    """The most walls of a seed that is scattered at random."""
    horizon: int = Field(250, ge=1)
    """Steps after which an episode is cut off."""
    fitness: Literal["learnability", "regret"] = "learnability"
    """learnability: p(1 − p), p being the student's solve rate. regret: the best return there is minus the student's
    mean return."""
    student: str = "walker"
    """`walker`, which keeps its left hand on the wall, or the file `student.safetensors` that a training left."""
    noise: float = Field(0.1, ge=0, le=1)
    """Share of the walker's actions that are drawn at random; 1: a random walk."""
    episodes: int = Field(10, ge=2, le=1000)
    """The student's, in each maze."""
    forms: tuple[Form, ...] = Field(("edits", "model"), min_length=1)
    """How mazes are varied: by random edits, by the mutator model, by a learned adversary; of several, the more
    accepted is taken the more often."""
    edits: int = Field(8, ge=1)
    """The most random edits of a child, beside those that its aim asks for."""
    tries: int = Field(4, ge=1, le=100)
    """Randomly edited children of which the one nearest to the aim is taken."""
    teacher: str = ""
    """The file `teacher.safetensors` that a training of paired left, for the form `teacher`."""

    @model_validator(mode="after")
    def _fit(self) -> MazeOptions:
        if self.walls > self.size**2 - 2:
            raise ValueError(f"walls: at most {self.size**2 - 2} in a maze of {self.size} × {self.size}")
        if "teacher" in self.forms and not self.teacher:
            raise ValueError(
                "forms: a learned adversary is asked for and none is given; say teacher=FILE, the teacher.safetensors "
                "of a training with method paired"
            )
        return self


def cell_of(found: Complexity) -> Cell | None:
    """Where a maze belongs; None where it has no way to the goal."""
    if found.path is None:
        return None
    return AXES["density"][bisect(DENSITIES, found.density) - 1], AXES["path"][bisect(PATHS, found.path) - 1]


def bins_away(found: Complexity, aim: Cell) -> int:
    """How many bins lie between a maze and an aim, over both axes; a maze without a way is further than all."""
    cell = cell_of(found)
    if cell is None:
        return sum(len(values) for values in AXES.values())
    return sum(
        abs(values.index(one) - values.index(other))
        for values, one, other in zip(AXES.values(), cell, aim, strict=True)
    )


def density_range(aim: Cell) -> tuple[float, float]:
    """The least and the greatest wall density of an aim."""
    at = AXES["density"].index(aim[0])
    return DENSITIES[at], DENSITIES[at + 1] if at + 1 < len(DENSITIES) else 0.7
