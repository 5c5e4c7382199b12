"""A map of the memory: every stored candidate as a point in the plane, near where it is near in meaning."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import select

from wunderkammer.apps.recall import memory_of
from wunderkammer.core.settings import Settings
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.neighbours import Floats
from wunderkammer.memory.tables import candidates

MOST = 20_000
"""Points of a map; of a larger memory they are evenly chosen over its time."""
GRID = 1000
"""Coordinates are whole numbers from 0 to this."""
REST = 10
"""A map is drawn anew when the memory has grown, but rests for this many times as long as drawing it took."""


@dataclass(frozen=True)
class Atlas:
    """Points by place in these lists, the oldest first."""

    ids: tuple[str, ...] = ()
    x: tuple[int, ...] = ()
    y: tuple[int, ...] = ()
    domain: tuple[int, ...] = ()
    """Place of its domain in `domains`."""
    at: tuple[float, ...] = ()
    """When it was made, in seconds since the epoch; 0 where the ledger does not have it."""
    domains: tuple[str, ...] = ()
    explained: float = 0.0
    """Share of the variance of all vectors that the plane shows."""
    embedder: str = ""
    held: int = 0
    """Vectors of the memory; more than there are points where some were left out."""


@dataclass
class Cartographer:
    """Draws the map of one installation, and keeps the last one."""

    settings: Settings
    ledger: Ledger
    most: int = MOST
    clock: Callable[[], float] = time.monotonic
    _map: Atlas = field(default_factory=Atlas)
    _good_until: float = float("-inf")
    _lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def map(self) -> Atlas:
        """The map as it is now, or was a moment ago; empty where nothing is stored. Nothing of it blocks the loop."""
        async with self._lock:
            if self.clock() >= self._good_until:
                began = self.clock()
                self._map = await self._drawn(self._map)
                self._good_until = self.clock() + min(REST * (self.clock() - began), 120.0)
            return self._map

    async def _drawn(self, last: Atlas) -> Atlas:
        if self.settings.chroma_url is None and not (self.settings.home / "vectors").is_dir():
            return Atlas()
        async with memory_of(self.settings, self.ledger, held=False) as vectors:
            embedder, held = vectors.embedder.name, await vectors.count()
            if (embedder, held) == (last.embedder, last.held):
                return last
            await vectors.hold()
            ids, rows, groups = await asyncio.to_thread(vectors.some, self.most)
        return await asyncio.to_thread(self._draw, ids, rows, groups, embedder, held)

    def _draw(self, ids: list[str], rows: Floats, groups: list[str], embedder: str, held: int) -> Atlas:
        places, explained = plane(rows)
        made, names = _made(self.ledger, ids), sorted(set(groups))
        number = {name: i for i, name in enumerate(names)}
        xs, ys = (tuple(np.rint(column * GRID).astype(int).tolist()) for column in places.T)
        return Atlas(
            ids=tuple(ids),
            x=xs,
            y=ys,
            domain=tuple(number[group] for group in groups),
            at=tuple(made.get(name, 0.0) for name in ids),
            domains=tuple(names),
            explained=explained,
            embedder=embedder,
            held=held,
        )


def plane(rows: Floats) -> tuple[NDArray[np.float64], float]:
    """Unit vectors (n, dimension) in the plane of their two principal components, and its share of their variance.

    Coordinates (n, 2) lie in [0, 1], on one scale for both axes. The sign of each axis is such that the point farthest
    out lies on its positive side: the same vectors give the same picture.
    """
    n = len(rows)
    if n < 2:
        return np.full((n, 2), 0.5), 1.0
    centred = rows - rows.mean(axis=0, dtype=np.float64).astype(np.float32)
    values, axes = np.linalg.eigh(np.asarray(centred.T @ centred, np.float64))
    found = np.asarray(centred @ axes[:, :-3:-1].astype(np.float32), np.float64)
    if found.shape[1] < 2:
        found = np.hstack([found, np.zeros((n, 1))])
    found *= np.where(np.abs(found.min(axis=0)) > found.max(axis=0), -1.0, 1.0)
    low, high = found.min(axis=0), found.max(axis=0)
    span = float((high - low).max()) or 1.0
    total = float(values.sum())
    return (found - (low + high) / 2) / span + 0.5, float(values[-2:].sum()) / total if total > 0 else 1.0


def _made(ledger: Ledger, ids: Sequence[str]) -> dict[str, float]:
    """When candidates were made."""
    found: dict[str, float] = {}
    for start in range(0, len(ids), 500):
        query = select(candidates.c.id, candidates.c.at).where(candidates.c.id.in_(ids[start : start + 500]))
        found.update({row.id: row.at for row in ledger.rows(query)})
    return found
