"""An archive's elites put to other targets: which weaknesses carry over.

Success is what one of the domain's evaluators says it is (`Rates.evaluators`): the one that looks at the score or the
fitness, unless another is named; in a domain without any, a fitness of 0.5. What could not be evaluated or has no
figure is counted apart, as neither. The figures that the archive itself holds are the best of several noisy looks and
therefore too high; putting it to its own target again is the fair comparison.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from wunderkammer.apps.cabinet import Cabinet, open_cabinet
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.rehearing import Hearing, Take, afresh, gateway_of, new_hearing
from wunderkammer.apps.replay import seat_name
from wunderkammer.apps.report import Rate
from wunderkammer.apps.report import Transfer as Matrix
from wunderkammer.core.abilities import Evaluator, Rates
from wunderkammer.core.contract import Domain, Entry, Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.whole import write_whole
from wunderkammer.memory.ledger import joined


class Column(Frozen):
    """What one target made of the archive."""

    target: str
    """Server and model, without credentials."""
    rate: Rate | None
    """Success over the elites that have a figure, with its interval; None where none has."""
    errors: int = 0
    """Elites that a fault kept from being evaluated."""
    void: int = 0
    """Elites that were evaluated and have no figure."""
    hits: dict[str, bool] = Field(default_factory=dict)
    """Success by candidate, where the evaluator has a word on it."""
    hearing: str = ""
    """Under which its calls stand in the ledger."""
    end: str = ""
    """Why not all elites were put to it; empty: they were."""


class Transfer(Frozen):
    """The archive of one run on several targets."""

    run: str
    domain: str
    searched: str
    """The target that the archive was found with."""
    elites: int
    evaluator: Evaluator
    """Who says what a success is."""
    at: float
    """Seconds since the epoch."""
    stored: Column
    """What the archive itself says."""
    columns: tuple[Column, ...] = ()


async def transfer(
    settings: Settings,
    run: str,
    targets: Sequence[str],
    *,
    evaluator: str | None = None,
    threshold: float | None = None,
    tick: Callable[[], None],
    keep: Callable[[Transfer], None],
) -> Transfer:
    """Put every elite of a run to each target, one target after the other.

    targets: addresses as `--target` takes them. evaluator, threshold: other than the domain's own. keep: is given what
    there is after each target, also when the work was cancelled or its budget ran out; such a column says so, and no
    further one is begun.
    """
    async with joined(ledger_address(settings)) as ledger:
        cabinet = open_cabinet(ledger, run)
        entries = list(cabinet.elites.values())
        if not entries:
            raise ConfigError(f"the archive of run {cabinet.run.id} is empty: there is nothing to put to a target")
        cast = afresh(settings.with_seats(cabinet.run.roles))
        judge = evaluator_of(cabinet.domain, evaluator, threshold)
        seated = [cast.with_role("target", target) for target in targets]
        found = _begun(cabinet, entries, seat_name(cast), judge)
        for one in seated:
            hearing = new_hearing("transfer")
            async with gateway_of(one, ledger) as gateway:
                work = Hearing(one, gateway, cabinet.domain, hearing, cabinet.run.plan.evaluations)
                takes = await work.hear([entry.candidate for entry in entries], tick)
            column = column_of(entries, takes.by_place, seat_name(one), judge, hearing, takes.end)
            found = found.model_copy(update={"columns": (*found.columns, column)})
            keep(found)
            if takes.end:
                break
        return found


def _begun(cabinet: Cabinet, entries: Sequence[Entry[Any]], searched: str, judge: Evaluator) -> Transfer:
    takes = {place: Take(entry.outcome) for place, entry in enumerate(entries)}
    return Transfer(
        run=cabinet.run.id,
        domain=cabinet.run.domain,
        searched=searched,
        elites=len(entries),
        evaluator=judge,
        at=time.time(),
        stored=column_of(entries, takes, searched, judge, "", ""),
    )


def column_of(
    entries: Sequence[Entry[Any]], takes: Mapping[int, Take], target: str, judge: Evaluator, hearing: str, end: str
) -> Column:
    """What a target made of the entries: `takes` by their places. A fault is neither success nor failure."""
    said = {place: judge.of(take.outcome) if take.outcome else None for place, take in takes.items()}
    hits = {entries[place].candidate.id: hit for place, hit in said.items() if hit is not None}
    errors = sum(take.outcome is None or take.outcome.error is not None for take in takes.values())
    return Column(
        target=target,
        rate=Rate.of(list(hits.values())) if hits else None,
        errors=errors,
        void=len(takes) - errors - len(hits),
        hits=hits,
        hearing=hearing,
        end=end,
    )


def evaluator_of(domain: Domain[Any], name: str | None, threshold: float | None) -> Evaluator:
    """The domain's evaluator of this name; else the one that looks at what the search ranks by."""
    known = domain.evaluators if isinstance(domain, Rates) else (Evaluator(name="fitness", measure="fitness"),)
    if name is None:
        chosen = next((one for one in known if one.measure in ("score", "fitness")), known[0])
    else:
        found = [one for one in known if one.name == name]
        if not found:
            raise ConfigError(f"{domain.name} has no evaluator {name!r}: {', '.join(one.name for one in known)}")
        chosen = found[0]
    if threshold is None:
        return chosen
    return chosen.model_copy(update={"threshold": threshold, "rule": f"{chosen.measure} ≥ {threshold:g}"})


# ---- kept for the report ---------------------------------------------------------------------------------------------


def place_of(home: Path, found: Transfer) -> Path:
    """Where a transfer is kept: HOME/reports/RUN/transfer-MILLISECONDS.json."""
    return home / "reports" / found.run / f"transfer-{int(1000 * found.at)}.json"


def keep_transfer(home: Path, found: Transfer) -> Path:
    """Write it down, whole or not at all."""
    place = place_of(home, found)
    place.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(place, found.model_dump_json(indent=1))


def transfers_of(home: Path, run: str) -> list[Transfer]:
    """All that were kept for a run, oldest first; files of another form are passed over."""
    found = []
    for file in sorted((home / "reports" / run).glob("transfer-*.json")):
        try:
            found.append(Transfer.model_validate_json(file.read_bytes()))
        except ValidationError:
            continue
    return sorted(found, key=lambda one: one.at)


def matrix_of(home: Path, run: str) -> Matrix | None:
    """The latest figures per target as the report shows them; None where nothing was measured.

    Figures of another evaluator than the latest one are left out: a row must mean one thing. A measurement that was cut
    short does not displace one that was not.
    """
    kept = transfers_of(home, run)
    columns: dict[str, Column] = {}
    for column in (column for one in kept if one.evaluator == kept[-1].evaluator for column in one.columns):
        if column.target not in columns or not column.end:
            columns[column.target] = column
    if not columns:
        return None
    rates = tuple(column.rate for column in columns.values())
    return Matrix(archives=(kept[-1].searched,), targets=tuple(columns), rates=(rates,))
