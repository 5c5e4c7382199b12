"""The archive as squares: which axes run down, across and over several grids, and which step of colour each gets."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, product
from math import isfinite

from wunderkammer.apps.report.story import Niche
from wunderkammer.core.contract import Cell

STEPS = 10
"""Steps of the colour scale; `style.css` has one class for each."""


@dataclass(frozen=True)
class Square:
    """One cell as it is drawn."""

    niche: Niche | None
    """None: never reached."""
    number: int = -1
    """The elite's place on the page."""
    step: int | None = None
    """0 to STEPS - 1; None without a fitness."""


@dataclass(frozen=True)
class Grid:
    """One table of squares."""

    over: tuple[tuple[str, str], ...]
    """Axis and value of what this grid holds fixed."""
    columns: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Square, ...]], ...]


@dataclass(frozen=True)
class Range:
    """What the ends of the colour scale mean."""

    low: float
    high: float

    def step(self, value: float | None) -> int | None:
        """The step of a value; None for one that is absent or not finite."""
        if value is None or not isfinite(value):
            return None
        share = (value - self.low) / (self.high - self.low) if self.high > self.low else 1.0
        return min(STEPS - 1, max(0, int(share * STEPS)))


@dataclass(frozen=True)
class Layout:
    """The archive, laid out."""

    down: str
    across: str
    """Empty with a single axis."""
    grids: tuple[Grid, ...]
    range: Range
    neighbours: Mapping[int, Mapping[str, int]]
    """Per elite's number: the number of the next elite `left`, `right`, `up` and `down` of it in its grid."""


def lay_out(axes: Mapping[str, Sequence[str]], niches: Sequence[Niche]) -> Layout | None:
    """The first two long axes make the squares; the shortest beyond two are held fixed, a small grid for each of their
    values.

    niches: in the order in which elites are numbered. None without axes.
    """
    if not axes:
        return None
    names = list(axes)
    shortest = sorted(names, key=lambda name: (len(axes[name]), -names.index(name)))[: max(0, len(names) - 2)]
    fixed = [name for name in names if name in shortest]
    down, across = ([n for n in names if n not in fixed] + [""])[:2]
    columns = tuple(axes[across]) if across else ("",)
    scale = range_of([niche.elite.fitness for niche in niches])
    squares = {
        niche.cell: Square(niche, number, scale.step(niche.elite.fitness)) for number, niche in enumerate(niches)
    }

    def square(place: Mapping[str, str]) -> Square:
        cell: Cell = tuple(place[name] for name in names)
        return squares.get(cell, Square(None))

    grids = []
    for values in product(*(axes[name] for name in fixed)):
        over = dict(zip(fixed, values, strict=True))
        rows = tuple(
            (value, tuple(square({**over, down: value, across: column}) for column in columns)) for value in axes[down]
        )
        grids.append(Grid(tuple(over.items()), columns, rows))
    return Layout(down, across, tuple(grids), scale, _neighbours(grids))


def range_of(values: Sequence[float | None]) -> Range:
    """0 to 1 where everything lies there, as rates and probabilities do, else from lowest to highest."""
    known = [v for v in values if v is not None and isfinite(v)]
    if not known or (min(known) >= 0 and max(known) <= 1):
        return Range(0.0, 1.0)
    return Range(min(known), max(known))


def _neighbours(grids: Sequence[Grid]) -> dict[int, dict[str, int]]:
    found: dict[int, dict[str, int]] = {}
    for grid in grids:
        rows = [[square.number for square in row if square.niche] for _, row in grid.rows]
        columns = [[row[at].number for _, row in grid.rows if row[at].niche] for at in range(len(grid.columns))]
        for lines, before, after in ((rows, "left", "right"), (columns, "up", "down")):
            for line in lines:
                for a, b in pairwise(line):
                    found.setdefault(a, {})[after] = b
                    found.setdefault(b, {})[before] = a
    return found
