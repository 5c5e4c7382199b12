"""Everything that a run's ledger says of its result, in a form that two runs can be compared by."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from wunderkammer import domains
from wunderkammer.memory.accounts import spending
from wunderkammer.memory.ledger import Ledger, address_of, opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import archive_of
from wunderkammer.memory.tables import aims, calls, candidates, duels, outcomes

Rows = dict[Any, dict[str, Any]]


@dataclass(frozen=True)
class Story:
    """What came of a run, without times and without its name."""

    archive: dict[tuple[str, ...], tuple[int, str]]
    """Cell to slot and candidate."""
    aims: Rows
    outcomes: Rows
    duels: Rows
    candidates: Rows
    answers: dict[str, tuple[str, ...]]
    """Every answered call of a slot, by its id."""

    def differences(self, other: Story, *, answers: bool = False) -> dict[str, Any]:
        """What differs, by name of the part; empty where the two tell the same.

        answers: compare calls too, whose ids hold the server's address.
        """
        found = {}
        for part in ("archive", "aims", "outcomes", "duels", "candidates", *(["answers"] if answers else [])):
            mine, its = getattr(self, part), getattr(other, part)
            keys = [key for key in {**mine, **its} if mine.get(key) != its.get(key)]
            if keys:
                found[part] = {key: (mine.get(key), its.get(key)) for key in keys[:3]}
        return found


@dataclass(frozen=True)
class Sums:
    """Counts that must hold in any ledger, however it came about."""

    slots: int
    distinct_slots: int
    requests: int
    """Requests to servers that the ledger knows of."""
    tokens: int


def story(home: Path, run: str = "r", address: str | None = None) -> Story:
    """Read it."""
    with opened(address or address_of(home)) as ledger:
        found = find_run(ledger, run)
        domain = domains.find(found.domain)
        elites = archive_of(ledger, found, domain.axes).elites
        names = {row.candidate for row in ledger.rows(select(outcomes.c.candidate).where(outcomes.c.run == run))}
        return Story(
            archive={cell: (elite.slot, elite.candidate) for cell, elite in elites.items()},
            aims=_rows(ledger, aims, run, "slot"),
            outcomes=_rows(ledger, outcomes, run, "slot"),
            duels=_rows(ledger, duels, run, "slot"),
            candidates={
                row.id: {"genome": row.genome, "text": row.text}
                for row in ledger.rows(select(candidates))
                if row.id in names
            },
            answers={
                row.id: tuple(row.texts)
                for row in ledger.rows(select(calls).where(calls.c.run == run, calls.c.slot >= 0))
                if row.status == "ok"
            },
        )


def sums(home: Path, run: str = "r", address: str | None = None) -> Sums:
    """Count."""
    with opened(address or address_of(home)) as ledger:
        here = outcomes.c.run == run
        slots = ledger.rows(select(func.count(), func.count(outcomes.c.slot.distinct())).where(here))[0]
        roles = spending(ledger, run)
    return Sums(
        slots=slots[0],
        distinct_slots=slots[1],
        requests=sum(role.attempts for role in roles),
        tokens=sum(role.prompt_tokens + role.completion_tokens for role in roles),
    )


def _rows(ledger: Ledger, table: Any, run: str, key: str) -> Rows:
    found = {}
    for row in ledger.rows(select(table).where(table.c.run == run)):
        values = {name: value for name, value in row._mapping.items() if name not in ("at", "run")}
        assert values[key] not in found
        found[values[key]] = values
    return found
