"""Discoveries: findings in time with what they rest on, and the map of the memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from sqlalchemy import select
from starlette.responses import Response

from wunderkammer.apps.atlas import Cartographer
from wunderkammer.apps.inquiry.checking import check, trial_behind
from wunderkammer.apps.inquiry.choice import Choice
from wunderkammer.apps.inquiry.picture import pairs
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.apps.web.pictures import PICTURE, shown
from wunderkammer.core.abilities import Picture
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.core.study import Hypothesis, VerdictWord
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.findings import find_finding
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.tables import findings, outcomes

router = APIRouter(prefix="/api", tags=["discoveries"])

Words = Annotated[str | None, Query(max_length=200)]
Name = Annotated[str | None, Query(max_length=80)]


class Interval(Frozen):
    """A mean difference with its interval, and where the hypothesis has it."""

    mean: float
    low: float
    high: float
    expected: tuple[float | None, float | None]
    """From, to; None: without end."""


class Evidence(Frozen):
    """A candidate that a finding rests on."""

    candidate: str
    number: int | None
    """Of the cell that it reached in the finding's own run, as `/api/runs/RUN/cells/NUMBER` has it."""


class Told(Frozen):
    """A finding as pages have it."""

    id: str
    at: float
    run: str
    search: bool
    """Whether it was found in a search, which has a page of its own."""
    kind: Literal["reflection", "study"]
    domain: str
    claim: str
    comment: str
    verdict: VerdictWord | None
    statistics: dict[str, float]
    interval: Interval | None
    compared: str
    because: str
    threshold: str
    missing: str
    refuted_by: str
    evidence: tuple[Evidence, ...]
    jobs: tuple[str, ...]
    reproduce: str


class Findings(Frozen):
    """What was found, newest first."""

    total: int
    domains: tuple[str, ...]
    """That anything was found about, whatever the filter."""
    findings: tuple[Told, ...]


class Checked(Frozen):
    """A finding held against the ledger."""

    faults: tuple[str, ...]
    """None: every figure follows."""
    pairs: tuple[tuple[int, float | None, float | None], ...]
    """Seed, treatment and control; of a study alone."""


@router.get("/findings", responses=Refused)
def list_findings(
    here: Here,
    run: Name = None,
    kind: Literal["reflection", "study"] | None = None,
    domain: Name = None,
    verdict: Literal["supported", "refuted", "undecided", "none"] | None = None,
    text: Words = None,
    count: Annotated[int, Query(ge=1, le=500)] = 50,
    offset: Annotated[int, Query(ge=0, le=10**9)] = 0,
) -> Findings:
    """What was found: by studies, against thresholds; and by looking at searches after the fact."""
    found = Choice(run, kind, domain, verdict, text or None).of(here.ledger)[::-1]
    shown = found[offset : offset + count]
    domains = {row[0] for row in here.ledger.rows(select(findings.c.body["domain"].as_string()).distinct())}
    places = {owner: _places(here.ledger, owner, shown) for owner in {one.run for _, one in shown}}
    return Findings(
        total=len(found),
        domains=tuple(sorted(filter(None, domains))),
        findings=tuple(_told(at, one, places[one.run]) for at, one in shown),
    )


def _places(ledger: Ledger, name: str, shown: Sequence[tuple[float, Finding]]) -> dict[str, int] | None:
    """The evidence of a search's findings, by the number of its cell; None where it is no search, or not known here."""
    try:
        run = find_run(ledger, name)
        cells = Archive(make_domain(run.plan).axes).cells()
    except ConfigError:
        return None
    wanted = {candidate for _, one in shown if one.run == name for candidate in one.evidence}
    query = select(outcomes.c.candidate, outcomes.c.cell).where(
        outcomes.c.run == name, outcomes.c.candidate.in_(sorted(wanted)), outcomes.c.fate == "evaluated"
    )
    landed = {row.candidate: tuple(row.cell) for row in ledger.rows(query) if row.cell is not None}
    numbers = {cell: number for number, cell in enumerate(cells)} if landed else {}
    return {candidate: numbers[cell] for candidate, cell in landed.items() if cell in numbers}


def _told(at: float, one: Finding, places: dict[str, int] | None) -> Told:
    hypothesis = one.hypothesis
    alike = {name: getattr(one, name) for name in Told.model_fields if name in Finding.model_fields}
    evidence = (Evidence(candidate=name, number=(places or {}).get(name)) for name in one.evidence)
    return Told(
        **{**alike, "evidence": tuple(evidence)},
        id=one.id,
        at=at,
        search=places is not None,
        interval=_interval(one),
        compared=hypothesis.contrast if hypothesis else "",
        because=hypothesis.because if hypothesis else "",
    )


def _interval(one: Finding) -> Interval | None:
    figures = one.statistics
    if one.hypothesis is None or not {"difference", "low", "high"} <= figures.keys():
        return None
    expected = _expected(one.hypothesis)
    return Interval(mean=figures["difference"], low=figures["low"], high=figures["high"], expected=expected)


def _expected(hypothesis: Hypothesis) -> tuple[float | None, float | None]:
    margin = hypothesis.margin
    spans = {"higher": (margin, None), "lower": (None, -margin), "same": (-margin, margin)}
    return spans[hypothesis.expects]


@router.get("/findings/{finding}/check", responses=Refused)
def check_finding(here: Here, finding: str) -> Checked:
    """Every figure of a finding computed again from the ledger."""
    one = _finding(here, finding)
    trial = trial_behind(here.ledger, one)
    values = () if trial is None else tuple((p.seed, p.treatment, p.control) for p in trial.pairs)
    return Checked(faults=check(here.ledger, one).faults, pairs=values)


@router.get("/findings/{finding}/drawing", response_class=Response, responses={**Refused, **PICTURE})
def draw_finding(here: Here, finding: str) -> Response:
    """The pairs behind a study's finding, drawn as SVG."""
    one = _finding(here, finding)
    trial = trial_behind(here.ledger, one)
    rows = () if trial is None else trial.pairs
    whole = [(p.seed, p.treatment, p.control) for p in rows if p.treatment is not None and p.control is not None]
    return shown(Picture(media="image/svg+xml", data=pairs(one, whole).encode()))


def _finding(here: Here, name: str) -> Finding:
    with looked_up():
        return find_finding(here.ledger, name)


# ---- the map ---------------------------------------------------------------------------------------------------------


class Map(Frozen):
    """Points of the memory in the plane; each list by point."""

    ids: tuple[str, ...]
    """Beginnings of candidates' ids."""
    x: tuple[int, ...]
    """0 to 1000."""
    y: tuple[int, ...]
    domain: tuple[int, ...]
    """Place in `domains`."""
    at: tuple[int, ...]
    """Seconds since the epoch."""
    domains: tuple[str, ...]
    explained: float
    embedder: str
    held: int


SHORT = 12
"""Hex digits of an id on the map: enough to tell 20,000 apart, at half the weight."""


@router.get("/memory/map", responses=Refused)
async def show_map(here: Here, request: Request) -> Map:
    """Every stored candidate as a point, near where it is near in meaning; at most 20,000."""
    found = await _cartographer(here, request).map()
    return Map(**{**vars(found), "ids": [name[:SHORT] for name in found.ids], "at": list(map(round, found.at))})


def _cartographer(here: Here, request: Request) -> Cartographer:
    """The one of this application, which keeps the last map."""
    state = request.app.state
    if not hasattr(state, "cartographer"):
        state.cartographer = Cartographer(here.settings, here.ledger)
    found: Cartographer = state.cartographer
    return found
