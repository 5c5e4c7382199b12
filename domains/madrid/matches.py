"""What a level is tried by: matches from it, of the reference against the target and of the target against itself.

Convention: from one and the same level, the reference plays left against the target on the right; then the target plays
left against the target on the right, by the same draws. The target never knows the difference; the regret is what it
would have won had it played left as the reference does:

    regret = V(reference, target) - V(target, target)

V is the mean over matches of +1, 0 or -1 for left (Samvelyan et al. 2024, section 3); regret lies in [-2, 2].
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.madrid.scenario import Scenario

if TYPE_CHECKING:
    from wunderkammer.worlds.football.match import Trace

Figures = Mapping[str, NDArray[np.float32]]
"""By name, (levels, repeats)."""


class Matches(NamedTuple):
    """What came of matches from several levels, the same two sides in all."""

    value: NDArray[np.float32]
    """(levels, repeats): 1, 0 or -1 for left."""
    left: Figures
    """What left's players did, by the names of `worlds.football.summary` without the side."""
    right: Figures
    fault: NDArray[np.bool_]
    """(levels,): in some match an action was none. Its value means nothing."""


class Engine(Protocol):
    """Who plays matches: the football of this house, or any other."""

    def play(self, left: str, right: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        """Matches from levels, one seed each. What comes of a level follows from it, its seed and the two sides alone.

        Raises:
            ConfigError: a policy is not to be had, or sees something else than what this football shows; before any
                match.
        """
        ...

    def clip(self, left: str, right: str, level: Scenario, seed: int) -> Trace | None:
        """The first of these matches, with all positions; None where the football does not tell them."""
        ...


class Trial(NamedTuple):
    """A level, tried."""

    reference: float
    """V(reference, target)."""
    target: float
    """V(target, target)."""
    won: float
    """Share of its matches that the reference won."""
    spread: float
    """Standard error of the regret, over repeats; pairs of matches by the same draws."""
    figures: Mapping[str, tuple[float, float]]
    """By kind of failure: how often the target showed it, and by how much oftener than its measure did."""
    fault: bool

    @property
    def regret(self) -> float:
        return self.reference - self.target


def regrets(engine: Engine, target: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> list[Trial]:
    """Each level tried, in order. Levels with one reference are played together."""
    from wunderkammer.domains.madrid.failures import failures

    own = engine.play(target, target, levels, seeds)
    found: dict[int, Trial] = {}
    for reference in dict.fromkeys(level.reference for level in levels):
        places = [at for at, level in enumerate(levels) if level.reference == reference]
        other = engine.play(reference, target, [levels[at] for at in places], [seeds[at] for at in places])
        shown = failures(_some(other, slice(None)), _some(own, places))
        for row, at in enumerate(places):
            gaps = other.value[row] - own.value[at]
            found[at] = Trial(
                reference=float(other.value[row].mean()),
                target=float(own.value[at].mean()),
                won=float((other.value[row] > 0).mean()),
                spread=float(gaps.std() / np.sqrt(len(gaps))),
                figures={name: (float(often[row]), float(more[row])) for name, (often, more) in shown.items()},
                fault=bool(other.fault[row] or own.fault[at]),
            )
    return [found[at] for at in range(len(levels))]


def _some(matches: Matches, places: Sequence[int] | slice) -> Matches:
    return Matches(
        matches.value[places],
        {name: values[places] for name, values in matches.left.items()},
        {name: values[places] for name, values in matches.right.items()},
        matches.fault[places],
    )
