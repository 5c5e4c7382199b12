"""A stored candidate evaluated again, by the target that it was found with or by others."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import fmean
from typing import Any

from wunderkammer import domains
from wunderkammer.apps.installation import ledger_address, make_domain, quartered
from wunderkammer.apps.rehearing import Hearing, Takes, afresh, gateway_of, new_hearing
from wunderkammer.core.contract import Entry
from wunderkammer.core.settings import Settings, public
from wunderkammer.memory.ledger import joined
from wunderkammer.memory.runs import Run, find_run
from wunderkammer.memory.slots import find_entry


@dataclass(frozen=True)
class Again:
    """What one target made of the candidate."""

    target: str
    """Server and model, without credentials."""
    hearing: str
    """Under which its calls stand in the ledger."""
    takes: Takes

    @property
    def fitness(self) -> float | None:
        """Mean over the takes that have one."""
        found = [take.fitness for take in self.takes.by_place.values() if take.fitness is not None]
        return fmean(found) if found else None


@dataclass(frozen=True)
class Replay:
    """A candidate, what is stored of it, and what it came to now."""

    entry: Entry[Any]
    text: str
    run: Run
    stored_target: str
    again: tuple[Again, ...]


async def replay(
    settings: Settings, candidate: str, targets: Sequence[str], times: int, tick: Callable[[], None]
) -> Replay:
    """Evaluate the candidate whose id begins with `candidate` `times` times on each target.

    targets: addresses as `--target` takes them; none: the target of its run. The other roles are cast as in that run.
    The domain has the options of that run. Nothing is written to the ledger but calls.
    """
    async with joined(ledger_address(settings)) as ledger:
        genomes = {name: domain.genome for name, domain in domains.installed().items()}
        entry, owner = find_entry(ledger, candidate, genomes)
        run = find_run(ledger, owner)
        domain = quartered(make_domain(run.plan), settings)
        cast = afresh(settings.with_seats(run.roles))
        found = []
        for one in [cast.with_role("target", target) for target in targets] or [cast]:
            hearing = new_hearing("replay")
            async with gateway_of(one, ledger) as gateway:
                work = Hearing(one, gateway, domain, hearing, run.plan.evaluations)
                takes = await work.hear([entry.candidate] * times, tick)
            found.append(Again(seat_name(one), hearing, takes))
            if takes.end:
                break
        return Replay(entry, domain.text(entry.candidate.genome), run, seat_name(cast), tuple(found))


def seat_name(settings: Settings, role: str = "target") -> str:
    """Who plays a role, as people may read it: `http://host:8000/v1#model`."""
    seat = settings.role(role)
    return f"{public(seat.server)}#{seat.model}"
