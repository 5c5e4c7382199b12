"""What was begun: the list, one run as it stands, its latest events, a comparison; and pausing, steering, stopping."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence

from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.apps.chat.arguments import Compare, NamedRun, OneRun, Runs, Steer, Watch
from wunderkammer.apps.chat.errands import errand_of
from wunderkammer.apps.chat.office import Office, Work
from wunderkammer.apps.chat.operations.wandering import compare_wanders, show_wander
from wunderkammer.apps.hardening.wording import TITLES, words_of
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.openended import so_far
from wunderkammer.apps.summary import Summary, summary
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Event, Explored, Spent, Ticked
from wunderkammer.core.spelling import counted
from wunderkammer.memory import hardenings, inbox, runs, slots


async def list_runs(office: Office, asked: Runs) -> Sheet:
    """What was begun, newest first."""
    found = [
        one for one in office.everything() if asked.status in (None, one.status) and asked.domain in (None, one.domain)
    ]
    rows = tuple(_row(office, one) for one in found[: asked.count])
    left = f", the newest {len(rows)} of them here" if len(found) > len(rows) else ""
    columns = ("id", "kind", "domain", "begun", "status", "steps", "cells", "calls", "cost")
    return Sheet(title=f"{counted(len(found), 'run')}{left}", columns=columns if rows else (), rows=rows)


def _row(office: Office, one: Work) -> tuple[Value, ...]:
    head = (one.id, one.kind, one.domain, _when(one.at), one.status)
    if one.kind != "run":
        return (*head, None, None, None, None)
    outline = _summary(office, one.id)
    cells = f"{outline.filled}/{outline.cells}" if outline.cells else None
    return (*head, f"{outline.steps}/{outline.of}", cells, outline.calls, outline.cost)


async def show_run(office: Office, asked: OneRun) -> Sheet:
    """One run as it stands."""
    one = office.find(asked.run)
    if one.kind == "autonomous":
        return await show_wander(office, one)
    if one.kind != "run":
        facts: tuple[tuple[str, Value], ...] = (
            ("domain", one.domain),
            ("begun", _when(one.at)),
            ("status", one.status),
        )
        done = hardenings.stages_of(office.ledger, one.id)
        rows = tuple((kept.round, TITLES[kept.name], words_of(kept.name, kept.body)) for kept in done)
        columns = ("round", "stage", "what came of it") if rows else ()
        return Sheet(title=f"{one.kind} {one.id}", subject=one.id, facts=facts, columns=columns, rows=rows)
    run, outline = office.run(one.id), _summary(office, one.id)
    best = _best(office, one.id)
    fates = ", ".join(f"{count} {fate}" for fate, count in slots.count_fates(office.ledger, run).items())
    target = run.roles.get("target", {})
    return Sheet(
        title=f"run {run.id}: {outline.status}",
        subject=run.id,
        facts=(
            ("domain", run.domain),
            ("begun", _when(run.at)),
            ("status", outline.status),
            ("why", outline.reason),
            ("target", f"{target.get('server', '')}#{target.get('model', '')}" if target else None),
            ("steps", f"{outline.steps} of {outline.of}"),
            ("cells", f"{outline.filled} of {outline.cells}" if outline.cells else None),
            ("QD score", best[0]),
            ("best fitness", best[1]),
            ("slots", fates),
            ("calls", outline.calls),
            ("errors", outline.errors),
            ("tokens", outline.tokens),
            ("cost", outline.cost),
            ("seed", run.plan.seed),
            ("forked from", run.parent),
            ("open-ended", await _open_ended(office, one.id)),
        ),
    )


async def watch_run(office: Office, asked: Watch) -> Sheet:
    """The latest events of a run."""
    one = office.find(asked.run)
    told = [(at, event) for at, event in runs.told(office.ledger, one.id) if not isinstance(event, Ticked)]
    rows = tuple((_clock(at), *event_in_words(event)) for at, event in told[-asked.count :])
    progress = await show_run(office, OneRun(run=one.id))
    shown = {"status", "choices", "at work on", "steps", "cells", "QD score", "calls", "errors", "open-ended"}
    return Sheet(
        title=f"{one.kind} {one.id}: {one.status}",
        subject=one.id,
        facts=tuple((name, value) for name, value in progress.facts if name in shown),
        columns=("at", "event", "what") if rows else (),
        rows=rows,
        foreign=True,
    )


def event_in_words(event: Event) -> tuple[str, str]:
    """An event as a kind and a line."""
    if isinstance(event, Explored):
        cell = " × ".join(event.cell) if event.cell else "no cell"
        fitness = "" if event.fitness is None else f", fitness {event.fitness:.3g}"
        return event.fate, f"{(event.candidate or '')[:8]} {cell}{fitness}: {event.reason or event.text}"
    if isinstance(event, Spent):
        return "spent", f"{event.calls} calls, {event.prompt_tokens + event.completion_tokens} tokens"
    said = event.model_dump(exclude={"kind"}, exclude_none=True)
    flat = {name: value for name, value in said.items() if isinstance(value, (str, int, float)) and value != ""}
    return event.kind, ", ".join(f"{name} {_short(value)}" for name, value in flat.items())


async def compare_runs(office: Office, asked: Compare) -> Sheet:
    """Several runs side by side: how far, how full, how good, at what cost."""
    works = [office.find(name) for name in dict.fromkeys(asked.runs)]
    if {one.kind for one in works} == {"autonomous"}:
        return await compare_wanders(office, works)
    if any(one.kind != "run" for one in works):
        told = ", ".join(f"{one.id} is a {one.kind}" for one in works if one.kind != "run")
        raise ConfigError(f"searches compare with searches, autonomous runs with autonomous runs; {told}")
    found = [office.run(one.id) for one in works]
    sheets = []
    for run in found:
        outline, (qd, best) = _summary(office, run.id), _best(office, run.id)
        sheets.append(
            {
                "domain": run.domain,
                "status": outline.status,
                "steps": f"{outline.steps}/{outline.of}",
                "cells": f"{outline.filled}/{outline.cells}" if outline.cells else None,
                "coverage": outline.filled / outline.cells if outline.cells else None,
                "QD score": qd,
                "best fitness": best,
                "calls": outline.calls,
                "tokens": outline.tokens,
                "cost": outline.cost,
                "cells per 100 calls": 100 * outline.filled / outline.calls if outline.calls else None,
                "seed": run.plan.seed,
                "target": str(run.roles.get("target", {}).get("model", "")) or None,
            }
        )
    rows: list[tuple[Value, ...]] = [(name, *(one[name] for one in sheets)) for name in sheets[0]]
    rows += [(f"plan: {name}", *values) for name, values in _differences([run.plan.model_dump() for run in found])]
    other = len({run.domain for run in found}) > 1
    return Sheet(
        title=f"{len(found)} runs compared" + (", of different domains: their figures do not compare" if other else ""),
        columns=("", *(run.id for run in found)),
        rows=tuple(rows),
    )


def _differences(plans: Sequence[dict[str, object]]) -> list[tuple[str, tuple[Value, ...]]]:
    """Settings in which plans differ."""
    flat = [dict(_flat(plan)) for plan in plans]
    names = dict.fromkeys(name for plan in flat for name in plan if name not in ("seed", "domain"))
    found = [(name, tuple(_value(plan.get(name)) for plan in flat)) for name in names]
    return [(name, values) for name, values in found if len(set(map(str, values))) > 1]


def _flat(values: dict[str, object], before: str = "") -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        rows += _flat(value, f"{before}{name}.") if isinstance(value, dict) else [(f"{before}{name}", value)]
    return rows


def _value(value: object) -> Value:
    return value if isinstance(value, (str, int, float, bool)) or value is None else str(value)


# ---- having a say ----------------------------------------------------------------------------------------------------


async def pause_run(office: Office, asked: OneRun) -> Sheet:
    """Let a run come to rest; it can be resumed."""
    return await _rest(office, asked.run, "pause")


async def stop_run(office: Office, asked: NamedRun) -> Sheet:
    """End a run after the step in hand."""
    return await _rest(office, asked.run, "stop")


async def steer_run(office: Office, asked: Steer) -> Sheet:
    """Put a message into a run's inbox."""
    one = _only_running(office, asked.run)
    if one.kind != "run" and one.kind != "autonomous":
        raise ConfigError(f"a {one.kind} cannot be steered; pause or stop it")
    inbox.post(office.ledger, one.id, asked.message)
    await office.ledger.flush()
    soon = "at its next choice" if one.kind == "autonomous" else "when it lays out its next step"
    when = soon if one.status == "running" else "when it is resumed"
    return Sheet(title=f"{one.kind} {one.id} will hear it {when}", subject=one.id, facts=(("message", asked.message),))


async def _rest(office: Office, name: str, verb: str) -> Sheet:
    one = _only_running(office, name)
    if one.status != "running":
        raise ConfigError(f"{one.kind} {one.id} is not running: it is {one.status}")
    if one.kind in ("run", "autonomous"):
        inbox.post(office.ledger, one.id, verb)
        await office.ledger.flush()
        after = "what it is at" if one.kind == "autonomous" else "the step in hand"
        return Sheet(title=f"{one.kind} {one.id} will {verb} after {after}", subject=one.id)
    errand = errand_of(office.home, one.id)
    if errand is None or not errand.interrupt():
        raise ConfigError(f"{one.kind} {one.id} runs in another terminal: press Ctrl-C there")
    return Sheet(title=f"{one.kind} {one.id} comes to rest; /resume {one.id} goes on", subject=one.id)


def _only_running(office: Office, name: str) -> Work:
    """What is meant; `latest` means the one that runs, and nothing where several do."""
    if name != "latest":
        return office.find(name)
    running = office.running()
    if len(running) > 1:
        raise ConfigError(f"{len(running)} are running; name one: {', '.join(one.id for one in running)}")
    return running[0] if running else office.find(name)


def _summary(office: Office, name: str) -> Summary:
    return summary(office.ledger, office.home, office.run(name))


def _best(office: Office, name: str) -> tuple[float | None, float | None]:
    """QD score and highest fitness; None where the domain is not installed any more."""
    run = office.run(name)
    try:
        axes = make_domain(run.plan).axes
    except ConfigError:
        return None, None
    archive = slots.archive_of(office.ledger, run, axes)
    return archive.qd_score, max((e.fitness for e in archive.elites.values() if e.fitness is not None), default=None)


async def _open_ended(office: Office, name: str) -> str | None:
    """What the compressor says so far; None where there is too little to say."""
    run = office.run(name)
    try:
        seen = await asyncio.to_thread(so_far, office.ledger, run)
    except ConfigError:  # the domain is not installed any more
        return None
    if seen is None:
        return None
    whole, late = seen.whole, seen.lately
    needed = f" (about {whole.needed} artifacts would tell)" if whole.needed else ""
    return f"{whole.label}{needed} after {whole.end} artifacts, second half {late.label}, for {whole.observer}"


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


def _clock(at: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(at))


def _short(value: object) -> str:
    words = f"{value:.4g}" if isinstance(value, float) else str(value)
    return words if len(words) <= 80 else words[:79] + "…"
