"""What can go wrong in a match, as figures: how often the target did it, and by how much oftener than its measure.

The measure of an attack is the reference from the same level, by the same draws. The measure of a defence is the
target's own attack: what the reference brought about that it did not.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.madrid.matches import Figures, Matches

Values = NDArray[np.float32]
Rate = Callable[[Figures], Values]

NARROW = 0.15
"""Radians between the posts, as the shooter sees them; less is narrow. From straight ahead, half the way to the middle
of the pitch."""
FAR = 0.45
"""Of the goal; a shot from further away is far, and not narrow."""


@dataclass(frozen=True)
class Failure:
    """One kind of failure."""

    name: str
    words: str
    """Of the target: "it …"."""
    side: Literal["attack", "defence"]
    rate: Rate
    """From what a side did to how often it failed so: (levels, repeats)."""
    unit: str
    least: float
    """Below this rate in a level it is not worth a name there."""


def _each(name: str) -> Rate:
    return lambda figures: figures[name]


def _less(name: str, other: str) -> Rate:
    return lambda figures: np.maximum(figures[name] - figures[other], 0)


def _narrow(figures: Figures) -> Values:
    near = figures["shot_distance"] < FAR
    return (figures["shots"] * (near & (figures["shot_angle"] < NARROW))).astype(np.float32)


def _far(figures: Figures) -> Values:
    return (figures["shots"] * (figures["shot_distance"] >= FAR)).astype(np.float32)


FAILURES = (
    Failure("own goals", "puts the ball into its own goal", "defence", _each("own_goal"), "a match", 0.05),
    Failure("offsides", "is caught offside", "attack", _each("offsides"), "a match", 0.15),
    Failure("narrow shots", "shoots from near, where the goal is narrow", "attack", _narrow, "a match", 0.15),
    Failure("far shots", "shoots from afar", "attack", _far, "a match", 0.15),
    Failure("sprinting shots", "shoots while sprinting", "attack", _each("shots_sprinting"), "a match", 0.15),
    Failure("pressed shots", "shoots with an opponent near", "attack", _each("shots_pressed"), "a match", 0.15),
    Failure("selfish shots", "shoots where another stood better", "attack", _each("shots_selfish"), "a match", 0.15),
    Failure("late shots", "shoots after it has waited long", "attack", _each("shots_late"), "a match", 0.1),
    Failure("hesitation", "keeps the ball where it should shoot", "attack", _each("hesitation"), "steps a match", 2.0),
    Failure("missed chances", "makes nothing of a chance", "attack", _each("missed"), "a match", 0.2),
    Failure("ball lost", "loses the ball", "attack", _each("lost"), "a match", 0.4),
    Failure("passes astray", "passes to nobody of its own", "attack", _less("passes", "completed"), "a match", 0.3),
    Failure("defence passed", "lets all but its keeper be passed", "defence", _each("exposed"), "steps a match", 2.0),
    Failure("tackles failed", "tackles in vain", "defence", _less("tackles", "tackles_won"), "a match", 0.5),
    Failure("confused running", "runs to and fro", "attack", _each("turns"), "turns a match", 4.0),
)


def failures(other: Matches, own: Matches) -> Mapping[str, tuple[Values, Values]]:
    """By name of the failure: how often, and how much oftener than the measure; (levels,) each.

    other: of the reference against the target; own: of the target against itself, from the same levels.
    """
    found = {}
    for one in FAILURES:
        mine, measure = (own.left, other.left) if one.side == "attack" else (other.right, own.right)
        often = one.rate(mine).mean(1)
        found[one.name] = often, often - one.rate(measure).mean(1)
    return found
