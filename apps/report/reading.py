"""Reads the report of a run out of the ledger: the same rows give the same report, whenever it is asked for."""

from __future__ import annotations

import platform
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import numpy as np
from sqlalchemy import func, select

from wunderkammer import __version__
from wunderkammer.apps.gallery import Piece
from wunderkammer.apps.openended import Told, watch
from wunderkammer.apps.report.measures import Agreement, Evaluation
from wunderkammer.apps.report.story import Ancestor, Fates, Holder, Niche, Point, RoleCalls, RunReport
from wunderkammer.core.abilities import Evaluator, Explains, Rates, Section, Views
from wunderkammer.core.contract import Cell, Domain, Entry, Verdict
from wunderkammer.core.events import Ended, Remembered, Spent
from wunderkammer.core.plan import Status
from wunderkammer.memory import findings, runs, slots
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.diversity import diversity
from wunderkammer.memory.embedders import MiniLM
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.novelty import novelty_of
from wunderkammer.memory.openendedness.compressor import Compressor
from wunderkammer.memory.runs import Run
from wunderkammer.memory.tables import calls, candidates, duels, outcomes

ANCESTORS = 12
"""How far back a lineage is told."""
CLIPS, MOST_CLIP = 4, 1_500_000
"""Moving pictures on the page, and the bytes of one that is taken along."""


def read_report(ledger: Ledger, run: Run, domain: Domain[Any], store: Artifacts | None = None) -> RunReport:
    """Everything about a run, as it stands in the ledger now. store: where what it kept lies, for moving pictures."""
    history = _History.of(ledger, run, domain)
    elites = _elites(ledger, run, domain, history.archive)
    status, reason = _last_word(ledger, run)
    evaluations, agreements = judgements(domain, elites, run.plan.seed)
    texts = [domain.text(entry.candidate.genome) for entry in elites.values()]
    return RunReport(
        run=run.id,
        title=domain.title,
        plan=run.plan,
        status=status,
        reason=reason,
        started=run.at,
        seconds=runs.seconds(ledger, run.id),
        roles={role: f"{seat['server']} {seat['model']}" for role, seat in run.roles.items()},
        axes={name: tuple(values) for name, values in domain.axes.items()},
        niches=tuple(_niche(ledger, run, domain, cell, entry, history) for cell, entry in elites.items()),
        **({"fitness_is": domain.fitness_is} if isinstance(domain, Rates) else {}),
        curve=curve_of(ledger, run),
        evaluations=evaluations,
        agreements=agreements,
        diversity=diversity(texts, encoder=MiniLM() if MiniLM.installed() else None) if texts else None,
        fates=history.fates,
        sections=(*_sections(ledger, run, domain), *_clips(run, domain, elites, store)),
        watches=tuple(watch(ledger, Told.of(ledger, run, domain), [Compressor()], None)),
        novelty=novelty_by_step(ledger, run),
        findings=tuple(findings.findings_of(ledger, run.id)),
        calls=calls_by_role(ledger, run),
        command=_command(run),
        environment={"wunderkammer": __version__, "python": platform.python_version(), "system": platform.system()},
    )


def _sections(ledger: Ledger, run: Run, domain: Domain[Any]) -> tuple[Section, ...]:
    if not isinstance(domain, Explains):
        return ()
    return tuple(domain.sections(slots.entries(ledger, run, domain.genome)))


def _clips(run: Run, domain: Domain[Any], elites: Mapping[Cell, Entry[Any]], store: Artifacts | None) -> list[Section]:
    """What happened in the strongest elites, where something was kept of it."""
    if store is None or not isinstance(domain, Views):
        return []
    ranked = sorted(elites.values(), key=lambda entry: (-(entry.outcome.fitness or 0.0), entry.candidate.id))
    kept = (Piece(entry, run, domain) for entry in ranked if entry.outcome.artifacts)
    shown = (piece.rollout(store) for piece in islice(kept, CLIPS))
    pictures = tuple(one for one in shown if one is not None and len(one.data) <= MOST_CLIP)
    return [Section(title="What happens in the strongest", pictures=pictures)] if pictures else []


@dataclass(frozen=True)
class _History:
    """One walk over a run's slots."""

    archive: Archive
    fates: Fates
    tried: Counter[Cell]
    held_by: Counter[Cell]

    @classmethod
    def of(cls, ledger: Ledger, run: Run, domain: Domain[Any]) -> _History:
        archive = Archive(domain.axes)
        tried: Counter[Cell] = Counter()
        held_by: Counter[Cell] = Counter()
        for _, trial in slots.replay(ledger, run):
            if trial is not None:
                tried[trial.cell] += 1
                held_by[trial.cell] += archive.add(trial)
        counted = slots.count_fates(ledger, run)
        evaluated = counted.pop("evaluated", 0)
        elites, placed = held_by.total(), tried.total()
        fates = Fates(elite=elites, lost=placed - elites, off_grid=evaluated - placed, **counted)
        return cls(archive, fates, tried, held_by)


def _elites(ledger: Ledger, run: Run, domain: Domain[Any], archive: Archive) -> dict[Cell, Entry[Any]]:
    numbers = {elite.slot for elite in archive.elites.values()}
    found = {entry.outcome.cell: entry for entry in slots.entries(ledger, run, domain.genome, sorted(numbers))}
    return {cell: found[cell] for cell in archive.cells() if cell in found}


def judgements(
    domain: Domain[Any], elites: Mapping[Cell, Entry[Any]], seed: int
) -> tuple[tuple[Evaluation, ...], tuple[Agreement, ...]]:
    """What each evaluator of the domain says of an archive, and how far each two of them agree."""
    evaluators = domain.evaluators if isinstance(domain, Rates) else (Evaluator(name="fitness", measure="fitness"),)
    hits = {judge.name: _hits(judge, elites) for judge in evaluators}
    names = [name for name, found in hits.items() if found]
    said = tuple(Evaluation.of(judge.name, judge.rule, hits[judge.name], domain.axes, seed) for judge in evaluators)
    pairs = ((a, b) for place, a in enumerate(names) for b in names[place + 1 :])
    return said, tuple(Agreement.of(a, b, hits[a], hits[b]) for a, b in pairs)


def _hits(judge: Evaluator, elites: Mapping[Cell, Entry[Any]]) -> dict[Cell, bool]:
    """Yes or no per cell; a cell whose elite lacks the measure was not judged and is in neither figure."""
    measured = {cell: judge.of(entry.outcome) for cell, entry in elites.items()}
    return {cell: hit for cell, hit in measured.items() if hit is not None}


def _niche(ledger: Ledger, run: Run, domain: Domain[Any], cell: Cell, entry: Entry[Any], history: _History) -> Niche:
    elite = holder_of(ledger, run, domain, entry)
    return Niche(cell=cell, elite=elite, tried=history.tried[cell], held_by=history.held_by[cell])


def holder_of(ledger: Ledger, run: Run, domain: Domain[Any], entry: Entry[Any]) -> Holder:
    """An elite with its duel, the way it was varied, and its ancestors."""
    back, generation = _ancestry(ledger, run, entry)
    row = ledger.rows(select(outcomes.c.arm).where(outcomes.c.run == run.id, outcomes.c.slot == entry.slot))
    votes = ledger.rows(select(duels).where(duels.c.run == run.id, duels.c.slot == entry.slot))
    verdict = Verdict(votes=tuple(votes[0].votes), reasons=tuple(votes[0].reasons)) if votes else None
    return Holder.of(
        entry,
        domain.text(entry.candidate.genome),
        lineage=back,
        generation=generation,
        verdict=verdict,
        arm=row[0].arm if row else None,
        step=entry.slot // run.plan.batch,
    )


def _ancestry(ledger: Ledger, run: Run, entry: Entry[Any]) -> tuple[list[Ancestor], int]:
    """The way back to the seed, parent first, and how long it is; it is told only so far."""
    back: list[Ancestor] = []
    seen = {entry.candidate.id}
    parents, generation = entry.candidate.parents, 0
    while parents and parents[0] not in seen:
        generation += 1
        seen.add(parents[0])
        parent = _made(ledger, run, parents[0])
        if parent is None:
            break
        if len(back) < ANCESTORS:
            back.append(
                Ancestor(
                    id=parent.candidate,
                    text=parent.text,
                    cell=None if parent.cell is None else tuple(parent.cell),
                    fitness=parent.fitness,
                )
            )
        parents = parent.parents
    return back, generation


def _made(ledger: Ledger, run: Run, candidate: str) -> Any:
    """How a candidate first came about in this run, or in one that it was forked from."""
    columns = (outcomes.c.candidate, outcomes.c.cell, outcomes.c.fitness, outcomes.c.parents, candidates.c.text)
    query = select(*columns).join(candidates, candidates.c.id == outcomes.c.candidate)
    query = query.where(outcomes.c.candidate == candidate, outcomes.c.fate == "evaluated").order_by(outcomes.c.slot)
    for name, _ in runs.lineage(ledger, run):
        rows = ledger.rows(query.where(outcomes.c.run == name).limit(1))
        if rows:
            return rows[0]
    return None


def _last_word(ledger: Ledger, run: Run) -> tuple[Status, str]:
    told = [event for _, event in runs.told(ledger, run.id, "ended") if isinstance(event, Ended)]
    return (told[-1].status, told[-1].reason) if told else ("paused", "its process ended without a word")


def curve_of(ledger: Ledger, run: Run) -> tuple[Point, ...]:
    """One point per step; steps inherited from a parent are the parent's."""
    points: dict[int, Point] = {}
    for name, cut in runs.lineage(ledger, run):
        spent = [event for _, event in runs.told(ledger, name, "spent") if isinstance(event, Spent)]
        steps = [event for _, event in runs.told(ledger, name, "remembered") if isinstance(event, Remembered)]
        for event, used in zip(steps, spent, strict=False):
            if cut is None or (event.step + 1) * run.plan.batch <= cut:
                points[event.step] = Point(
                    step=event.step,
                    seconds=event.seconds,
                    filled=event.filled,
                    qd_score=event.qd_score,
                    accepted=event.accepted,
                    calls=used.calls,
                    tokens=used.prompt_tokens + used.completion_tokens,
                    cost=used.cost,
                )
    return tuple(points[step] for step in sorted(points))


def novelty_by_step(ledger: Ledger, run: Run) -> tuple[tuple[int, float], ...]:
    """Mean novelty by step, of the embedder that measured most of the run."""
    measured = [one for one in novelty_of(ledger, run) if one.in_domain is not None]
    if not measured:
        return ()
    embedder = Counter(one.embedder for one in measured).most_common(1)[0][0]
    steps: dict[int, list[float]] = {}
    for one in measured:
        if one.embedder == embedder and one.in_domain is not None:
            steps.setdefault(one.slot // run.plan.batch, []).append(one.in_domain)
    return tuple((step, round(float(np.mean(steps[step])), 6)) for step in sorted(steps))


def calls_by_role(ledger: Ledger, run: Run) -> tuple[RoleCalls, ...]:
    """What each role and model was asked for, how fast it was, what it cost."""
    latencies: dict[tuple[str, str], list[float]] = {}
    columns = (calls.c.role, calls.c.server, calls.c.model, calls.c.seconds)
    mine = (calls.c.run == run.id, calls.c.cached.is_(False))
    for role, server, model, seconds in ledger.stream(select(*columns).where(*mine, calls.c.status == "ok")):
        latencies.setdefault((role, f"{server} {model}"), []).append(seconds)
    sums = (func.sum(calls.c.prompt_tokens), func.sum(calls.c.completion_tokens), func.sum(calls.c.cost))
    grouped = select(calls.c.role, calls.c.server, calls.c.model, calls.c.cached, calls.c.status, func.count(), *sums)
    rows = ledger.rows(
        grouped.where(calls.c.run == run.id).group_by(
            calls.c.role, calls.c.server, calls.c.model, calls.c.cached, calls.c.status
        )
    )
    found: dict[tuple[str, str], Counter[str]] = {}
    for role, server, model, cached, status, count, prompt, completion, cost in rows:
        figures = found.setdefault((role, f"{server} {model}"), Counter())
        figures["cached" if cached else "calls"] += count
        if not cached:
            figures["errors"] += count if status == "error" else 0
            figures["prompt_tokens"] += prompt
            figures["completion_tokens"] += completion
            figures["cost"] += cost
    return tuple(_role_calls(key, figures, latencies.get(key, [])) for key, figures in sorted(found.items()))


def _role_calls(key: tuple[str, str], figures: Mapping[str, Any], seconds: list[float]) -> RoleCalls:
    middle, high = np.percentile(seconds, [50, 95]) if seconds else (None, None)
    return RoleCalls(role=key[0], model=key[1], **{"calls": 0, **figures}, median_s=middle, p95_s=high)


def _command(run: Run) -> str:
    """The plan that lies beside the report, and the same players: what to type on any machine that has both."""
    seats = {role: f"{seat['server']}#{seat['model']}" for role, seat in run.roles.items()}
    given = [f"--{role} {seats[role]}" for role in ("target", "mutator", "judge", "classifier") if role in seats]
    return " ".join([f"wunder run {run.domain} --preset plan.toml", *given])
