"""Whatever can be resumed, by its id: a search, a study, an autonomous run."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Table, select

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, find_run
from wunderkammer.memory.tables import runs, ventures
from wunderkammer.memory.ventures import Venture, find_venture


def find_undertaking(ledger: Ledger, name: str) -> Run | Venture:
    """The one whose id begins with `name`, or the latest that somebody began: not what an autonomous run began."""
    if name == "latest":
        return _latest(ledger)
    ids = [row.id for table in (runs, ventures) for row in _like(ledger, table, name)]
    if not ids:
        raise ConfigError(f"no run {name!r} in {ledger.place}; `wunder runs` and `wunder studies` list what there is")
    if len(ids) > 1:
        raise ConfigError(f"{name!r} fits several runs; write more of the id")
    return find_run(ledger, ids[0]) if _like(ledger, runs, ids[0]) else find_venture(ledger, ids[0])


def _like(ledger: Ledger, table: Table, name: str) -> list[Any]:
    return ledger.rows(select(table.c.id).where(table.c.id.startswith(name, autoescape=True)).limit(2))


def _latest(ledger: Ledger) -> Run | Venture:
    last_run = ledger.rows(select(runs.c.id, runs.c.at).order_by(runs.c.at.desc()).limit(1))
    free = select(ventures.c.id, ventures.c.at).where(ventures.c.parent.is_(None)).order_by(ventures.c.at.desc())
    last_venture = ledger.rows(free.limit(1))
    if last_venture and (not last_run or last_venture[0].at > last_run[0].at):
        return find_venture(ledger, last_venture[0].id)
    return find_run(ledger, "latest")
