"""Whatever can be resumed, by its id: a search, a hardening, a study, an autonomous run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.hardenings import Hardening, hardening_called
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, find_run
from wunderkammer.memory.tables import hardenings, runs, ventures
from wunderkammer.memory.ventures import Venture, find_venture

Undertaking = Run | Hardening | Venture
PART = "-"
"""Stands in the id of what was begun by another undertaking: `ID-…`. It is resumed with that, or by its full name."""


def find_undertaking(ledger: Ledger, name: str) -> Undertaking:
    """The one whose id begins with `name`, or the `latest` that somebody began."""
    if name == "latest":
        found = [row for table in (runs, hardenings, ventures) for row in _latest(ledger, table)]
        ids = [max(found, key=lambda row: float(row.at)).id] if found else []
    else:
        ids = [row.id for table in (runs, hardenings, ventures) for row in _like(ledger, table, name)]
    if not ids:
        raise ConfigError(f"no run {name!r} in {ledger.place}; `wunder runs` and `wunder studies` list what there is")
    if len(ids) > 1:
        raise ConfigError(f"{name!r} fits several runs; write more of the id")
    return _open(ledger, ids[0])


def _like(ledger: Ledger, table: Table, name: str) -> list[Any]:
    query = select(table.c.id).where(table.c.id.startswith(name, autoescape=True))
    if PART not in name:
        query = query.where(table.c.id.not_like(f"%{PART}%"))
    exact = [row for row in ledger.rows(query.limit(2)) if row.id == name]
    return exact or ledger.rows(query.limit(2))


def _latest(ledger: Ledger, table: Table) -> list[Any]:
    whole = select(table.c.id, table.c.at).where(table.c.id.not_like(f"%{PART}%"))
    return ledger.rows(whole.order_by(table.c.at.desc()).limit(1))


def _open(ledger: Ledger, name: str) -> Undertaking:
    if hardening := hardening_called(ledger, name):
        return hardening
    if ledger.rows(select(ventures.c.id).where(ventures.c.id == name)):
        return find_venture(ledger, name)
    return find_run(ledger, name)
