"""The archive of a run: its map in compact form, one cell in full, what evaluators say of it; replay and export."""

from __future__ import annotations

import io
from math import isfinite, prod
from threading import Lock
from typing import Annotated

from fastapi import APIRouter, HTTPException, Path, Query
from pydantic import Field
from sqlalchemy import func, select
from starlette.responses import Response

from wunderkammer.apps import exchange
from wunderkammer.apps.cabinet import Cabinet
from wunderkammer.apps.openended import Told, watch
from wunderkammer.apps.rehearing import Take
from wunderkammer.apps.replay import replay
from wunderkammer.apps.report.measures import Agreement, Evaluation
from wunderkammer.apps.report.reading import holder_of, judgements
from wunderkammer.apps.report.story import Holder, Part, RunReport, Words
from wunderkammer.apps.web.context import Here, Web
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.core.abilities import Rates
from wunderkammer.core.contract import Axes, Cell
from wunderkammer.memory import slots
from wunderkammer.memory.openendedness.compressor import Compressor
from wunderkammer.memory.openendedness.verdict import Verdict
from wunderkammer.memory.tables import events

router = APIRouter(prefix="/api", tags=["archive"])
Place = Annotated[int, Path(ge=0, lt=2**53, description="Number of the cell, the last axis running fastest.")]
_judging = Lock()
"""Observers take a core each: one at a time."""


class Map(Part):
    """An archive in parallel lists: filled cells alone, each by its number."""

    run: str
    axes: dict[str, tuple[str, ...]]
    fitness_is: str
    """What the figures mean."""
    cells: tuple[int, ...]
    fitness: tuple[float | None, ...]
    """Rounded to four digits: it only colours a square."""
    slots: tuple[int, ...]
    last: int
    """The latest event before this was read: what was told after it may be missing here."""


class Seen(Part):
    """One cell: who holds it."""

    run: str
    domain: str
    kind: str
    number: int
    cell: tuple[str, ...]
    elite: Holder


class Watched(Part):
    """What an observer says of the whole run and of its second half, with the curves of the whole."""

    whole: Verdict
    lately: Verdict
    sentence: str


class Judged(Part):
    """What evaluators say of the elites, and observers of all that was made."""

    evaluations: tuple[Evaluation, ...]
    agreements: tuple[Agreement, ...]
    watched: tuple[Watched, ...]
    """None of a run with too few artifacts."""


class Again(Part):
    """How often a candidate is to be evaluated, and by whom."""

    times: int = Field(1, ge=1, le=20)
    targets: tuple[Annotated[str, Field(max_length=300)], ...] = Field((), max_length=4)
    """Addresses as `--target` takes them; none: the target of its run."""


class Taken(Part):
    """One fresh evaluation."""

    target: str
    fitness: float | None
    response: Words
    fault: Words


class Replayed(Part):
    """A candidate, and what came of it now."""

    candidate: str
    stored_target: str
    stored_fitness: float | None
    takes: tuple[Taken, ...]
    end: str
    """Why some are missing."""


@router.get("/runs/{run}/archive", responses=Refused)
def show_map(here: Here, run: str) -> Map:
    """The whole archive as it stands: some 200 kB at 100 × 100 cells."""
    cabinet = _cabinet(here, run)
    last = here.ledger.rows(select(func.max(events.c.seq)).where(events.c.run == cabinet.run.id))[0][0]
    archive, domain = cabinet.archive, cabinet.domain
    numbers = _Numbers(archive.axes)
    held = sorted((numbers.of(cell), elite) for cell, elite in archive.elites.items()) if archive.axes else []
    return Map(
        run=cabinet.run.id,
        axes={name: tuple(values) for name, values in archive.axes.items()},
        fitness_is=domain.fitness_is if isinstance(domain, Rates) else RunReport.model_fields["fitness_is"].default,
        cells=tuple(number for number, _ in held),
        fitness=tuple(_short(elite.fitness) for _, elite in held),
        slots=tuple(elite.slot for _, elite in held),
        last=last or 0,
    )


@router.get("/runs/{run}/cells/{number}", responses=Refused)
def show_cell(here: Here, run: str, number: Place) -> Seen:
    """One cell in full: the elite, what the target said, the judge's votes and reasons, its ancestors."""
    cabinet = _cabinet(here, run)
    cell = _Numbers(cabinet.archive.axes).cell(number)
    elite = cabinet.archive.elites.get(cell)
    if elite is None:
        raise HTTPException(404, f"run {cabinet.run.id} has nothing at {', '.join(cell)} yet")
    entry = next(slots.entries(here.ledger, cabinet.run, cabinet.domain.genome, [elite.slot]))
    return Seen(
        run=cabinet.run.id,
        domain=cabinet.run.domain,
        kind=cabinet.domain.kind,
        number=number,
        cell=cell,
        elite=holder_of(here.ledger, cabinet.run, cabinet.domain, entry),
    )


@router.get("/runs/{run}/judgements", responses=Refused)
def show_judgements(here: Here, run: str) -> Judged:
    """Success by evaluator, and open-endedness by observer. What an observer computed is kept; the first time takes
    seconds."""
    cabinet = _cabinet(here, run)
    evaluations, agreements = judgements(cabinet.domain, cabinet.elites, cabinet.run.plan.seed)
    with _judging:
        watches = watch(here.ledger, Told.of(here.ledger, cabinet.run, cabinet.domain), [Compressor()], None)
    watched = tuple(Watched(whole=w.whole, lately=w.lately, sentence=w.whole.sentence) for w in watches)
    return Judged(evaluations=evaluations, agreements=agreements, watched=watched)


@router.get(
    "/runs/{run}/export",
    response_class=Response,
    responses={**Refused, 200: {"content": {"text/plain": {}}, "description": "A file to keep."}},
)
def export(
    here: Here,
    run: str,
    form: Annotated[str, Query(alias="format", max_length=20, description=", ".join(exchange.FORMATS))] = "chat",
    number: Annotated[int | None, Query(ge=0, lt=2**53, description="Only this cell.")] = None,
) -> Response:
    """The elites of a run in the format of another tool."""
    kind, cabinet = exchange.find(form), _cabinet(here, run)
    chosen = cabinet.elites
    if number is not None:
        cell = _Numbers(cabinet.archive.axes).cell(number)
        chosen = {cell: chosen[cell]} if cell in chosen else {}
    file = io.StringIO()
    exchange.export_entries(cabinet.exportable(chosen.values()), file, form)
    name = f"{cabinet.run.id}{'' if number is None else f'-{number}'}-{form}{kind.suffix}"
    return Response(
        file.getvalue(),
        media_type="text/plain; charset=utf-8",
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


@router.post("/candidates/{candidate}/replay", responses=Refused)
async def replay_candidate(
    here: Here, candidate: Annotated[str, Path(min_length=4, max_length=80)], asked: Again
) -> Replayed:
    """Evaluate a candidate again. Nothing but the calls is written down."""
    found = await replay(here.settings, candidate, asked.targets, asked.times, lambda: None)
    takes = [(again.target, take) for again in found.again for take in again.takes.by_place.values()]
    return Replayed(
        candidate=found.entry.candidate.id,
        stored_target=found.stored_target,
        stored_fitness=found.entry.outcome.fitness,
        takes=tuple(Taken(target=target, fitness=take.fitness, **_said(take)) for target, take in takes),
        end=next((again.takes.end for again in found.again if again.takes.end), ""),
    )


def _said(take: Take) -> dict[str, str]:
    outcome = take.outcome
    if outcome is None:
        return {"response": "", "fault": take.fault or ""}
    return {"response": outcome.notes.get("response", outcome.notes.get("answer", "")), "fault": outcome.error or ""}


def _cabinet(here: Web, run: str) -> Cabinet:
    with looked_up():
        return Cabinet(here.ledger, here.office.run(run))


def _short(figure: float | None) -> float | None:
    return None if figure is None or not isfinite(figure) else float(f"{figure:.4g}")


class _Numbers:
    """Cells as numbers: the last axis runs fastest, as in `Archive.cells`."""

    def __init__(self, axes: Axes) -> None:
        self._axes = [tuple(values) for values in axes.values()]
        self._places = [{value: place for place, value in enumerate(values)} for values in self._axes]

    def of(self, cell: Cell) -> int:
        number = 0
        for value, places in zip(cell, self._places, strict=True):
            number = number * len(places) + places[value]
        return number

    def cell(self, number: int) -> Cell:
        """404 for a number that is not on the grid."""
        if not self._axes or number >= prod(map(len, self._axes)):
            raise HTTPException(404, "there is no such cell")
        found = []
        for values in reversed(self._axes):
            number, place = divmod(number, len(values))
            found.append(values[place])
        return tuple(reversed(found))
