"""The planner of a search: which elite to vary next, and which cell to aim at (Rainbow Teaming, section 3)."""

from __future__ import annotations

import math
from bisect import bisect
from collections.abc import Mapping
from itertools import accumulate
from random import Random
from statistics import fmean
from types import MappingProxyType

from wunderkammer.agents.steering import Steering
from wunderkammer.core.contract import Cell
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim
from wunderkammer.memory.archive import Archive, Elite

_LEAST = 1e-3
"""No elite counts for less than this share of the mean novelty: a repetition may be varied too."""

Odds = Mapping[str, tuple[int, int]]


class Planner:
    """Lays out the slots of a step. A pure function of plan, step, archive and novelty.

    novelty: figures of candidates that are remembered, as they stand when a step is laid out; by default there are none
    and parents are drawn alike.
    """

    def __init__(self, plan: SearchPlan, novelty: Mapping[str, float] = MappingProxyType({})) -> None:
        self.plan = plan
        self.novelty = novelty

    def emitted(self, step: int, seeds: int) -> list[Aim]:
        """The aims of a step whose candidates an emitter proposes, after the `seeds` of the run."""
        first = step * self.plan.batch
        return [
            Aim(slot=slot, step=step, origin="seed" if slot < seeds else "emitted")
            for slot in range(first, first + self.plan.batch)
        ]

    def lay_out(self, step: int, archive: Archive, seeds: int, odds: Odds, steering: Steering) -> list[Aim]:
        """The aims of one step, from the archive as it stands.

        seeds: how many seeds the domain gave; they fill the first slots of the run.
        """
        targets = Targets(archive, self.plan, steering)
        parents = Parents(archive, self.plan, self.novelty)
        first = step * self.plan.batch
        return [
            self._aim(slot, step, targets, parents, seeds, odds, steering)
            for slot in range(first, first + self.plan.batch)
        ]

    def _aim(
        self,
        slot: int,
        step: int,
        targets: Targets,
        parents: Parents,
        seeds: int,
        odds: Odds,
        steering: Steering,
    ) -> Aim:
        if slot < seeds:
            return Aim(slot=slot, step=step, origin="seed")
        rng = rng_for("plan", self.plan.seed, slot)
        common = {"slot": slot, "step": step, "odds": dict(odds), "hint": steering.hint}
        if not self.plan.ablations.parents or not parents.elites:
            return Aim(origin="fresh", cell=targets.draw(rng, None), **common)
        cell, elite = parents.draw(rng)
        target = targets.draw(rng, cell) if self.plan.ablations.move else cell
        return Aim(origin="vary", parents=(elite.candidate,), cell=target, **common)


class Parents:
    """The elites one may vary: alike, or with weight novelty ^ bias where the plan asks for it.

    Novelty is that of the moment at which an elite was made. One that was never measured counts as the mean of the
    others: it came before there was anything to compare it with.
    """

    def __init__(self, archive: Archive, plan: SearchPlan, novelty: Mapping[str, float]) -> None:
        self.elites = list(archive.elites.items())
        bias = plan.novelty.bias if plan.considers_novelty else 0.0
        known = [novelty[elite.candidate] for _, elite in self.elites if elite.candidate in novelty]
        self._sums: list[float] = []
        if bias and known:
            mean = max(fmean(known), _LEAST)
            figures = (novelty.get(elite.candidate, mean) for _, elite in self.elites)
            self._sums = list(accumulate((max(figure, _LEAST * mean) / mean) ** bias for figure in figures))

    def draw(self, rng: Random) -> tuple[Cell, Elite]:
        """One of them, with its cell."""
        if not self._sums:
            return self.elites[rng.randrange(len(self.elites))]
        return self.elites[bisect(self._sums, rng.random() * self._sums[-1], hi=len(self.elites) - 1)]


class Targets:
    """The cells one may aim at, with weights exp(-fitness / t): the weaker the elite, the likelier the aim.

    An empty cell counts as fitness 0, the lowest there is. (The paper's text is right; the sign in its pseudocode is
    not.) `uniform` where the plan switches the bias off.
    """

    def __init__(self, archive: Archive, plan: SearchPlan, steering: Steering) -> None:
        self.cells = [cell for cell in archive.cells() if steering.allows(cell, archive.axes)]
        if archive.axes and not self.cells:
            raise ConfigError("the inbox has ruled out every cell; send `forget`, then `wunder resume`")
        self._sums = list(accumulate(self._weight(archive, cell, plan) for cell in self.cells))

    @staticmethod
    def _weight(archive: Archive, cell: Cell, plan: SearchPlan) -> float:
        if not plan.ablations.biased:
            return 1.0
        elite = archive.elites.get(cell)
        fitness = 0.0 if elite is None else elite.fitness or 0.0
        return math.exp(-fitness / plan.temperature)

    def draw(self, rng: Random, other_than: Cell | None) -> Cell | None:
        """A cell, never `other_than` unless it is the only one; None where the domain has no axes."""
        if not self.cells:
            return None
        while True:
            at = bisect(self._sums, rng.random() * self._sums[-1], hi=len(self.cells) - 1)
            if self.cells[at] != other_than or len(self.cells) == 1:
                return self.cells[at]
            if self._weight_of(at) >= self._sums[-1] * (1 - 1e-9):
                # Every other weight has vanished beside the parent's own: take the others as equals.
                return rng.choice([cell for cell in self.cells if cell != other_than])

    def _weight_of(self, at: int) -> float:
        return self._sums[at] - (self._sums[at - 1] if at else 0.0)
