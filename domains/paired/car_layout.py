"""A track as something to search for: its points, the cells of the archive, and what a run may be told."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Annotated, Any, Literal, NamedTuple

import numpy as np
from pydantic import Field

from wunderkammer.core.contract import Cell, Frozen
from wunderkammer.domains.paired.layout import Layout, canonical
from wunderkammer.worlds.car import course, text
from wunderkammer.worlds.car.text import Plan

Form = Literal["edits", "model"]

LENGTHS = (0, 600, 700, 800, 900, 1000, 1200)
"""Where the bins of the length begin, in metres; the last has no end."""
TURNS = (0, 1, 2, 3, 4, 5, 7)
"""Where the bins of the number of sharp turns begin; the last has no end."""
AXES: Mapping[str, Sequence[str]] = {
    "length": (*(f"{low}-{high - 1} m" for low, high in pairwise(LENGTHS)), f"{LENGTHS[-1]}+ m"),
    "sharp turns": (
        *(f"{low}" if high == low + 1 else f"{low}-{high - 1}" for low, high in pairwise(TURNS)),
        f"{TURNS[-1]}+",
    ),
}


class Complexity(NamedTuple):
    """The figures of `course.features`, of one track."""

    length: float
    curvature: float
    sharp: int
    tightest: float
    clearance: float
    crossings: int
    solvable: bool


class TrackLayout(Layout):
    """A track that somebody proposed."""

    track: Annotated[str, Field(max_length=1000), canonical(text.read, text.write)]
    """One `x y` a line, canonical, whatever it was given as."""
    by: Literal["seed", "edits", "model"] = "seed"

    @property
    def plan(self) -> Plan:
        """The track in plain Python."""
        return text.read(self.track)


class TrackOptions(Frozen):
    """Settings of `car-tracks`."""

    frames: int = Field(1000, ge=50)
    """After which an episode is cut off; 50 a second."""
    fitness: Literal["learnability", "regret"] = "learnability"
    """learnability: p(1 − p), p being the share of the tiles that the driver visits, mean over episodes. regret: what
    the better of two steady drivers returns, minus the driver's mean return, as a share of what all tiles are worth."""
    driver: str = "pursuit"
    """`pursuit`, which steers for a point of the road ahead, or the `student.safetensors` of a training in cars."""
    noise: float = Field(0.2, ge=0, le=1)
    """Share of the pursuing driver's actions that are drawn at random."""
    repeat: int = Field(4, ge=1, le=25)
    """Frames that each of its actions lasts."""
    episodes: int = Field(4, ge=2, le=1000)
    """The driver's, on each track."""
    forms: tuple[Form, ...] = Field(("edits", "model"), min_length=1)
    """How tracks are varied: by random edits, by the mutator model; of several, the more accepted is taken the more
    often."""
    edits: int = Field(4, ge=1)
    """The most points that a random edit moves."""
    moved: float = Field(25.0, ge=1)
    """Metres: the standard deviation of such a move, both ways."""
    tries: int = Field(12, ge=1, le=200)
    """Randomly edited children of which the one nearest to the aim is taken."""


def complexity(plan: Plan) -> Complexity:
    """What a track looks like to the archive; with NumPy alone, the same on every machine."""
    found: dict[str, Any] = {name: value.item() for name, value in course.features(_points(plan)).items()}
    counts = {"sharp": int(found["sharp"]), "crossings": int(found["crossings"]), "solvable": bool(found["solvable"])}
    return Complexity(**{name: round(value, 4) for name, value in found.items()} | counts)


def cell_of(found: Complexity) -> Cell | None:
    """Where a track belongs; None where it lies on itself or cannot be driven round."""
    if not found.solvable:
        return None
    return AXES["length"][bisect(LENGTHS, found.length) - 1], AXES["sharp turns"][bisect(TURNS, found.sharp) - 1]


def bins_away(found: Complexity, aim: Cell) -> float:
    """How far a track is from an aim, in bins over both axes; further than all where it has no cell.

    Within the aim's neighbourhood, metres count too, so that small steps in the right direction are told apart.
    """
    if not found.solvable:
        return float(sum(len(values) for values in AXES.values()))
    at = AXES["length"].index(aim[0])
    low, high = LENGTHS[at], LENGTHS[at + 1] if at + 1 < len(LENGTHS) else 1e9
    metres = max(low - found.length, found.length - high, 0) / 100
    return metres + abs(bisect(TURNS, found.sharp) - 1 - AXES["sharp turns"].index(aim[1]))


def _points(plan: Plan) -> Any:
    return np.array(plan.points, np.float64)
