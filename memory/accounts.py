"""What runs have used up: calls, tokens, money."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, case, func, select

from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import calls


@dataclass(frozen=True)
class Spending:
    """What calls of one role came to."""

    role: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    errors: int
    attempts: int
    """Requests sent, further tries included: what a budget of calls counts."""
    seconds: float
    """Sum of latencies; divide by calls for the mean."""


_SUMS = (
    func.count(),
    func.sum(calls.c.prompt_tokens),
    func.sum(calls.c.completion_tokens),
    func.sum(calls.c.cost),
    func.sum(case((calls.c.status == "error", 1), else_=0)),
    func.sum(calls.c.attempts),
    func.sum(calls.c.seconds),
)
"""What `Spending` holds after the role, in its order."""


def spending(ledger: Ledger, run: str) -> list[Spending]:
    """Calls, tokens and money of a run, by role; answers from the cache cost nothing and are not counted."""
    return spending_where(ledger, calls.c.run == run)


def spending_where(ledger: Ledger, which: ColumnElement[bool]) -> list[Spending]:
    """The same of whichever calls a condition on the table `calls` lets through."""
    query = select(calls.c.role, *_SUMS).where(which, calls.c.cached.is_(False))
    return [Spending(*row) for row in ledger.rows(query.group_by(calls.c.role).order_by(calls.c.role))]


def spending_of(ledger: Ledger, names: Sequence[str]) -> dict[str, list[Spending]]:
    """The same of several runs, by one query; a run without calls is not among them. names: at most some hundreds."""
    query = select(calls.c.run, calls.c.role, *_SUMS).where(calls.c.run.in_(names), calls.c.cached.is_(False))
    found: dict[str, list[Spending]] = {}
    for run, *figures in ledger.rows(query.group_by(calls.c.run, calls.c.role).order_by(calls.c.role)):
        found.setdefault(run, []).append(Spending(*figures))
    return found
