"""Reading a run back from the ledger: its plan, its slots, its archive, and the way to where it stopped."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import Select, and_, case, func, select

from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import EVENT, Event
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim, Finding
from wunderkammer.memory.archive import Archive, Trial
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import aims, calls, candidates, duels, events, findings, heard, inbox, outcomes, runs


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


# ---- runs --------------------------------------------------------------------------------------------------------


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
        rows = ledger.rows(select(runs).where(runs.c.id.startswith(name, autoescape=True)).limit(2))
    if not rows:
        raise ConfigError(f"no run {name!r} in {ledger.place}; `wunder runs` lists them")
    if len(rows) > 1:
        raise ConfigError(f"{name!r} fits several runs; write more of the id")
    return _run(rows[0])


def all_runs(ledger: Ledger) -> list[Run]:
    """Every run, newest first."""
    return [_run(row) for row in ledger.rows(select(runs).order_by(runs.c.at.desc()))]


def _run(row: Any) -> Run:
    try:
        plan = SearchPlan(**row.plan)
    except ValidationError:
        raise ConfigError(f"run {row.id} was made by another version, whose plan this one cannot read") from None
    return Run(row.id, row.domain, plan, row.roles, row.parent, row.parent_slots, row.at)


# ---- events ------------------------------------------------------------------------------------------------------


def tell(ledger: Ledger, run: str, event: Event) -> None:
    """Keep an event of a run."""
    body = event.model_dump(mode="json", exclude={"kind"})
    ledger.put(events, {"run": run, "kind": event.kind, "body": body, "at": time.time()})


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
    return str(rows[0].body["status"]) if rows and rows[0].kind == "ended" else "interrupted"


# ---- slots -------------------------------------------------------------------------------------------------------


def keep_aims(ledger: Ledger, run: str, planned: Iterable[Aim]) -> None:
    """Write down what slots are asked to do, before they start."""
    for aim in planned:
        ledger.put(aims, {"run": run, **aim.model_dump(mode="json")})


def aims_of(ledger: Ledger, run: str, first: int, end: int) -> list[Aim]:
    """The aims of slots first … end - 1 that were written down, in order."""
    query = select(aims).where(aims.c.run == run, aims.c.slot >= first, aims.c.slot < end).order_by(aims.c.slot)
    return [Aim(**{k: v for k, v in row._mapping.items() if k != "run"}) for row in ledger.rows(query)]


def keep_candidate(ledger: Ledger, candidate: Candidate[Any], text: str) -> None:
    """Write a candidate down; the same thing twice is one row."""
    genome = candidate.genome.model_dump(mode="json")
    row = {"id": candidate.id, "domain": candidate.domain, "genome": genome, "text": clean(text), "at": time.time()}
    ledger.put(candidates, row)


def keep_outcome(
    ledger: Ledger,
    run: str,
    aim: Aim,
    *,
    fate: str,
    candidate: str | None,
    outcome: Outcome | None,
    arm: str | None,
    error: str | None = None,
) -> None:
    """Write down what became of a slot."""
    found = outcome or Outcome(score=None, cell=None)
    row = {
        "run": run,
        "slot": aim.slot,
        "step": aim.step,
        "candidate": candidate,
        "parents": list(aim.parents),
        "aim": aim.cell,
        "arm": arm,
        "fate": fate,
        "score": found.score,
        "fitness": found.fitness,
        "cell": found.cell,
        "measures": found.measures,
        "notes": {name: clean(text) for name, text in found.notes.items()},
        "artifacts": found.artifacts,
        "error": clean(error or found.error or "") or None,
        "at": time.time(),
    }
    ledger.put(outcomes, row)


def clean(text: str) -> str:
    """Text as every database takes it: no NUL, no lone surrogate."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


# ---- the archive -------------------------------------------------------------------------------------------------


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
        cut = end if cut is None else min(cut, end or cut)
        cuts.append((name, cut))
    return cuts[::-1]


def trials(ledger: Ledger, run: Run, end: int | None = None) -> Iterator[Trial]:
    """Everything evaluated that has a cell, in slot order, up to slot `end` (exclusive)."""
    columns = (outcomes.c.slot, outcomes.c.candidate, outcomes.c.cell, outcomes.c.score, outcomes.c.fitness)
    for name, cut in lineage(ledger, run):
        query = _with_duels(select(*columns, duels.c.accepted), name, _lower(end, cut)).where(
            outcomes.c.fate == "evaluated"
        )
        for slot, candidate, cell, score, fitness, accepted in ledger.stream(query):
            if cell is not None:
                yield Trial(slot, candidate, tuple(cell), score, fitness, accepted)


def archive_of(ledger: Ledger, run: Run, axes: Mapping[str, Sequence[str]], end: int | None = None) -> Archive:
    """The archive as it stood before slot `end` (default: after everything that was finished)."""
    archive = Archive(axes)
    for trial in trials(ledger, run, end):
        archive.add(trial)
    return archive


def _with_duels(query: Select[Any], run: str, end: int | None) -> Select[Any]:
    joined = outcomes.outerjoin(duels, and_(duels.c.run == outcomes.c.run, duels.c.slot == outcomes.c.slot))
    query = query.select_from(joined).where(outcomes.c.run == run).order_by(outcomes.c.slot)
    return query if end is None else query.where(outcomes.c.slot < end)


def _lower(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


# ---- entries -----------------------------------------------------------------------------------------------------


def entries(ledger: Ledger, run: Run, genome: type[Frozen], slots: Sequence[int] | None = None) -> Iterator[Entry[Any]]:
    """Everything that was evaluated, candidates and outcomes together, in slot order; or only the slots named."""
    query = select(outcomes, candidates.c.genome, candidates.c.domain).join(
        candidates, candidates.c.id == outcomes.c.candidate
    )
    for name, cut in lineage(ledger, run):
        chosen = query.where(outcomes.c.run == name, outcomes.c.fate == "evaluated").order_by(outcomes.c.slot)
        if cut is not None:
            chosen = chosen.where(outcomes.c.slot < cut)
        if slots is None:
            yield from (_entry(row, genome) for row in ledger.stream(chosen))
            continue
        for part in _parts(sorted(slots), 500):
            yield from (_entry(row, genome) for row in ledger.rows(chosen.where(outcomes.c.slot.in_(part))))


def _entry(row: Any, genome: type[Frozen]) -> Entry[Any]:
    candidate: Candidate[Any] = Candidate(
        domain=row.domain, genome=genome(**row.genome), parents=tuple(row.parents), aim=_cell(row.aim)
    )
    return Entry(candidate=candidate, outcome=outcome_of(row), slot=row.slot)


def outcome_of(row: Any) -> Outcome:
    """The outcome that a row of `outcomes` holds."""
    return Outcome(
        score=row.score,
        cell=_cell(row.cell),
        measures=row.measures,
        notes=row.notes,
        artifacts=tuple(row.artifacts),
        error=row.error,
    )


def _cell(value: Sequence[str] | None) -> Cell | None:
    return None if value is None else tuple(value)


def _parts(values: Sequence[int], size: int) -> Iterator[Sequence[int]]:
    return (values[at : at + size] for at in range(0, len(values), size))


def find_entry(ledger: Ledger, name: str, genomes: Mapping[str, type[Frozen]]) -> tuple[Entry[Any], str]:
    """The candidate whose id begins with `name`, with its latest outcome, and the run of that outcome."""
    ids = ledger.rows(select(candidates.c.id).where(candidates.c.id.startswith(name, autoescape=True)).limit(2))
    if len(ids) != 1:
        raise ConfigError(f"{name!r} fits {'several candidates; write more of the id' if ids else 'no candidate'}")
    query = (
        select(outcomes, candidates.c.genome, candidates.c.domain)
        .join(candidates, candidates.c.id == outcomes.c.candidate)
        .where(candidates.c.id == ids[0].id)
        .order_by(outcomes.c.fate != "evaluated", outcomes.c.at.desc())
        .limit(1)
    )
    rows = ledger.rows(query)
    if not rows or rows[0].domain not in genomes:
        raise ConfigError(f"candidate {ids[0].id} was never evaluated, or its domain is not installed")
    return _entry(rows[0], genomes[rows[0].domain]), rows[0].run


# ---- inbox and findings ------------------------------------------------------------------------------------------


def post(ledger: Ledger, run: str, text: str) -> None:
    """Put a message for a run into its inbox."""
    ledger.put(inbox, {"run": run, "text": clean(text), "at": time.time()})


def messages(ledger: Ledger, run: str) -> list[tuple[int, str, bool]]:
    """Every message of a run in order: its number, its words, whether it was heard already."""
    query = (
        select(inbox.c.id, inbox.c.text, heard.c.step)
        .outerjoin(heard, heard.c.message == inbox.c.id)
        .where(inbox.c.run == run)
        .order_by(inbox.c.id)
    )
    return [(row.id, row.text, row.step is not None) for row in ledger.rows(query)]


def hear(ledger: Ledger, run: str, message: int, step: int, effect: str) -> None:
    """Note that a message was obeyed, and when."""
    ledger.put(heard, {"run": run, "message": message, "step": step, "effect": effect})


def keep_finding(ledger: Ledger, finding: Finding) -> None:
    """Write a finding down."""
    row = {"id": finding.id, "run": finding.run, "body": finding.model_dump(mode="json"), "at": time.time()}
    ledger.put(findings, row)


def findings_of(ledger: Ledger, run: str | None = None) -> list[Finding]:
    """Findings of a run, or of all, oldest first."""
    query = select(findings.c.body).order_by(findings.c.at)
    if run:
        query = query.where(findings.c.run == run)
    return [Finding(**row.body) for row in ledger.rows(query)]


# ---- spending ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Spending:
    """What calls of one role came to."""

    role: str
    calls: int
    prompt_tokens: int
    completion_tokens: int
    cost: float
    errors: int
    seconds: float
    """Sum of latencies; divide by calls for the mean."""


def spending(ledger: Ledger, run: str) -> list[Spending]:
    """Calls, tokens and money of a run, by role; answers from the cache cost nothing and are not counted."""
    bad = func.sum(case((calls.c.status == "error", 1), else_=0))
    query = (
        select(
            calls.c.role,
            func.count(),
            func.sum(calls.c.prompt_tokens),
            func.sum(calls.c.completion_tokens),
            func.sum(calls.c.cost),
            bad,
            func.sum(calls.c.seconds),
        )
        .where(calls.c.run == run, calls.c.cached.is_(False))
        .group_by(calls.c.role)
        .order_by(calls.c.role)
    )
    return [Spending(*row) for row in ledger.rows(query)]
