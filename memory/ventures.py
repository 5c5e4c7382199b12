"""Ventures in the ledger: studies and autonomous runs. Their events, findings and inbox are kept as a search's are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from sqlalchemy import select

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import ventures

Kind = Literal["study", "autonomous"]


@dataclass(frozen=True)
class Venture:
    """One row of `ventures`."""

    id: str
    kind: Kind
    domain: str
    """Of a study; else empty."""
    plan: Mapping[str, Any]
    """A `StudyPlan` or an `AutonomousPlan`, as plain values."""
    plan_id: str
    roles: Mapping[str, Mapping[str, Any]]
    parent: str | None
    """The autonomous run that began it."""
    at: float


def plain_plan(plan: Frozen) -> dict[str, Any]:
    """A plan as the ledger keeps it."""
    return plan.model_dump(mode="json")


def begin(ledger: Ledger, venture: Venture) -> None:
    """Write a venture down; flush before anything else refers to it. One that is there already stays as it is."""
    ledger.put(ventures, {**venture.__dict__, "plan": dict(venture.plan), "roles": dict(venture.roles)})


def find_venture(ledger: Ledger, name: str, kind: Kind | None = None) -> Venture:
    """The venture whose id begins with `name`, or the `latest`; of one kind, or of any."""
    found = _like(ledger, name, kind)
    what = {"study": "study", "autonomous": "autonomous run", None: "study or autonomous run"}[kind]
    if not found:
        raise ConfigError(f"no {what} {name!r} in {ledger.place}; `wunder studies` and `wunder runs` list them")
    if len(found) > 1:
        raise ConfigError(f"{name!r} fits several; write more of the id")
    return found[0]


def maybe_venture(ledger: Ledger, name: str) -> Venture | None:
    """The venture that `name` means beyond doubt; None where there is none, or several."""
    found = _like(ledger, name, None)
    return found[0] if len(found) == 1 else None


def all_ventures(ledger: Ledger, kind: Kind | None = None) -> list[Venture]:
    """Every venture, newest first."""
    query = select(ventures).order_by(ventures.c.at.desc())
    return [_venture(row) for row in ledger.rows(query if kind is None else query.where(ventures.c.kind == kind))]


def _like(ledger: Ledger, name: str, kind: Kind | None) -> list[Venture]:
    query = select(ventures) if kind is None else select(ventures).where(ventures.c.kind == kind)
    if exact := ledger.rows(query.where(ventures.c.id == name)):
        return [_venture(row) for row in exact]
    if name == "latest":
        query = query.order_by(ventures.c.at.desc()).limit(1)
    else:
        query = query.where(ventures.c.id.startswith(name, autoescape=True)).limit(2)
    return [_venture(row) for row in ledger.rows(query)]


def _venture(row: Any) -> Venture:
    return Venture(row.id, row.kind, row.domain, row.plan, row.plan_id, row.roles, row.parent, row.at)
