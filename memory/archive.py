"""The archive: categorical MAP-Elites, one elite per cell, rebuilt from the ledger whenever it is needed."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from math import prod
from typing import NamedTuple

from wunderkammer.core.contract import Axes, Cell, Outcome
from wunderkammer.core.errors import ConfigError


class Trial(NamedTuple):
    """What the archive needs to know of an evaluated slot."""

    slot: int
    candidate: str
    cell: Cell
    score: float | None
    fitness: float | None
    accepted: bool | None = None
    """The duel's word; None where no duel was held."""


@dataclass(frozen=True, slots=True)
class Elite:
    """Who holds a cell."""

    slot: int
    candidate: str
    score: float | None
    fitness: float | None


class Archive:
    """Cells and their elites.

    axes: names and values of the axes; a cell is one value of each, in their order.
    """

    def __init__(self, axes: Axes) -> None:
        self.axes = {name: tuple(values) for name, values in axes.items()}
        self.elites: dict[Cell, Elite] = {}
        self._values = [frozenset(values) for values in self.axes.values()]

    # ---- adding --------------------------------------------------------------------------------------------------

    def add(self, trial: Trial) -> bool:
        """Give the trial its cell if it is empty, or if it wins; True where it did.

        It wins by its duel where one was held, else by a strictly higher score. Raises `ConfigError` for a cell that
        is not on the grid.
        """
        incumbent = self.elites.get(trial.cell)
        if incumbent is None:
            self.check(trial.cell)
        elif not (wins(trial.score, incumbent.score) if trial.accepted is None else trial.accepted):
            return False
        self.elites[trial.cell] = Elite(trial.slot, trial.candidate, trial.score, trial.fitness)
        return True

    def add_all(self, trials: Iterable[Trial]) -> list[bool]:
        """`add` for each, in order: later ones meet the elites that earlier ones became."""
        return [self.add(trial) for trial in trials]

    def check(self, cell: Cell) -> None:
        """Raise `ConfigError` unless the cell is on the grid."""
        if len(cell) != len(self._values):
            raise ConfigError(
                f"cell {cell} has {len(cell)} values for {len(self._values)} axes: {', '.join(self.axes)}"
            )
        for value, (name, known) in zip(cell, self.axes.items(), strict=True):
            if value not in known:
                raise ConfigError(f"{value!r} is not a value of axis {name!r}; see `wunder domains show`")

    # ---- reading -------------------------------------------------------------------------------------------------

    def __len__(self) -> int:
        return len(self.elites)

    @property
    def size(self) -> int:
        """How many cells there are, filled or not; 0 without axes."""
        return prod(len(values) for values in self.axes.values()) if self.axes else 0

    @property
    def coverage(self) -> float:
        """Share of cells that are filled."""
        return len(self.elites) / self.size if self.size else 0.0

    @property
    def qd_score(self) -> float:
        """Sum over filled cells of the elite's fitness (or its score): quality and diversity in one figure."""
        return sum(elite.fitness or 0.0 for elite in self.elites.values())

    def cells(self) -> Iterator[Cell]:
        """Every cell of the grid, the last axis running fastest."""
        return itertools.product(*self.axes.values())


def wins(score: float | None, incumbent: float | None) -> bool:
    """Whether a score takes a cell that is held: strictly higher, or the first there is. None never wins."""
    return score is not None and (incumbent is None or score > incumbent)


def trial_of(slot: int, candidate: str, outcome: Outcome, accepted: bool | None = None) -> Trial | None:
    """The trial of an outcome; None for one that is off the grid or was not evaluated."""
    if outcome.cell is None or outcome.error is not None:
        return None
    return Trial(slot, candidate, outcome.cell, outcome.score, outcome.fitness, accepted)
