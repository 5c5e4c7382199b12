"""The archive and the memory: elites by filters, texts by meaning, one candidate with all that is known of it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from wunderkammer import domains
from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.apps.cabinet import Cabinet, open_cabinet, read_value
from wunderkammer.apps.chat.arguments import Explain, Find, Query
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.recall import memory_of
from wunderkammer.core.contract import Axes, Entry
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead
from wunderkammer.memory.slots import find_entry
from wunderkammer.memory.tables import candidates

SHOWN = 160
"""Characters of a text in a table."""
IN_FULL = 2000
"""Characters of a text that is shown for itself."""
ANCESTORS = 6


async def query_archive(office: Office, asked: Query) -> Sheet:
    """Elites of a run, or all that it evaluated, that fit a filter."""
    cabinet = open_cabinet(office.ledger, asked.run)
    axes = cabinet.domain.axes
    wanted = _wanted(asked.where, axes)
    fits = [
        entry
        for entry in await asyncio.to_thread(list, _entries(cabinet, asked))
        if _fits(cabinet, entry, wanted, asked)
    ]
    _arrange(fits, asked.order)
    rows = tuple(_row(cabinet, entry, len(axes)) for entry in fits[: asked.count])
    what = "evaluated candidates" if asked.tried else "elites"
    filled = f"{len(cabinet.archive)} of {cabinet.archive.size}" if cabinet.archive.size else len(cabinet.archive)
    return Sheet(
        title=f"{len(fits)} {what} of run {cabinet.run.id} fit, {len(rows)} shown",
        subject=cabinet.run.id,
        facts=(("domain", cabinet.run.domain), ("cells filled", filled), ("QD score", cabinet.archive.qd_score)),
        columns=(*axes, "fitness", "slot", "candidate", "text") if rows else (),
        rows=rows,
        foreign=True,
    )


def _entries(cabinet: Cabinet, asked: Query) -> Iterator[Entry[Any]]:
    return cabinet.everything() if asked.tried else iter(cabinet.elites.values())


def _wanted(where: Mapping[str, str], axes: Axes) -> dict[int, str]:
    """Place of an axis to the value that is wanted there."""
    names = {name.casefold(): name for name in axes}
    found = {}
    for axis, value in where.items():
        name = names.get(axis.casefold())
        if name is None:
            raise ConfigError(f"there is no axis {axis!r}{instead(axis, axes, '; there is: ')}")
        found[list(axes).index(name)] = read_value(value, name, axes[name])
    return found


def _fits(cabinet: Cabinet, entry: Entry[Any], wanted: Mapping[int, str], asked: Query) -> bool:
    cell = entry.outcome.cell
    if wanted and (cell is None or any(cell[place] != value for place, value in wanted.items())):
        return False
    if asked.min_fitness is not None and (entry.outcome.fitness is None or entry.outcome.fitness < asked.min_fitness):
        return False
    return asked.text is None or asked.text.casefold() in cabinet.text(entry.candidate).casefold()


def _arrange(entries: list[Entry[Any]], order: str) -> None:
    if order == "fitness":
        entries.sort(key=lambda e: -(e.outcome.fitness if e.outcome.fitness is not None else float("-inf")))
    elif order == "newest":
        entries.sort(key=lambda e: -e.slot)


def _row(cabinet: Cabinet, entry: Entry[Any], axes: int) -> tuple[Value, ...]:
    cell = entry.outcome.cell or ("",) * axes
    words = _short(cabinet.text(entry.candidate), SHOWN)
    return (*cell, entry.outcome.fitness, entry.slot, entry.candidate.id[:8], words)


async def find_texts(office: Office, asked: Find) -> Sheet:
    """The stored candidates nearest in meaning to a text."""
    if asked.domain is not None:
        domains.find(asked.domain)
    async with memory_of(office.settings, office.ledger) as vectors:
        hits = await vectors.search(asked.text, k=asked.count, domain=asked.domain) if await vectors.count() else []
    query = select(candidates.c.id, candidates.c.text).where(candidates.c.id.in_([hit.id for hit in hits]))
    texts = {row.id: row.text for row in office.ledger.rows(query)}
    rows = tuple(
        (hit.distance, str(hit.metadata.get("domain", "")), hit.id[:8], _short(texts.get(hit.id, ""), SHOWN))
        for hit in hits
    )
    title = f"the {len(rows)} nearest of the memory" if rows else "the memory holds nothing yet"
    columns = ("distance", "domain", "candidate", "text") if rows else ()
    return Sheet(title=title, columns=columns, rows=rows, foreign=True)


async def explain_candidate(office: Office, asked: Explain) -> Sheet:
    """Where a candidate came from, what it scored, who voted for it, what the target answered, where it was used."""
    genomes = {name: domain.genome for name, domain in domains.installed().items()}
    entry, owner = find_entry(office.ledger, asked.candidate, genomes)
    cabinet = open_cabinet(office.ledger, owner)
    outcome, verdict = entry.outcome, cabinet.verdict(entry)
    holder = cabinet.elites.get(outcome.cell) if outcome.cell else None
    holds = holder is not None and holder.candidate.id == entry.candidate.id
    votes = ", ".join(verdict.votes) if verdict else "none: the cell was empty, or the score decided"
    reasons = " | ".join(_short(reason, SHOWN) for reason in verdict.reasons) if verdict else None
    line = cabinet.line(entry)[:ANCESTORS]
    born = f"aimed at {' × '.join(entry.candidate.aim)}" if entry.candidate.aim else None
    notes = tuple((f"note {name}", _short(text, SHOWN * 2)) for name, text in outcome.notes.items())
    return Sheet(
        title=f"candidate {entry.candidate.id} of {entry.candidate.domain}",
        subject=entry.candidate.id,
        facts=(
            ("run", owner),
            ("slot", entry.slot),
            ("cell", " × ".join(outcome.cell) if outcome.cell else None),
            ("holds it now", holds if outcome.cell else None),
            ("origin", born if entry.candidate.parents else born or "a seed, or from nothing"),
            ("fitness", outcome.fitness),
            ("score", outcome.score),
            *((name, value) for name, value in outcome.measures.items() if name != "fitness"),
            ("error", outcome.error),
            ("votes", votes),
            ("the judge's reasons", reasons),
            ("evidence for findings", ", ".join(_findings(office, entry.candidate.id)) or None),
            *notes,
        ),
        columns=("ancestor, nearest first", "slot", "text") if line else (),
        rows=tuple((one.id[:8], slot, _short(cabinet.text(one), SHOWN)) for one, slot in line),
        text=cabinet.text(entry.candidate)[:IN_FULL],
        foreign=True,
    )


def _findings(office: Office, candidate: str) -> list[str]:
    from wunderkammer.memory.findings import findings_of

    return [one.id[:8] for one in findings_of(office.ledger) if candidate in one.evidence]


def _short(text: str, width: int) -> str:
    words = " ".join(text.split())
    return words if len(words) <= width else words[: width - 1] + "…"
