"""Slots in the ledger: what each was asked, what it made, who won; and the archive that follows from them."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, bindparam, func, select

from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Outcome, Verdict
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Aim, Fate
from wunderkammer.core.wording import storable
from wunderkammer.memory.archive import Archive, Trial
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, lineage
from wunderkammer.memory.tables import aims, candidates, duels, outcomes


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
    row = {"id": candidate.id, "domain": candidate.domain, "genome": genome, "text": text, "at": time.time()}
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
        "notes": {name: storable(text) for name, text in found.notes.items()},
        "artifacts": found.artifacts,
        "error": error or found.error or None,
        "at": time.time(),
    }
    ledger.put(outcomes, row)


def keep_duel(ledger: Ledger, run: str, slot: int, incumbent: int, verdict: Verdict) -> None:
    """Write a duel down: the slot that challenged, the slot whose elite it challenged, the votes."""
    row = {"run": run, "slot": slot, "incumbent": incumbent, "accepted": verdict.accepted}
    ledger.put(
        duels, {**row, "votes": list(verdict.votes), "reasons": [storable(reason) for reason in verdict.reasons]}
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """What the ledger has of a slot that was interrupted."""

    fate: Fate
    candidate: Candidate[Any] | None
    outcome: Outcome | None
    arm: str | None
    reason: str | None
    verdict: Verdict | None


def kept_slots(ledger: Ledger, run: Run, genome: type[Frozen], first: int, end: int) -> dict[int, Kept]:
    """Slots first … end - 1 that have an outcome already, by number."""
    columns = (outcomes, candidates.c.genome, candidates.c.domain, duels.c.votes, duels.c.reasons)
    query = _with_duels(select(*columns), run.id, end).where(outcomes.c.slot >= first)
    query = query.outerjoin(candidates, candidates.c.id == outcomes.c.candidate)
    found = {}
    for row in ledger.rows(query):
        entry = _entry(row, genome) if row.genome is not None else None
        verdict = None if row.votes is None else Verdict(votes=tuple(row.votes), reasons=tuple(row.reasons))
        outcome = entry.outcome if entry and row.fate == "evaluated" else None
        found[row.slot] = Kept(row.fate, entry.candidate if entry else None, outcome, row.arm, row.error, verdict)
    return found


def candidates_of(ledger: Ledger, ids: Iterable[str], genome: type[Frozen]) -> dict[str, Candidate[Any]]:
    """Candidates by id, without their ancestry."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = ledger.rows(select(candidates).where(candidates.c.id.in_(wanted)))
    return {row.id: Candidate(domain=row.domain, genome=genome(**row.genome)) for row in rows}


def tried(ledger: Ledger, run: Run, candidate: str, before: int) -> bool:
    """Whether a candidate was evaluated in this run, or in one that it was forked from, in a slot below `before`."""
    for name, cut in lineage(ledger, run):
        end = before if cut is None else min(cut, before)
        if ledger.rows(_TRIED, {"of": name, "before": end, "what": candidate}):
            return True
    return False


# Made once, because it is asked for every candidate: SQLAlchemy takes four times as long to build it as to run it.
_TRIED = (
    select(outcomes.c.slot)
    .where(
        outcomes.c.run == bindparam("of"),
        outcomes.c.slot < bindparam("before"),
        outcomes.c.candidate == bindparam("what"),
        outcomes.c.fate == "evaluated",
    )
    .limit(1)
)


def replay(ledger: Ledger, run: Run, end: int | None = None) -> Iterator[tuple[str | None, Trial | None]]:
    """Every slot up to `end` in order: the way its candidate was varied, and its trial if it has a cell."""
    columns = (outcomes.c.slot, outcomes.c.candidate, outcomes.c.cell, outcomes.c.score, outcomes.c.fitness)
    for name, cut in lineage(ledger, run):
        query = _with_duels(select(outcomes.c.arm, outcomes.c.fate, *columns, duels.c.accepted), name, _lower(end, cut))
        for arm, fate, slot, candidate, cell, score, fitness, accepted in ledger.stream(query):
            placed = fate == "evaluated" and cell is not None
            yield arm, Trial(slot, candidate, tuple(cell), score, fitness, accepted) if placed else None


def count_fates(ledger: Ledger, run: Run) -> dict[str, int]:
    """How many slots met which fate (before any duel)."""
    found: Counter[str] = Counter()
    for name, cut in lineage(ledger, run):
        query = select(outcomes.c.fate, func.count()).where(outcomes.c.run == name).group_by(outcomes.c.fate)
        if cut is not None:
            query = query.where(outcomes.c.slot < cut)
        for fate, count in ledger.rows(query):
            found[fate] += count
    return dict(found)


def archive_of(ledger: Ledger, run: Run, axes: Mapping[str, Sequence[str]], end: int | None = None) -> Archive:
    """The archive as it stood before slot `end` (default: after everything that was finished)."""
    archive = Archive(axes)
    for _, trial in replay(ledger, run, end):
        if trial:
            archive.add(trial)
    return archive


def _with_duels(query: Select[Any], run: str, end: int | None = None) -> Select[Any]:
    joined = outcomes.outerjoin(duels, and_(duels.c.run == outcomes.c.run, duels.c.slot == outcomes.c.slot))
    query = query.select_from(joined).where(outcomes.c.run == run).order_by(outcomes.c.slot)
    return query if end is None else query.where(outcomes.c.slot < end)


def _lower(a: int | None, b: int | None) -> int | None:
    return b if a is None else a if b is None else min(a, b)


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
