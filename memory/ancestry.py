"""Where a candidate came from: its parents, and theirs, back to a seed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, lineage
from wunderkammer.memory.tables import outcomes


@dataclass(frozen=True, slots=True)
class Birth:
    """When a candidate was first evaluated in a run, and what it was varied from."""

    slot: int
    parents: tuple[str, ...]


def births(ledger: Ledger, run: Run) -> dict[str, Birth]:
    """The first evaluation of every candidate of a run and of those it was forked from, by candidate id.

    Holds about 200 bytes a candidate. Walking rows one by one would ask the database once per ancestor and elite.
    """
    found: dict[str, Birth] = {}
    for name, cut in lineage(ledger, run):
        query = select(outcomes.c.candidate, outcomes.c.slot, outcomes.c.parents)
        query = query.where(outcomes.c.run == name, outcomes.c.fate == "evaluated").order_by(outcomes.c.slot)
        for candidate, slot, parents in ledger.stream(query if cut is None else query.where(outcomes.c.slot < cut)):
            found.setdefault(candidate, Birth(slot, tuple(parents)))
    return found


def ancestors(known: Mapping[str, Birth], candidate: str) -> Iterator[str]:
    """Ids of the parents, then of theirs: nearest first, each once, as far back as the run knows them."""
    seen = {candidate}
    generation = [candidate]
    while generation:
        parents = [p for name in generation if name in known for p in known[name].parents]
        generation = [name for name in dict.fromkeys(parents) if name not in seen]
        seen.update(generation)
        yield from generation
