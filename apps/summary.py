"""A run in a few figures: how it stands, how far it came, what it cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from wunderkammer.core.contract import Frozen
from wunderkammer.core.events import Ended, Remembered
from wunderkammer.memory import accounts, runs
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.lock import owned
from wunderkammer.memory.runs import Run


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
    return summaries(ledger, home, [run])[0]


def summaries(ledger: Ledger, home: Path, known: Sequence[Run]) -> list[Summary]:
    """The same of many runs, in their order, by a few queries for hundreds of them."""
    found: list[Summary] = []
    for start in range(0, len(known), runs.MOST_NAMED):
        some = known[start : start + runs.MOST_NAMED]
        names = [run.id for run in some]
        last, ended = runs.statuses(ledger, names), runs.last_told(ledger, names, "ended")
        remembered, spent = runs.last_told(ledger, names, "remembered"), accounts.spending_of(ledger, names)
        for run in some:
            status = "running" if owned(home, run.id) else last.get(run.id, runs.INTERRUPTED)
            found.append(_outline(run, status, ended.get(run.id), remembered.get(run.id), spent.get(run.id, [])))
    return found


def _outline(
    run: Run,
    status: str,
    ended: Mapping[str, Any] | None,
    remembered: Mapping[str, Any] | None,
    spent: Sequence[accounts.Spending],
) -> Summary:
    end = Ended(**ended) if ended else None
    step = Remembered(**remembered) if remembered else None
    return Summary(
        id=run.id,
        domain=run.domain,
        at=run.at,
        status=status,
        reason=end.reason if end and status == end.status else "",
        steps=step.step + 1 if step else run.parent_slots // run.plan.batch,
        of=run.plan.steps,
        filled=step.filled if step else 0,
        cells=step.cells if step else 0,
        calls=sum(one.calls for one in spent),
        errors=sum(one.errors for one in spent),
        tokens=sum(one.prompt_tokens + one.completion_tokens for one in spent),
        cost=sum(one.cost for one in spent),
        parent=run.parent,
    )
