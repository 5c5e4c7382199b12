"""The gallery: candidates of any domain that can be looked at, as pictures and rollouts, whatever the domain is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from sqlalchemy import func, select

from wunderkammer import domains
from wunderkammer.apps.cabinet import Cabinet
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.abilities import Picture, Views
from wunderkammer.core.contract import Candidate, Domain, Entry
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run, all_runs, find_run
from wunderkammer.memory.slots import find_entry
from wunderkammer.memory.tables import outcomes

Order = Literal["fitness", "newest", "cell"]
KEPT = 4
"""Runs whose archives are kept in memory."""
CLIPS = 32
"""Rollouts that are kept: a clip may take seconds to draw, and is asked for more than once."""


@dataclass(frozen=True)
class Room:
    """A domain whose candidates can be looked at, and its runs, newest first."""

    domain: type[Domain[Any]]
    runs: tuple[Run, ...]


@dataclass(frozen=True)
class Piece:
    """One candidate on show."""

    entry: Entry[Any]
    run: Run
    domain: Domain[Any]

    @property
    def text(self) -> str:
        return self.domain.text(self.entry.candidate.genome)

    def picture(self) -> Picture:
        """The candidate itself."""
        return _views(self.domain).picture(self.entry.candidate.genome)

    def rollout(self, store: Artifacts) -> Picture | None:
        """What happened in it; None where nothing was kept."""
        return _views(self.domain).rollout(self.entry, self.files(store))

    def files(self, store: Artifacts) -> Mapping[str, str]:
        """The artifacts of its outcome that are there: name to path. A name that is none is passed over."""
        found = {}
        for name in self.entry.outcome.artifacts:
            try:
                place = store.path(name)
            except ConfigError:  # from an import, perhaps made to lead elsewhere
                continue
            if place.is_file():
                found[name] = str(place)
        return found


@dataclass
class Gallery:
    """What there is to look at in one ledger. Archives are kept until their run goes on."""

    ledger: Ledger
    _open: dict[str, tuple[int, Cabinet]] = field(default_factory=dict)
    _clips: dict[str, Picture | None] = field(default_factory=dict)

    def rooms(self) -> list[Room]:
        """Every installed domain that can be looked at, by name."""
        known = {name: kind for name, kind in domains.installed().items() if issubclass(kind, Views)}
        runs = [run for run in all_runs(self.ledger) if run.domain in known]
        return [Room(kind, tuple(run for run in runs if run.domain == name)) for name, kind in known.items()]

    def pieces(self, name: str, order: Order = "fitness") -> Sequence[Piece]:
        """The elites of a run, or all that it evaluated where its domain has no cells.

        Raises:
            ConfigError: there is no such run, or its domain cannot be looked at.
        """
        cabinet = self._cabinet(find_run(self.ledger, name))
        domain = cabinet.domain
        _views(domain)
        found = list(cabinet.elites.values()) if domain.axes else _distinct(cabinet)
        if order == "fitness":
            found.sort(key=lambda one: -(one.outcome.fitness if one.outcome.fitness is not None else float("-inf")))
        elif order == "newest":
            found.sort(key=lambda one: -one.slot)
        return [Piece(entry, cabinet.run, domain) for entry in found]

    def piece(self, candidate: str) -> Piece:
        """One candidate by the beginning of its id, with its latest outcome; `ConfigError` where there is none."""
        genomes = {name: kind.genome for name, kind in domains.installed().items() if issubclass(kind, Views)}
        entry, owner = find_entry(self.ledger, candidate, genomes)
        run = find_run(self.ledger, owner)
        return Piece(entry, run, make_domain(run.plan))

    def rollout(self, piece: Piece, store: Artifacts) -> Picture | None:
        """`Piece.rollout`, drawn once."""
        name = content_id(piece.run.id, piece.entry.slot, piece.entry.candidate.id)
        if name not in self._clips:
            self._clips[name] = piece.rollout(store)
            for old in list(self._clips)[:-CLIPS]:
                self._clips.pop(old, None)
        return self._clips.get(name)

    def line(self, piece: Piece) -> list[tuple[Candidate[Any], int | None]]:
        """Its ancestors, nearest first, each with the slot in which it was evaluated."""
        return self._cabinet(piece.run).line(piece.entry)

    def _cabinet(self, run: Run) -> Cabinet:
        query = select(func.count()).select_from(outcomes).where(outcomes.c.run == run.id)
        slots = int(self.ledger.rows(query)[0][0])
        known = self._open.pop(run.id, None)
        kept = known if known and known[0] == slots else (slots, Cabinet(self.ledger, run))
        self._open[run.id] = kept
        for old in list(self._open)[:-KEPT]:
            self._open.pop(old, None)
        return kept[1]


def _views(domain: Domain[Any]) -> Views[Any]:
    if not isinstance(domain, Views):
        raise ConfigError(f"{domain.name} has no pictures; see the pages of its runs")
    return domain


def _distinct(cabinet: Cabinet) -> list[Entry[Any]]:
    """All that was evaluated, each candidate once, with its latest outcome."""
    return list({entry.candidate.id: entry for entry in cabinet.everything()}.values())
