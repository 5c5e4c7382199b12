"""Runs: the list, one of them as it stands, its curves, its parts, and what can be begun."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from fastapi import APIRouter, Query
from sqlalchemy import func, select

from wunderkammer import domains
from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.apps.chat.office import Kind, Work
from wunderkammer.apps.chat.operations.domains import is_study, presets_of
from wunderkammer.apps.report.reading import calls_by_role, curve_of, novelty_by_step
from wunderkammer.apps.report.story import Point, RoleCalls, Words
from wunderkammer.apps.summary import Summary, summaries
from wunderkammer.apps.web.context import Here, Web
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.apps.web.parts import sheets_of
from wunderkammer.apps.web.rooms.reports import PAGE, has_report
from wunderkammer.core.contract import Frozen
from wunderkammer.core.plan import ABLATIONS
from wunderkammer.core.settings import EMBEDDED, public
from wunderkammer.memory import inbox, slots
from wunderkammer.memory.runs import Run, runs_called
from wunderkammer.memory.tables import findings
from wunderkammer.memory.undertakings import find_undertaking

router = APIRouter(prefix="/api", tags=["runs"])
Count = Annotated[int, Query(ge=1, le=500, description="At most so many.")]


class Line(Frozen):
    """One line of the list."""

    kind: Kind
    id: str
    domain: str
    at: float
    status: str
    summary: Summary | None
    """Of a search."""


class Lines(Frozen):
    """The list, newest first."""

    runs: tuple[Line, ...]
    total: int


class Letter(Frozen):
    """A message to a run."""

    text: Words
    heard: bool


class Page(Frozen):
    """One run as it stands. What only a search has is empty for others."""

    line: Line
    title: str
    """Of its domain."""
    parent: str | None
    plan: dict[str, Any]
    roles: dict[str, str]
    fates: dict[str, int]
    calls: tuple[RoleCalls, ...]
    letters: tuple[Letter, ...]
    findings: int
    sheets: tuple[Sheet, ...]
    """What a study, an autonomous run or a hardening came to."""
    parts: tuple[Line, ...]
    """Runs that were begun by it."""
    report: str | None
    """Address of its report, where one was written."""


class Curves(Frozen):
    """Figures of a search over its steps."""

    points: tuple[Point, ...]
    novelty: tuple[tuple[int, float], ...]


class Subject(Frozen):
    """A domain, as a form needs it."""

    name: str
    kind: str
    title: str
    study: bool
    cells: int
    presets: tuple[str, ...]
    options: dict[str, Any]
    """JSON schema of its options."""


class Beginnings(Frozen):
    """What there is to begin with."""

    domains: tuple[Subject, ...]
    ablations: tuple[str, ...]
    seats: tuple[str, ...]
    """Addresses of models that the installation knows."""


@router.get("/runs", responses=Refused)
def list_runs(here: Here, count: Count = 100) -> Lines:
    """Everything that was begun: searches, studies, hardenings, autonomous runs."""
    known = here.office.everything()
    return Lines(runs=_lines(here, known[:count]), total=len(known))


@router.get("/runs/{run}", responses=Refused)
def show_run(here: Here, run: str) -> Page:
    """One of them in full."""
    with looked_up():
        found = find_undertaking(here.ledger, run)
    known = here.office.everything()
    (line,) = _lines(here, [one for one in known if one.id == found.id])
    search = found if isinstance(found, Run) else None
    return Page(
        line=line,
        title=_title(found.domain),
        parent=None if not hasattr(found, "parent") else found.parent,
        plan=search.plan.model_dump(mode="json") if search else dict(found.plan),
        roles={
            role: f"{public(str(seat.get('server', '')))}#{seat.get('model', '')}" for role, seat in found.roles.items()
        },
        fates=slots.count_fates(here.ledger, search) if search else {},
        calls=calls_by_role(here.ledger, search) if search else (),
        letters=tuple(Letter(text=text, heard=heard) for _, text, heard in inbox.messages(here.ledger, found.id)),
        findings=here.ledger.rows(select(func.count()).where(findings.c.run == found.id))[0][0],
        sheets=() if isinstance(found, Run) else sheets_of(here.ledger, found),
        parts=_lines(here, [one for one in known if one.id.startswith(f"{found.id}-")]),
        report=f"/reports/{found.id}/{PAGE}" if has_report(here.settings.home, found.id) else None,
    )


@router.get("/runs/{run}/curves", responses=Refused)
def show_curves(here: Here, run: str) -> Curves:
    """Coverage, QD score, calls, tokens and cost by step, and novelty as it was measured when things were stored."""
    with looked_up():
        found = here.office.run(run)
    return Curves(points=curve_of(here.ledger, found), novelty=novelty_by_step(here.ledger, found))


@router.get("/beginnings", responses=Refused)
def list_beginnings(here: Here) -> Beginnings:
    """What a form for a new run offers."""
    servers = (*here.settings.servers, EMBEDDED)
    cast = (f"{seat.server}#{seat.model}" for seat in here.settings.roles.values())
    return Beginnings(
        domains=tuple(_subject(one) for one in domains.installed().values()),
        ablations=tuple(ABLATIONS),
        seats=tuple(dict.fromkeys([*cast, *servers])),
    )


def _lines(here: Web, works: Sequence[Work]) -> tuple[Line, ...]:
    found = runs_called(here.ledger, [one.id for one in works if one.kind == "run"])
    outlines = {one.id: one for one in summaries(here.ledger, here.settings.home, list(found.values()))}
    return tuple(
        Line(kind=one.kind, id=one.id, domain=one.domain, at=one.at, status=one.status, summary=outlines.get(one.id))
        for one in works
    )


def _title(domain: str) -> str:
    """Empty for a domain that is not installed any more, and where there is none."""
    found = domains.installed().get(domain)
    return found.title if found else ""


def _subject(domain: type[domains.AnyDomain]) -> Subject:
    cells = 1
    for values in domain.axes.values():
        cells *= len(values)
    return Subject(
        name=domain.name,
        kind=domain.kind,
        title=domain.title,
        study=is_study(domain),
        cells=cells if domain.axes else 0,
        presets=tuple(presets_of(domain)),
        options=domain.options.model_json_schema(),
    )
