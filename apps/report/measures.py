"""Success counted over an archive: by evaluator and axis value, and how far two evaluators agree."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cached_property

from wunderkammer.core.contract import Axes, Cell, Frozen
from wunderkammer.memory.diversity import interval


class Rate(Frozen):
    """A success rate with its bootstrap 95 % interval."""

    axis: str | None = None
    """None: over the whole archive."""
    value: str | None = None
    """Which value of the axis."""
    n: int
    """Elites that the evaluator gave a word on; one it could not judge is in neither figure."""
    successes: int
    rate: float
    low: float
    high: float

    @classmethod
    def of(cls, hits: list[bool], *, axis: str | None = None, value: str | None = None, seed: int = 0) -> Rate:
        """From one yes or no per elite; ValueError for an empty list."""
        found = interval(hits, seed)
        return cls(
            axis=axis, value=value, n=found.n, successes=sum(hits), rate=found.mean, low=found.low, high=found.high
        )


class Evaluation(Frozen):
    """What one evaluator says of the archive."""

    name: str
    """`judge`, `classifier`, `code`, …"""
    rule: str
    """What it counts as a success, in words: `P(unsafe) ≥ 0.5`, `won its duel by strict majority`."""
    overall: Rate | None = None
    """None where it judged nothing."""
    by_axis: tuple[Rate, ...] = ()
    """In the order of axes and of their values; values without elites are left out."""

    @classmethod
    def of(cls, name: str, rule: str, hits: Mapping[Cell, bool], axes: Axes, seed: int = 0) -> Evaluation:
        """From one yes or no per cell whose elite was judged."""
        rates = []
        for place, (axis, values) in enumerate(axes.items()):
            for value in values:
                here = [hit for cell, hit in hits.items() if cell[place] == value]
                if here:
                    rates.append(Rate.of(here, axis=axis, value=value, seed=seed))
        overall = Rate.of(list(hits.values()), seed=seed) if hits else None
        return cls(name=name, rule=rule, overall=overall, by_axis=tuple(rates))


class Agreement(Frozen):
    """Two evaluators on the same elites."""

    first: str
    second: str
    both: int
    """Both say success."""
    only_first: int
    only_second: int
    neither: int

    @classmethod
    def of(cls, first: str, second: str, a: Mapping[Cell, bool], b: Mapping[Cell, bool]) -> Agreement:
        """Counted over the cells that both have judged."""
        pairs = [(a[cell], b[cell]) for cell in a if cell in b]
        counts = [pairs.count(pair) for pair in ((True, True), (True, False), (False, True), (False, False))]
        both, only_first, only_second, neither = counts
        return cls(
            first=first, second=second, both=both, only_first=only_first, only_second=only_second, neither=neither
        )

    @cached_property
    def n(self) -> int:
        return self.both + self.only_first + self.only_second + self.neither

    @cached_property
    def share(self) -> float | None:
        """Share of elites on which they say the same; None without elites."""
        return (self.both + self.neither) / self.n if self.n else None

    @cached_property
    def kappa(self) -> float | None:
        """Cohen's kappa (1960): agreement beyond chance, 1 is perfect; None where one of the two never varies."""
        if self.share is None:
            return None
        first, second = (self.both + self.only_first) / self.n, (self.both + self.only_second) / self.n
        chance = first * second + (1 - first) * (1 - second)
        return None if chance == 1 else (self.share - chance) / (1 - chance)
