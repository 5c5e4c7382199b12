"""How an archive fills while somebody watches: each step that is remembered, as the events that its slots were.

A run tells these to its own terminal alone and keeps what they were made of; here they are made again, once for all who
watch.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from wunderkammer.apps.cabinet import Cabinet
from wunderkammer.core.contract import Domain
from wunderkammer.core.events import Explored
from wunderkammer.memory import slots
from wunderkammer.memory.archive import Archive, trial_of
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, steps_done
from wunderkammer.memory.slots import Kept

SHOWN = 280
"""Characters of a text."""


@dataclass
class Filling:
    """One run's archive as it stood after slot `end` - 1."""

    ledger: Ledger
    run: Run
    domain: Domain[Any]
    archive: Archive
    end: int

    @classmethod
    def of(cls, ledger: Ledger, run: Run) -> Filling:
        """As it stands now; a `ConfigError` where the domain is not installed."""
        cabinet = Cabinet(ledger, run)
        end = steps_done(ledger, run) * run.plan.batch
        return cls(ledger, run, cabinet.domain, slots.archive_of(ledger, run, cabinet.domain.axes, end), end)

    def step(self, number: int) -> list[Explored]:
        """What became of the slots up to the end of a step, from where it was left."""
        first, self.end = self.end, max(self.end, (number + 1) * self.run.plan.batch)
        kept = slots.kept_slots(self.ledger, self.run, self.domain.genome, first, self.end)
        return list(self._explored(kept))

    def _explored(self, kept: dict[int, Kept]) -> Iterator[Explored]:
        for slot, one in sorted(kept.items()):
            name = one.candidate.id if one.candidate else None
            accepted = one.verdict.accepted if one.verdict else None
            trial = trial_of(slot, name, one.outcome, accepted) if one.outcome and name else None
            if trial is not None:
                fate = "elite" if self.archive.add(trial) else "lost"
            else:
                fate = "off-grid" if one.fate == "evaluated" else one.fate
            yield Explored(
                slot=slot,
                candidate=name,
                text=self.domain.text(one.candidate.genome)[:SHOWN] if one.candidate else "",
                fate=fate,
                cell=trial.cell if trial else None,
                score=trial.score if trial else None,
                fitness=trial.fitness if trial else None,
                reason=one.reason,
            )
