"""Findings with what they rest on, jobs and where they stand, and what everything has cost."""

from __future__ import annotations

import time
from collections.abc import Sequence

from sqlalchemy import case, func, select

from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.apps.chat.arguments import Findings, Jobs, OneFinding, Spend
from wunderkammer.apps.chat.office import Office
from wunderkammer.core.records import Finding
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.memory.accounts import Spending, spending
from wunderkammer.memory.findings import find_finding, findings_of
from wunderkammer.memory.tables import calls


async def list_findings(office: Office, asked: Findings) -> Sheet:
    """What the scientist found, newest first."""
    owner = office.find(asked.run).id if asked.run else None
    found = findings_of(office.ledger, owner)[::-1]
    rows = tuple((one.id[:8], one.kind, one.verdict, one.run, one.claim) for one in found[: asked.count])
    of = f" of {owner}" if owner else ""
    columns = ("finding", "kind", "verdict", "of", "claim") if rows else ()
    return Sheet(title=f"{len(found) or 'no'} findings{of}", columns=columns, rows=rows, foreign=True)


async def show_finding(office: Office, asked: OneFinding) -> Sheet:
    """One finding: its figures, its evidence, what would refute it, the command that finds it again."""
    one = find_finding(office.ledger, asked.finding)
    return Sheet(
        title=one.claim,
        subject=one.id,
        facts=(
            ("finding", one.id),
            ("of", one.run),
            ("domain", one.domain),
            ("verdict", one.verdict or "none: it was looked for after the fact"),
            ("threshold", one.threshold),
            ("missing", one.missing),
            ("refuted by", one.refuted_by),
            *((name, value) for name, value in one.statistics.items()),
            ("evidence", _names(one.evidence)),
            ("jobs", _names(one.jobs)),
            ("again with", one.reproduce),
        ),
        text=_comment(one),
        foreign=True,
    )


def _comment(one: Finding) -> str:
    return f"A model's comment: {one.comment}" if one.comment else ""


def _names(ids: Sequence[str], most: int = 12) -> str:
    shown = ", ".join(name[:8] for name in ids[:most])
    return f"{shown} and {len(ids) - most} more" if len(ids) > most else shown


async def list_jobs(office: Office, asked: Jobs) -> Sheet:
    """Training and measurement: what waits, runs, is done or failed."""
    standings = await dispatcher(office.settings).all() if (office.home / "jobs").is_dir() else ()
    found = [one for one in standings if asked.status in (None, one.status)][::-1]
    rows: list[tuple[Value, ...]] = []
    for one in found[: asked.count]:
        steps = one.progress
        progress = (f"{steps.step}/{steps.of}" if steps.of else str(steps.step)) if steps else None
        title = one.job.title or one.job.module
        rows.append((one.job.id[:8], title, one.status, progress, round(one.worked_s), one.reason))
    columns = ("job", "title", "status", "progress", "seconds", "why") if rows else ()
    return Sheet(title=f"{len(found) or 'no'} jobs", columns=columns, rows=tuple(rows))


async def spend_report(office: Office, asked: Spend) -> Sheet:
    """Calls, tokens and money by role: of one run, or of everything, talks with the guide included."""
    owner = office.find(asked.run).id if asked.run else None
    found = spending(office.ledger, owner) if owner else _all(office)
    total = [sum(getattr(one, name) for one in found) for name in _SUMMED]
    rows: list[tuple[Value, ...]] = [(one.role, *(getattr(one, name) for name in _SUMMED)) for one in found]
    today = _since(office, time.time() - 24 * 3600)
    facts: tuple[tuple[str, Value], ...] = (
        ("cost", total[-1]),
        ("calls", total[0]),
        ("tokens", total[2] + total[3]),
        ("cost of the last 24 hours", None if owner else today),
    )
    columns = ("role", "calls", "errors", "prompt tokens", "completion tokens", "cost")
    of = f"run {owner}" if owner else "everything so far"
    return Sheet(title=f"spent on {of}", facts=facts, columns=columns if rows else (), rows=tuple(rows))


_SUMMED = ("calls", "errors", "prompt_tokens", "completion_tokens", "cost")


def _all(office: Office) -> list[Spending]:
    bad = func.sum(case((calls.c.status == "error", 1), else_=0))
    sums = [func.sum(calls.c[name]) for name in ("prompt_tokens", "completion_tokens", "cost")]
    query = select(calls.c.role, func.count(), *sums, bad, func.sum(calls.c.attempts), func.sum(calls.c.seconds))
    query = query.where(calls.c.cached.is_(False)).group_by(calls.c.role).order_by(calls.c.role)
    return [Spending(*row) for row in office.ledger.rows(query)]


def _since(office: Office, at: float) -> float:
    query = select(func.coalesce(func.sum(calls.c.cost), 0.0)).where(calls.c.at >= at, calls.c.cached.is_(False))
    return float(office.ledger.rows(query)[0][0])
