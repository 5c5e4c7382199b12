"""Worlds: what searches found that can be looked at, as pictures and rollouts, of any domain that gives some."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, HTTPException, Query, Request
from starlette.responses import Response

from wunderkammer.apps.gallery import Gallery, Order, Piece
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.apps.web.pictures import PICTURE, handed, shown
from wunderkammer.core.contract import Frozen
from wunderkammer.memory.artifacts import Artifacts

router = APIRouter(prefix="/api", tags=["worlds"])
WIDTH = 240
"""Characters of a text in the list."""


class OneRun(Frozen):
    id: str
    at: float
    status: str


class OneRoom(Frozen):
    """A domain that can be looked at."""

    domain: str
    title: str
    runs: tuple[OneRun, ...]
    """Newest first."""


class Exhibit(Frozen):
    """A candidate on show; its picture is at `/api/worlds/{id}/picture`."""

    id: str
    slot: int
    cell: tuple[str, ...] | None
    fitness: float | None
    text: str


class Exhibits(Frozen):
    run: str
    domain: str
    axes: tuple[str, ...]
    total: int
    exhibits: tuple[Exhibit, ...]


class Ancestor(Frozen):
    id: str
    slot: int | None
    text: str


class Label(Frozen):
    """All that is known of one candidate."""

    id: str
    run: str
    domain: str
    slot: int
    axes: tuple[str, ...]
    cell: tuple[str, ...] | None
    score: float | None
    fitness: float | None
    measures: dict[str, float]
    notes: dict[str, str]
    error: str | None
    text: str
    genome: dict[str, Any]
    caption: str
    artifacts: tuple[str, ...]
    ancestors: tuple[Ancestor, ...]


@router.get("/worlds", responses=Refused)
def list_worlds(here: Here, request: Request) -> list[OneRoom]:
    """Every installed domain whose candidates can be looked at, with its runs."""
    status = {one.id: one.status for one in here.office.everything()}
    return [
        OneRoom(
            domain=room.domain.name,
            title=room.domain.title,
            runs=tuple(OneRun(id=run.id, at=run.at, status=status.get(run.id, "")) for run in room.runs),
        )
        for room in _gallery(here, request).rooms()
    ]


@router.get("/runs/{run}/worlds", responses=Refused)
def list_exhibits(
    here: Here,
    request: Request,
    run: str,
    order: Order = "fitness",
    count: Annotated[int, Query(ge=1, le=200)] = 24,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Exhibits:
    """The elites of a run, to be looked at."""
    with looked_up():
        found = _gallery(here, request).pieces(run, order)
    first = found[0] if found else None
    return Exhibits(
        run=first.run.id if first else run,
        domain=first.domain.name if first else "",
        axes=tuple(first.domain.axes) if first else (),
        total=len(found),
        exhibits=tuple(_exhibit(piece) for piece in found[offset : offset + count]),
    )


def _exhibit(piece: Piece) -> Exhibit:
    entry, words = piece.entry, " ".join(piece.text.split())
    return Exhibit(
        id=entry.candidate.id,
        slot=entry.slot,
        cell=entry.outcome.cell,
        fitness=entry.outcome.fitness,
        text=words if len(words) <= WIDTH else words[: WIDTH - 1] + "…",
    )


@router.get("/worlds/{candidate}", responses=Refused)
def show_world(here: Here, request: Request, candidate: str) -> Label:
    """One candidate with its figures, text and ancestors. What happened in it is drawn apart: that takes longer."""
    gallery, store = _gallery(here, request), _store(here)
    piece = _piece(gallery, candidate)
    entry, outcome = piece.entry, piece.entry.outcome
    return Label(
        id=entry.candidate.id,
        run=piece.run.id,
        domain=piece.domain.name,
        slot=entry.slot,
        axes=tuple(piece.domain.axes),
        cell=outcome.cell,
        score=outcome.score,
        fitness=outcome.fitness,
        measures=outcome.measures,
        notes=outcome.notes,
        error=outcome.error,
        text=piece.text,
        genome=entry.candidate.genome.model_dump(mode="json"),
        caption=piece.picture().caption,
        artifacts=tuple(piece.files(store)),
        ancestors=tuple(
            Ancestor(id=one.id, slot=slot, text=piece.domain.text(one.genome)[:WIDTH])
            for one, slot in gallery.line(piece)
        ),
    )


@router.get("/worlds/{candidate}/picture", response_class=Response, responses={**Refused, **PICTURE})
def show_picture(here: Here, request: Request, candidate: str) -> Response:
    """The candidate itself, drawn."""
    return shown(_piece(_gallery(here, request), candidate).picture(), request)


@router.get("/worlds/{candidate}/rollout", response_class=Response, responses={**Refused, **PICTURE})
def show_rollout(here: Here, request: Request, candidate: str) -> Response:
    """What happened in it, its caption percent-encoded in `x-caption`; 204 where nothing was kept."""
    gallery = _gallery(here, request)
    found = gallery.rollout(_piece(gallery, candidate), _store(here))
    return Response(status_code=204) if found is None else shown(found, request)


@router.get("/artifacts/{name}", response_class=Response, responses={**Refused, **PICTURE})
def show_artifact(here: Here, name: str) -> Response:
    """A file that an evaluation left; its name is a hash of what is in it."""
    with looked_up():
        file = _store(here).path(name)
    if not file.is_file():
        raise HTTPException(404, f"there is no artifact {name}")
    return handed(file)


def _piece(gallery: Gallery, candidate: str) -> Piece:
    with looked_up():
        return gallery.piece(candidate)


def _store(here: Here) -> Artifacts:
    return Artifacts(here.settings.home / "artifacts")


def _gallery(here: Here, request: Request) -> Gallery:
    """The one of this application, which keeps the last archives."""
    state = request.app.state
    if not hasattr(state, "gallery"):
        state.gallery = Gallery(here.ledger)
    found: Gallery = state.gallery
    return found
