"""The loss matrix: ℓ(t, T) at a few points of history and future, whatever the length of the run."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from wunderkammer.core.contract import Frozen
from wunderkammer.memory.openendedness.observer import Observer
from wunderkammer.memory.openendedness.series import Floats, Series

POINTS = 16
WIDTH = 16


@dataclass(frozen=True)
class Grid:
    """Which histories, and which artifacts after them."""

    start: int
    end: int
    """The stretch that is judged: artifacts start … end - 1."""
    ts: tuple[int, ...]
    """Lengths of history: from `start` to the middle of the stretch."""
    blocks: tuple[tuple[int, ...], ...]
    """Artifacts of its second half, some neighbours to a block."""

    @property
    def later(self) -> tuple[int, ...]:
        """All of them."""
        return tuple(i for block in self.blocks for i in block)


def grid(start: int, end: int, points: int = POINTS, width: int = WIDTH) -> Grid:
    """Histories that end in the first half of a stretch, artifacts from its second: every pair of them is a point.

    points: at least so many of each, and fewer than twice as many, where there are as many artifacts: the strides are
    powers of two, so that a run that goes on meets points again that it knows. width: artifacts averaged to one point.
    """
    middle = start + (end - start) // 2
    stride = _stride(middle - start, points)
    ts = tuple(range(start, middle + 1, stride))
    stride = _stride(end - middle, points)
    first = -(-middle // stride) * stride
    return Grid(
        start, end, ts, tuple(tuple(range(at, min(at + min(width, stride), end))) for at in range(first, end, stride))
    )


def _stride(span: int, points: int) -> int:
    return 1 << max(0, (max(span, 1) // points).bit_length() - 1)


class Memory(Protocol):
    """Where losses are kept; see `memory.openendedness.cache`."""

    def known(self, series: Series, observer: str, t: int, later: Sequence[int]) -> dict[int, float]:
        """Losses that were found before, by artifact."""
        ...

    def keep(self, series: Series, observer: str, t: int, found: dict[int, float]) -> None:
        """Losses that were found now."""
        ...


class LossMatrix(Frozen):
    """Nats by history (rows) and artifact (columns)."""

    observer: str
    horizon: str
    start: int
    end: int
    ts: tuple[int, ...]
    blocks: tuple[tuple[int, ...], ...]
    nats: tuple[tuple[float, ...], ...]
    """One row per history, one column per artifact of the blocks."""

    @property
    def singles(self) -> Floats:
        """Shape (histories, artifacts)."""
        return np.array(self.nats)

    @property
    def means(self) -> Floats:
        """Averaged over the artifacts of each block, shape (histories, blocks)."""
        ends = np.cumsum([len(block) for block in self.blocks])
        return np.stack([part.mean(axis=1) for part in np.split(self.singles, ends[:-1], axis=1)], axis=1)

    @property
    def at(self) -> Floats:
        """Where each block stands: the mean number of its artifacts."""
        return np.array([np.mean(block) for block in self.blocks])


def loss_matrix(
    series: Series,
    observer: Observer,
    points: Grid,
    memory: Memory | None = None,
) -> LossMatrix:
    """Fit the observer to each history once, and ask it for all artifacts of the grid; n of them cost no more than
    n times one.

    memory: what was found is read from it, and kept in it after each history: who is interrupted goes on from there.
    """
    later, rows = points.later, []
    for t in points.ts:
        known = memory.known(series, observer.name, t, later) if memory else {}
        lacking = [i for i in later if i not in known]
        if lacking:
            found = dict(zip(lacking, observer.losses(series, t, lacking).tolist(), strict=True))
            if memory:
                memory.keep(series, observer.name, t, found)
            known = {**known, **found}
        rows.append(tuple(round(known[i], 4) for i in later))
    return LossMatrix(
        observer=observer.name,
        horizon=observer.horizon,
        start=points.start,
        end=points.end,
        ts=points.ts,
        blocks=points.blocks,
        nats=tuple(rows),
    )
