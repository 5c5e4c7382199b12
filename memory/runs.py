"""Runs in the ledger: beginning one, finding one, its events, its last word, its ancestors."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, Subquery, func, select, union_all

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import EVENT, Event, Remembered
from wunderkammer.core.plan import SearchPlan
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import events, hardenings, runs, ventures

INTERRUPTED = "interrupted"
"""The status of what neither ended nor is at work."""
MOST_NAMED = 500
"""Runs that one query names: databases bound how many values a statement may have."""


@dataclass(frozen=True)
class Run:
    """One row of `runs`."""

    id: str
    domain: str
    plan: SearchPlan
    roles: Mapping[str, Mapping[str, Any]]
    parent: str | None
    parent_slots: int
    at: float


def begin(ledger: Ledger, run: Run) -> None:
    """Write a new run down; flush before anything else refers to it."""
    row = {"id": run.id, "domain": run.domain, "plan": run.plan.model_dump(mode="json"), "plan_id": run.plan.id}
    ledger.put(
        runs, {**row, "roles": dict(run.roles), "parent": run.parent, "parent_slots": run.parent_slots, "at": run.at}
    )


def find_run(ledger: Ledger, name: str) -> Run:
    """The run whose id begins with `name`, or the `latest`."""
    if name == "latest":
        rows = ledger.rows(select(runs).order_by(runs.c.at.desc()).limit(1))
    else:
        rows = ledger.rows(select(runs).where(runs.c.id == name))
        rows = rows or ledger.rows(select(runs).where(runs.c.id.startswith(name, autoescape=True)).limit(2))
    if not rows:
        raise ConfigError(f"no run {name!r} in {ledger.place}; `wunder runs` lists them")
    if len(rows) > 1:
        raise ConfigError(f"{name!r} fits several runs; write more of the id")
    return _run(rows[0])


def run_called(ledger: Ledger, name: str) -> Run | None:
    """The run of exactly this id."""
    rows = ledger.rows(select(runs).where(runs.c.id == name))
    return _run(rows[0]) if rows else None


def runs_called(ledger: Ledger, names: Iterable[str]) -> dict[str, Run]:
    """The runs of exactly these ids."""
    rows = (row for some in _some(names) for row in ledger.rows(select(runs).where(runs.c.id.in_(some))))
    return {row.id: _run(row) for row in rows}


def all_runs(ledger: Ledger) -> list[Run]:
    """Every run, newest first."""
    return [_run(row) for row in ledger.rows(select(runs).order_by(runs.c.at.desc()))]


def _run(row: Any) -> Run:
    try:
        plan = SearchPlan(**row.plan)
    except ValidationError:
        raise ConfigError(f"run {row.id} was made by another version, whose plan this one cannot read") from None
    return Run(row.id, row.domain, plan, row.roles, row.parent, row.parent_slots, row.at)


def tell(ledger: Ledger, run: str, event: Event, key: str | None = None) -> None:
    """Keep an event of a run. An event with a key is kept once, however often it is told."""
    body = event.model_dump(mode="json", exclude={"kind"})
    ledger.put(events, {"run": run, "kind": event.kind, "key": key, "body": body, "at": time.time()})


def told(ledger: Ledger, run: str, kind: str | None = None) -> list[tuple[float, Event]]:
    """The events of a run in order, with their times."""
    query = select(events).where(events.c.run == run).order_by(events.c.seq)
    if kind:
        query = query.where(events.c.kind == kind)
    return [(row.at, EVENT.validate_python({"kind": row.kind, **row.body})) for row in ledger.rows(query)]


def status(ledger: Ledger, run: str) -> str:
    """The run's last word; `interrupted` where its process died without one."""
    query = select(events.c.kind, events.c.body).where(events.c.run == run).order_by(events.c.seq.desc()).limit(1)
    rows = ledger.rows(query)
    return str(rows[0].body["status"]) if rows and rows[0].kind == "ended" else INTERRUPTED


def statuses(ledger: Ledger, names: Iterable[str] | None = None) -> dict[str, str]:
    """The `status` of all that was begun and has told anything, whatever it is; or of the searches that are named."""
    if names is None:
        begun = union_all(*(select(table.c.id) for table in (runs, ventures, hardenings))).subquery()
        rows = ledger.rows(_last_of(begun))
    else:
        rows = [row for some in _some(names) for row in ledger.rows(_last_of(_named(some)))]
    return {row.run: str(row.body["status"]) if row.kind == "ended" else INTERRUPTED for row in rows}


def last_told(ledger: Ledger, names: Iterable[str], kind: str) -> dict[str, Mapping[str, Any]]:
    """What each of these runs told last of a kind."""
    found: dict[str, Mapping[str, Any]] = {}
    for some in _some(names):
        found.update({row.run: row.body for row in ledger.rows(_last_of(_named(some), kind))})
    return found


def _named(names: Sequence[str]) -> Subquery:
    return select(runs.c.id).where(runs.c.id.in_(names)).subquery()


def _last_of(named: Subquery, kind: str | None = None) -> Select[Any]:
    """The last event of each run that is named, or the last of a kind; by the index, run by run."""
    last = select(func.max(events.c.seq)).where(events.c.run == named.c.id)
    if kind is not None:
        last = last.where(events.c.kind == kind)
    return select(events).where(events.c.seq.in_(select(last.scalar_subquery()).select_from(named)))


def _some(names: Iterable[str]) -> Iterator[Sequence[str]]:
    left = iter(names)
    while some := list(islice(left, MOST_NAMED)):
        yield some


def seconds(ledger: Ledger, run: str) -> float:
    """How long a run has worked so far, over all its processes, up to the last step that it remembers."""
    last = _last_remembered(ledger, run)
    return last.seconds if last else 0.0


def steps_done(ledger: Ledger, run: Run) -> int:
    """How many steps a run has behind it, those inherited from its parent included."""
    last = _last_remembered(ledger, run.id)
    return last.step + 1 if last else run.parent_slots // run.plan.batch


def _last_remembered(ledger: Ledger, run: str) -> Remembered | None:
    query = select(events.c.body).where(events.c.run == run, events.c.kind == "remembered")
    rows = ledger.rows(query.order_by(events.c.seq.desc()).limit(1))
    return Remembered(**rows[0].body) if rows else None


def lineage(ledger: Ledger, run: Run) -> list[tuple[str, int | None]]:
    """The runs whose slots make up this one, oldest first, each with where the next one branched off."""
    chain: list[tuple[str, int | None]] = [(run.id, None)]
    while run.parent:
        chain.append((run.parent, run.parent_slots))
        run = find_run(ledger, run.parent)
    # A branch cuts everything before it too: an ancestor counts only up to the lowest cut above it.
    cut: int | None = None
    cuts = []
    for name, end in chain:
        cut = end if cut is None else cut if end is None else min(cut, end)
        cuts.append((name, cut))
    return cuts[::-1]
