"""The elites of a run evaluated once more, by draws that they were not chosen for.

An archive keeps the best of many noisy looks, so that its figures are too high, and the more so the noisier they are.
What is measured here owes nothing to what was measured then.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from pydantic import ValidationError

from wunderkammer.apps.cabinet import open_cabinet
from wunderkammer.apps.installation import ledger_address, quartered
from wunderkammer.apps.rehearing import Hearing, afresh, gateway_of, new_hearing
from wunderkammer.core.abilities import Redraws, Section
from wunderkammer.core.contract import Cell, Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.core.whole import write_whole
from wunderkammer.memory.diversity import Interval, interval
from wunderkammer.memory.ledger import joined


class Second(Frozen):
    """One elite."""

    candidate: str
    cell: Cell
    stored: float
    """Fitness as it was found."""
    again: float
    """As it was found now."""


class Reevaluation(Frozen):
    """The archive of a run, looked at twice."""

    run: str
    hearing: str
    """Its draws follow from this."""
    times: int
    """Draws for each figure."""
    at: float
    """Seconds since the epoch."""
    elites: tuple[Second, ...]
    void: int = 0
    """Elites without a figure, then or now; they count for nothing."""
    end: str = ""
    """Why not all were evaluated; empty: they were."""

    @property
    def stored(self) -> Interval:
        """Mean as found, bootstrapped over elites."""
        return interval([one.stored for one in self.elites])

    @property
    def again(self) -> Interval:
        """Mean by the second look."""
        return interval([one.again for one in self.elites])

    @property
    def gap(self) -> Interval:
        """By how much the archive was too high, on average."""
        return interval([one.stored - one.again for one in self.elites])


async def reevaluate(settings: Settings, run: str, times: int, tick: Callable[[], None]) -> Reevaluation:
    """Look at every elite of a run once more, and keep what was found beside its report.

    Raises:
        ConfigError: the run has no elites, or its domain evaluates by no draws of its own.
    """
    async with joined(ledger_address(settings)) as ledger:
        cabinet = open_cabinet(ledger, run)
        entries = list(cabinet.elites.values())
        if not entries:
            raise ConfigError(f"the archive of run {cabinet.run.id} is empty: there is nothing to look at again")
        if not isinstance(cabinet.domain, Redraws):
            raise ConfigError(f"{cabinet.run.domain} draws nothing itself; see `wunder replay` and `wunder transfer`")
        hearing = new_hearing("reevaluate")
        domain = quartered(cabinet.domain.redrawn(hearing, times), settings)
        cast = afresh(settings.with_seats(cabinet.run.roles))
        async with gateway_of(cast, ledger) as gateway:
            work = Hearing(cast, gateway, domain, hearing)
            takes = await work.hear([entry.candidate for entry in entries], tick)
    pairs = [(entries[place], take.fitness) for place, take in takes.by_place.items()]
    elites = [
        Second(candidate=e.candidate.id, cell=e.outcome.cell or (), stored=e.outcome.fitness, again=now)
        for e, now in pairs
        if now is not None and e.outcome.fitness is not None
    ]
    if not elites:
        raise ConfigError(f"no elite of run {cabinet.run.id} could be looked at again: {takes.end or 'all failed'}")
    found = Reevaluation(
        run=cabinet.run.id, hearing=hearing, times=times, at=time.time(), elites=tuple(elites),
        void=len(pairs) - len(elites), end=takes.end,
    )  # fmt: skip
    keep_reevaluation(settings.home, found)
    return found


# ---- kept for the report ---------------------------------------------------------------------------------------------


def place_of(home: Path, found: Reevaluation) -> Path:
    """HOME/reports/RUN/reevaluation-MILLISECONDS.json."""
    return home / "reports" / found.run / f"reevaluation-{int(1000 * found.at)}.json"


def keep_reevaluation(home: Path, found: Reevaluation) -> Path:
    """Write it down, whole or not at all."""
    place = place_of(home, found)
    place.parent.mkdir(parents=True, exist_ok=True)
    return write_whole(place, found.model_dump_json(indent=1))


def latest(home: Path, run: str) -> Reevaluation | None:
    """The latest that was not cut short; files of another form are passed over."""
    found = []
    for file in (home / "reports" / run).glob("reevaluation-*.json"):
        try:
            found.append(Reevaluation.model_validate_json(file.read_bytes()))
        except ValidationError:
            continue
    return max((one for one in found if not one.end), key=lambda one: one.at, default=None)


def section_of(found: Reevaluation) -> Section:
    """For the report: what the archive claims, and what is left of it."""
    text = (
        f"Elites are the best of many noisy looks. {len(found.elites)} of them were evaluated again by fresh draws, "
        f"{found.times} for each figure. Means over elites with 95 % intervals."
    )
    rows = [
        (name, round(one.mean, 4), round(one.low, 4), round(one.high, 4))
        for name, one in (("as found", found.stored), ("again", found.again), ("too high by", found.gap))
    ]
    return Section(title="A second look", text=text, columns=("mean fitness", "mean", "low", "high"), rows=tuple(rows))
