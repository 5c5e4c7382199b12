"""What runs have used up: calls, tokens, money."""

from __future__ import annotations

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


def spending(ledger: Ledger, run: str) -> list[Spending]:
    """Calls, tokens and money of a run, by role; answers from the cache cost nothing and are not counted."""
    return spending_where(ledger, calls.c.run == run)


def spending_where(ledger: Ledger, which: ColumnElement[bool]) -> list[Spending]:
    """The same of whichever calls a condition on the table `calls` lets through."""
    bad = func.sum(case((calls.c.status == "error", 1), else_=0))
    query = (
        select(
            calls.c.role,
            func.count(),
            func.sum(calls.c.prompt_tokens),
            func.sum(calls.c.completion_tokens),
            func.sum(calls.c.cost),
            bad,
            func.sum(calls.c.attempts),
            func.sum(calls.c.seconds),
        )
        .where(which, calls.c.cached.is_(False))
        .group_by(calls.c.role)
        .order_by(calls.c.role)
    )
    return [Spending(*row) for row in ledger.rows(query)]
