"""Autonomous runs as sheets: one as it stands, and several side by side."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.apps.autonomy.report import WanderReport, read_wander
from wunderkammer.apps.chat.office import Office, Work
from wunderkammer.memory.ventures import find_venture


async def show_wander(office: Office, one: Work) -> Sheet:
    """What it did with its budget so far, activity by activity, and whether it is open-ended."""
    report = await _read(office, one.id)
    spent, budget = report.spent, report.plan.budget
    rows: tuple[tuple[Value, ...], ...] = tuple(
        (line.arm, line.chosen, line.failed, line.cost, line.gain, ", ".join(line.parts[-1:])) for line in report.lines
    )
    at_work = [event for event in report.choices if report.act(event) is None]
    return Sheet(
        title=f"autonomous run {one.id}: {one.status}",
        subject=one.id,
        facts=(
            ("status", one.status),
            ("why", report.reason if one.status != "running" else None),
            ("choices", len(report.choices)),
            ("at work on", at_work[-1].arm if at_work and one.status == "running" else None),
            ("calls", _of(spent.calls, budget.calls)),
            ("minutes", _of(round(spent.seconds / 60, 1), None if budget.seconds is None else budget.seconds / 60)),
            ("tokens", _of(spent.tokens, budget.tokens)),
            ("cost", _of(spent.money, budget.money)),
            ("GPU minutes", _of(round(spent.gpu_seconds / 60, 1), report.plan.gpu_minutes)),
            ("findings", len(report.findings)),
            ("open-ended", report.open_ended),
            *((f"not yet {arm}", why) for arm, why in report.waiting.items()),
        ),
        columns=("activity", "chosen", "failed", "share of budget", "discoveries", "latest"),
        rows=rows,
    )


async def compare_wanders(office: Office, found: Sequence[Work]) -> Sheet:
    """Autonomous runs side by side."""
    reports = [await _read(office, one.id) for one in found]
    figures = [
        _figures(report) | {"status": one.status, "open-ended": report.open_ended}
        for one, report in zip(found, reports, strict=True)
    ]
    rows: list[tuple[Value, ...]] = [(name, *(one.get(name) for one in figures)) for name in figures[0]]
    arms = dict.fromkeys(line.arm for report in reports for line in report.lines)
    for arm in arms:
        lines = [next((line for line in report.lines if line.arm == arm), None) for report in reports]
        rows.append((f"discoveries of {arm}", *(line.gain if line else None for line in lines)))
        rows.append((f"share of {arm}", *(line.cost if line else None for line in lines)))
    title = f"{len(found)} autonomous runs compared"
    return Sheet(title=title, columns=("", *(one.id for one in found)), rows=tuple(rows))


def _figures(report: WanderReport) -> dict[str, Value]:
    gain, cost = sum(line.gain for line in report.lines), sum(line.cost for line in report.lines)
    return {
        "choices": len(report.choices),
        "discoveries": gain,
        "for the whole budget": gain / cost if cost else None,
        "findings": len(report.findings),
        "calls": report.spent.calls,
        "tokens": report.spent.tokens,
        "cost": report.spent.money,
        "minutes": round(report.spent.seconds / 60, 1),
        "GPU minutes": round(report.spent.gpu_seconds / 60, 1),
        "seed": report.plan.seed,
    }


async def _read(office: Office, name: str) -> WanderReport:
    """Off the event loop: an observer takes its time."""
    await office.ledger.flush()
    return await asyncio.to_thread(read_wander, office.ledger, find_venture(office.ledger, name, "autonomous"))


def _of(used: float, limit: float | None) -> Value:
    return used if limit is None else f"{used:g} of {limit:g}"
