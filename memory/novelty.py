"""Novelty: how far a candidate lies from all that was stored before it, measured when it is stored, kept for good.

The novelty of novelty search (Lehman and Stanley 2011): the mean distance to the k nearest, here cosine distance
between embeddings, against everything that was seen and not a pruned archive.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import fsum
from typing import NamedTuple

import numpy as np
from sqlalchemy import and_, select

from wunderkammer.core.contract import Frozen
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.neighbours import Floats, Near, Neighbours
from wunderkammer.memory.runs import Run, lineage
from wunderkammer.memory.tables import candidates, outcomes
from wunderkammer.memory.tables import novelty as table

K = 10
"""Neighbours that novelty is a mean over, where nothing else is said."""


class Novelty(Frozen):
    """How new a slot's candidate was when it was stored. None: there was nothing to compare it with."""

    run: str
    slot: int
    candidate: str
    embedder: str
    """Whose vectors were compared; figures of different embedders have nothing to do with each other."""
    k: int
    in_domain: float | None
    """Mean cosine distance to the k nearest of its own domain (or to as many as there were), in [0, 2]."""
    across: float | None
    """The same over all domains."""
    nearest: str | None
    """The nearest of all that were there."""
    distance: float | None
    """Its distance."""
    held: int
    """How many vectors were there to compare with."""


class Evaluated(NamedTuple):
    """A slot whose candidate belongs in the vector memory."""

    run: str
    slot: int
    candidate: str
    domain: str
    text: str
    measured: bool
    """Whether its novelty was written down."""


@dataclass(frozen=True)
class Figures:
    """Novelty of one vector, before it is somebody's."""

    in_domain: float | None
    across: float | None
    nearest: str | None
    distance: float | None
    held: int


def measure(near: Neighbours, ids: Sequence[str], vectors: Floats, groups: Sequence[str], k: int = K) -> list[Figures]:
    """Novelty of unit vectors, shape (n, dimension), as if they were stored one after the other.

    Each is compared with what is held and with those before it, however they come in batches; never with its own id.
    Does not store them: call `Neighbours.add` afterwards.
    """
    held = near.by_group(vectors, k + 1)
    between = np.clip(1 - vectors @ vectors.T, 0, 2).tolist()
    seen: set[str] = set()
    fresh: list[int] = []  # those of the batch that are stored before the one in hand
    found = []
    for i, name in enumerate(ids):
        beside = [(between[i][j], ids[j], groups[j]) for j in fresh if ids[j] != name]
        own = _distances(held.get(groups[i]), i, near, name) + [(d, n) for d, n, group in beside if group == groups[i]]
        every = [pair for one in held.values() for pair in _distances(one, i, near, name)]
        every += [(d, n) for d, n, _ in beside]
        distance, nearest = min(every, default=(None, None))
        count = len(near) - (name in near) + len(beside)
        found.append(Figures(_mean(own, k), _mean(every, k), nearest, distance, count))
        if name not in near and name not in seen:
            seen.add(name)
            fresh.append(i)
    return found


def _distances(near: Near | None, i: int, holder: Neighbours, own: str) -> list[tuple[float, str]]:
    if near is None:
        return []
    names = holder.names(near.places[i : i + 1])[0]
    return [(d, name) for d, name in zip(near.distances[i].tolist(), names, strict=True) if name != own]


def _mean(pairs: list[tuple[float, str]], k: int) -> float | None:
    if not pairs:
        return None
    nearest = sorted(distance for distance, _ in pairs)[:k]
    return fsum(nearest) / len(nearest)


def keep_novelty(ledger: Ledger, found: Sequence[Novelty]) -> None:
    """Write figures down; what is known of a slot already stays as it is."""
    for one in found:
        ledger.put(table, one.model_dump())


def novelty_of(ledger: Ledger, run: Run) -> Iterator[Novelty]:
    """What was measured of a run's slots, inherited ones included, in their order."""
    for name, cut in lineage(ledger, run):
        query = select(table).where(table.c.run == name).order_by(table.c.embedder, table.c.slot)
        if cut is not None:
            query = query.where(table.c.slot < cut)
        yield from (Novelty(**row._mapping) for row in ledger.stream(query))


def measured_by(ledger: Ledger, embedder: str) -> Iterator[Novelty]:
    """Everything that was measured with the vectors of one embedder."""
    query = select(table).where(table.c.embedder == embedder).order_by(table.c.run, table.c.slot)
    return (Novelty(**row._mapping) for row in ledger.stream(query))


def evaluated(ledger: Ledger, embedder: str, run: str | None = None, before: int | None = None) -> Iterator[Evaluated]:
    """Every evaluated slot in the order of evaluation; or of one run, below slot `before`, in slot order."""
    here = and_(table.c.run == outcomes.c.run, table.c.slot == outcomes.c.slot, table.c.embedder == embedder)
    joined = outcomes.join(candidates, candidates.c.id == outcomes.c.candidate).outerjoin(table, here)
    columns = (outcomes.c.run, outcomes.c.slot, outcomes.c.candidate, candidates.c.domain, candidates.c.text)
    query = select(*columns, table.c.slot.is_not(None)).select_from(joined).where(outcomes.c.fate == "evaluated")
    order = (outcomes.c.at, outcomes.c.run, outcomes.c.slot) if run is None else (outcomes.c.slot,)
    if run is not None:
        query = query.where(outcomes.c.run == run)
    if before is not None:
        query = query.where(outcomes.c.slot < before)
    return (Evaluated(*row) for row in ledger.stream(query.order_by(*order)))


def measure_afterwards(ledger: Ledger, embedder: str, dimension: int, vector: Callable[[str], Floats | None]) -> int:
    """Measure every evaluated slot that was not, as if all were stored anew in the order of evaluation; how many.

    vector: of a candidate. Figures that exist stay. What another run stored meanwhile may have been there or not when
    the slot was evaluated: nobody wrote that down, so these figures may differ from those of a run that goes on.
    """
    near, measured = Neighbours(dimension), 0
    slots = evaluated(ledger, embedder)
    while batch := list(islice(slots, 64)):
        known = [(one, found) for one in batch if (found := vector(one.candidate)) is not None]
        if not known:
            continue
        ids, rows = [one.candidate for one, _ in known], np.stack([found for _, found in known])
        domains = [one.domain for one, _ in known]
        if not all(one.measured for one, _ in known):
            figures = measure(near, ids, rows, domains)
            owed = [(one, figure) for (one, _), figure in zip(known, figures, strict=True) if not one.measured]
            keep_novelty(
                ledger, [novelty_as(one.run, one.slot, one.candidate, embedder, figure) for one, figure in owed]
            )
            measured += len(owed)
        near.add(ids, rows, domains)
    return measured


def novelty_as(run: str, slot: int, candidate: str, embedder: str, figures: Figures, k: int = K) -> Novelty:
    """Figures as those of a slot."""
    return Novelty(run=run, slot=slot, candidate=candidate, embedder=embedder, k=k, **figures.__dict__)


def disagreeing(found: Sequence[Novelty], near: Neighbours, tolerance: float = 1e-3) -> list[Novelty]:
    """Figures that the vectors contradict: the two that were nearest do not lie as far apart as was written down.

    Rows of which one of the two vectors is gone are passed over: that is counted elsewhere.
    """
    wrong = []
    for one in found:
        mine, other = near.vector(one.candidate), None if one.nearest is None else near.vector(one.nearest)
        if mine is None or other is None or one.distance is None:
            continue
        if abs(1 - float(mine @ other) - one.distance) > tolerance:
            wrong.append(one)
    return wrong
