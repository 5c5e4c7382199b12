"""A run in a few figures: how it stands, how far it came, what it cost."""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from sqlalchemy import select

from wunderkammer.core.contract import Frozen
from wunderkammer.core.events import Ended, Remembered
from wunderkammer.memory import accounts, runs
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.lock import owned
from wunderkammer.memory.runs import Run
from wunderkammer.memory.tables import events

E = TypeVar("E", Ended, Remembered)


class Summary(Frozen):
    """One line of `wunder runs`."""

    id: str
    domain: str
    at: float
    """When it was begun, in seconds since the epoch."""
    status: str
    """`running` while a live process owns it; else its last word, or `interrupted`."""
    reason: str
    steps: int
    of: int
    """Steps that the plan asks for."""
    filled: int
    cells: int
    calls: int
    errors: int
    tokens: int
    cost: float
    parent: str | None


def summary(ledger: Ledger, home: Path, run: Run) -> Summary:
    """The run as the ledger and its lock have it now. Reads its last events, not its slots."""
    ended = _last(ledger, run.id, Ended)
    remembered = _last(ledger, run.id, Remembered)
    inherited = run.parent_slots // run.plan.batch
    spent = accounts.spending(ledger, run.id)
    busy = owned(home, run.id)
    status = "running" if busy else runs.status(ledger, run.id)
    return Summary(
        id=run.id,
        domain=run.domain,
        at=run.at,
        status=status,
        reason=ended.reason if ended and status == ended.status else "",
        steps=remembered.step + 1 if remembered else inherited,
        of=run.plan.steps,
        filled=remembered.filled if remembered else 0,
        cells=remembered.cells if remembered else 0,
        calls=sum(one.calls for one in spent),
        errors=sum(one.errors for one in spent),
        tokens=sum(one.prompt_tokens + one.completion_tokens for one in spent),
        cost=sum(one.cost for one in spent),
        parent=run.parent,
    )


def _last(ledger: Ledger, run: str, kind: type[E]) -> E | None:
    name = kind.model_fields["kind"].default
    query = select(events.c.body).where(events.c.run == run, events.c.kind == name).order_by(events.c.seq.desc())
    rows = ledger.rows(query.limit(1))
    return kind(**rows[0].body) if rows else None
