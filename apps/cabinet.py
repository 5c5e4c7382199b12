"""A run's archive opened for people: its elites with their words, their duels and their ancestors."""

from __future__ import annotations

from collections import ChainMap
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from wunderkammer.apps.exchange import Exported
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.contract import Axes, Candidate, Cell, Domain, Entry, Verdict
from wunderkammer.core.errors import ConfigError
from wunderkammer.memory import slots
from wunderkammer.memory.ancestry import Birth, ancestors, births
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, find_run, lineage


@dataclass
class Cabinet:
    """The archive of a run as the ledger has it; read on demand, never written."""

    ledger: Ledger
    run: Run

    @cached_property
    def domain(self) -> Domain[Any]:
        return make_domain(self.run.plan)

    @cached_property
    def archive(self) -> Archive:
        return slots.archive_of(self.ledger, self.run, self.domain.axes)

    @cached_property
    def elites(self) -> dict[Cell, Entry[Any]]:
        """The elites by cell, in the order of the grid."""
        numbers = {elite.slot for elite in self.archive.elites.values()}
        found = slots.entries(self.ledger, self.run, self.domain.genome, sorted(numbers))
        by_cell = {entry.outcome.cell: entry for entry in found}
        return {cell: by_cell[cell] for cell in self.archive.cells() if cell in by_cell}

    @cached_property
    def births(self) -> dict[str, Birth]:
        return births(self.ledger, self.run)

    def everything(self) -> Iterator[Entry[Any]]:
        """All that was evaluated, elites and not, in slot order."""
        return slots.entries(self.ledger, self.run, self.domain.genome)

    def text(self, candidate: Candidate[Any]) -> str:
        return self.domain.text(candidate.genome)

    def verdict(self, entry: Entry[Any]) -> Verdict | None:
        """The duel by which an entry took its cell, or lost it; None where there was none."""
        owner = next(name for name, cut in lineage(self.ledger, self.run) if cut is None or entry.slot < cut)
        kept = slots.kept_slots(
            self.ledger, find_run(self.ledger, owner), self.domain.genome, entry.slot, entry.slot + 1
        )
        return kept[entry.slot].verdict

    def line(self, entry: Entry[Any]) -> list[tuple[Candidate[Any], int | None]]:
        """The ancestors of an entry, nearest first, each with the slot in which it was evaluated (None: never)."""
        names = list(ancestors(self._born(entry), entry.candidate.id))
        found = slots.candidates_of(self.ledger, names, self.domain.genome)
        return [(found[name], b.slot if (b := self.births.get(name)) else None) for name in names if name in found]

    def exported(self, entry: Entry[Any]) -> Exported:
        """An entry as other tools may have it."""
        notes = entry.outcome.notes
        return Exported(
            id=entry.candidate.id,
            domain=entry.candidate.domain,
            cell=entry.outcome.cell,
            prompt=self.text(entry.candidate),
            response=notes.get("response", notes.get("answer")),
            right=notes.get("right"),
            score=entry.outcome.score,
            measures=entry.outcome.measures,
            lineage=tuple(ancestors(self._born(entry), entry.candidate.id)),
        )

    def exportable(self, entries: Iterable[Entry[Any]]) -> Iterator[Exported]:
        """Entries as other tools may have them; a `ConfigError` where they are no prompts."""
        if self.domain.kind != "attack":
            raise ConfigError(f"{self.run.domain} holds {self.domain.kind}s: these formats carry prompts")
        return map(self.exported, entries)

    def _born(self, entry: Entry[Any]) -> Mapping[str, Birth]:
        """What is known of births, this entry's own put first: a thing may be made twice, from other parents."""
        return ChainMap({entry.candidate.id: Birth(entry.slot, entry.candidate.parents)}, self.births)


def open_cabinet(ledger: Ledger, name: str) -> Cabinet:
    """The archive of the run whose id begins with `name`, or of the latest."""
    return Cabinet(ledger, find_run(ledger, name))


def read_cell(text: str, axes: Axes) -> Cell:
    """A cell as people type it: one value per axis with commas between, in any letter case, cut short if you like."""
    parts = text.split(",") if axes else []
    if len(parts) != len(axes):
        raise ConfigError(f"cell {text!r}: write one value for each of {', '.join(axes) or 'no axes'}, with commas")
    return tuple(read_value(part, name, values) for part, (name, values) in zip(parts, axes.items(), strict=True))


def read_value(text: str, axis: str, values: Sequence[str]) -> str:
    """A value of an axis, or the only one that begins so."""
    wanted = text.strip().casefold()
    same = [value for value in values if value.casefold() == wanted]
    near = same or [value for value in values if wanted and value.casefold().startswith(wanted)]
    if len(near) != 1:
        raise ConfigError(f"{text.strip()!r} is not one value of axis {axis!r}: {', '.join(near or values)}")
    return near[0]
