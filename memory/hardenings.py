"""Hardenings in the ledger: what each was asked to do, and what each of its stages came to."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.accounts import Spending, spending_where
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import calls, hardenings, stages

MARK = "h"
"""The ids of hardenings that a user begins begin with it, and none of a run does: those are hexadecimal. One that an
autonomous run begins is named after that, `ID-DOMAIN-harden-NUMBER`."""


@dataclass(frozen=True)
class Hardening:
    """One row of `hardenings`."""

    id: str
    domain: str
    plan: Mapping[str, Any]
    roles: Mapping[str, Mapping[str, Any]]
    at: float


@dataclass(frozen=True)
class Kept:
    """One row of `stages`."""

    round: int
    name: str
    body: Mapping[str, Any]
    at: float


@dataclass(frozen=True)
class Used:
    """What the calls of a hardening came to, those of the searches that it made included."""

    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float


def begin(ledger: Ledger, hardening: Hardening) -> None:
    """Write a new hardening down."""
    row = {"id": hardening.id, "domain": hardening.domain, "plan": dict(hardening.plan), "at": hardening.at}
    ledger.put(hardenings, {**row, "roles": dict(hardening.roles)})


def find_hardening(ledger: Ledger, name: str) -> Hardening | None:
    """The hardening whose id begins with `name`, or the `latest`; None where there is none.

    A search that a hardening made is named after it, `ID-…`: such a name is the search's and finds nothing here.
    """
    if (exact := hardening_called(ledger, name)) is not None:
        return exact
    query = select(hardenings).order_by(hardenings.c.at.desc())
    if name != "latest":
        query = query.where(hardenings.c.id.startswith(name, autoescape=True))
    rows = ledger.rows(query.limit(1 if name == "latest" else 2)) if name else []
    if len(rows) > 1:
        raise ConfigError(f"{name!r} fits several hardenings; write more of the id")
    return _hardening(rows[0]) if rows else None


def hardening_called(ledger: Ledger, name: str) -> Hardening | None:
    """The hardening of exactly this id."""
    rows = ledger.rows(select(hardenings).where(hardenings.c.id == name))
    return _hardening(rows[0]) if rows else None


def all_hardenings(ledger: Ledger) -> list[Hardening]:
    """Every hardening, newest first."""
    return [_hardening(row) for row in ledger.rows(select(hardenings).order_by(hardenings.c.at.desc()))]


def keep_stage(ledger: Ledger, hardening: str, number: int, name: str, body: Mapping[str, Any]) -> None:
    """Write down what a stage of a round came to. The first word stands: a stage that is done again changes nothing."""
    row = {"hardening": hardening, "round": number, "name": name, "body": dict(body), "at": time.time()}
    ledger.put(stages, row)


def stage(ledger: Ledger, hardening: str, number: int, name: str) -> Mapping[str, Any] | None:
    """What a stage came to; None where it has not been done."""
    query = select(stages.c.body).where(
        stages.c.hardening == hardening, stages.c.round == number, stages.c.name == name
    )
    rows = ledger.rows(query)
    return dict(rows[0].body) if rows else None


def stages_of(ledger: Ledger, hardening: str) -> list[Kept]:
    """Every stage that was done, in the order in which they were."""
    query = select(stages).where(stages.c.hardening == hardening).order_by(stages.c.at, stages.c.round)
    return [Kept(row.round, row.name, dict(row.body), row.at) for row in ledger.rows(query)]


def used(ledger: Ledger, hardening: str) -> Used:
    """What was asked under the hardening's name; answers from the cache cost nothing and are not counted."""
    sums = (calls.c.attempts, calls.c.prompt_tokens, calls.c.completion_tokens, calls.c.cost)
    query = select(*(func.coalesce(func.sum(column), 0) for column in sums))
    (row,) = ledger.rows(query.where(_of(hardening), calls.c.cached.is_(False)))
    return Used(*row)


def spending(ledger: Ledger, hardening: str) -> list[Spending]:
    """The same by role, with errors and latencies."""
    return spending_where(ledger, _of(hardening))


def seconds(ledger: Ledger, hardening: str) -> float:
    """How long it was worked on, in whole stages."""
    return sum(float(kept.body.get("seconds", 0.0)) for kept in stages_of(ledger, hardening))


def _of(hardening: str) -> ColumnElement[bool]:
    """Calls under its own name, and under `ID-…`: its hearings and its searches."""
    return or_(calls.c.run == hardening, calls.c.run.startswith(f"{hardening}-", autoescape=True))


def _hardening(row: Any) -> Hardening:
    return Hardening(row.id, row.domain, row.plan, row.roles, row.at)
