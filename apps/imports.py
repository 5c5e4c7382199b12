"""Prompts from a file made the beginning of a run.

An import is a run like any other: a row in `runs`, and one slot per text with its aim, its candidate and its outcome,
which says where it came from (note `imported`). Its steps are told as remembered and its checkpoint stands behind them,
so that `resume` searches on from the imported elites, `fork` branches off, and `report` and `archive show` read it.

A text that brings an outcome (a file of ours, of the same domain) is taken at its word; any other is put to the
target. Where several come to one cell the rule of the archive holds: a strictly higher score takes it, and in a domain
that ranks by duel the first keeps it, until the search challenges it. Everything is written at the end and at once: an
import that was killed never was.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Protocol, runtime_checkable

from langchain_core.runnables import RunnableConfig
from langgraph.graph import START
from pydantic import ValidationError

from wunderkammer.apps.cabinet import read_value
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.exchange import Imported
from wunderkammer.apps.expedition import new_run
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.apps.rehearing import Hearing, Take, Takes, gateway_of
from wunderkammer.core.contract import Axes, Candidate, Cell, Domain, Duels, Frozen, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Ended, Remembered
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim, Fate
from wunderkammer.core.settings import Settings, explain
from wunderkammer.graphs import search
from wunderkammer.memory import runs, slots
from wunderkammer.memory.archive import Archive, trial_of
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.runs import Run


@runtime_checkable
class TakesTexts(Protocol):
    """A domain whose genomes can be made of a text that was meant for a cell."""

    def make(self, text: str, cell: Cell) -> Frozen: ...


@dataclass(frozen=True)
class Arrival:
    """A text that became a candidate."""

    candidate: Candidate[Any]
    known: Outcome | None
    """Its outcome where the file brought one that counts here."""
    note: str
    """Where it came from."""


@dataclass(frozen=True)
class Landed:
    """What the import came to."""

    run: Run
    placed: int
    """Cells that are held."""
    fates: Counter[str]
    left_out: tuple[str, ...]
    """Why texts became no candidates: one line each."""
    end: str
    """Why not every text was evaluated; empty: it was."""


@dataclass
class Import:
    """Texts on their way into the ledger.

    place: the file, for people. aim: what every text is meant for where it does not say itself, one value per axis or
    None. again: evaluate also what brings an outcome.
    """

    settings: Settings
    plan: SearchPlan
    texts: Sequence[Imported]
    place: str
    aim: tuple[str | None, ...]
    again: bool = False

    @cached_property
    def domain(self) -> Domain[Any]:
        """The plan's domain; a `ConfigError` where texts cannot be its genomes."""
        domain = make_domain(self.plan)
        if not isinstance(domain, TakesTexts):
            raise ConfigError(f"{domain.name} cannot take texts: its candidates are {domain.genome.__name__}s")
        return domain

    @cached_property
    def arrivals(self) -> list[Arrival]:
        """The texts that can be candidates, in their order."""
        return [arrival for arrival in self._read if isinstance(arrival, Arrival)]

    @cached_property
    def unknown(self) -> list[Candidate[Any]]:
        """What has to be put to the target, each once."""
        found = {one.candidate.id: one.candidate for one in self.arrivals if one.known is None}
        return list(found.values())

    @property
    def homeless(self) -> int:
        """How many are meant for no cell: where they land, if anywhere, is for the domain to say."""
        return sum(one.candidate.aim is None for one in self.arrivals)

    async def conduct(self, tick: Callable[[], None]) -> Landed:
        """Evaluate what is unknown, then write the run down."""
        if not self.arrivals:
            reason = next(iter(self._left_out), "it holds none")
            raise ConfigError(f"{self.place}: no text can be a candidate of {self.plan.domain}: {reason}")
        steps = -(-len(self.arrivals) // self.plan.batch)
        plan = self.plan.model_copy(update={"seeds": 0, "steps": self.plan.steps + steps})
        run = new_run(plan, self.settings)
        async with joined(ledger_address(self.settings)) as ledger:
            takes = await self._evaluated(ledger, run, tick)
            archive, fates = self._write(ledger, run, takes)
            await ledger.flush()
        await _stand_behind(self.settings, run, steps)
        return Landed(run, len(archive), fates, self._left_out, takes.end)

    # ---- reading -------------------------------------------------------------------------------------------------

    @cached_property
    def _read(self) -> list[Arrival | str]:
        return [self._arrival(number, text) for number, text in enumerate(self.texts, 1)]

    @property
    def _left_out(self) -> tuple[str, ...]:
        return tuple(words for words in self._read if isinstance(words, str))

    def _arrival(self, number: int, text: Imported) -> Arrival | str:
        cell = self._cell(text)
        try:
            genome = self._genome(text.prompt, cell)
        except ValidationError as fault:
            return f"text {number}: {explain(fault)}"
        candidate: Candidate[Any] = Candidate(domain=self.domain.name, genome=genome, aim=cell)
        origin = f"entry {text.origin.id}" if text.origin else f"text {number}"
        note = f"{origin} of {self.place}"
        known = None if self.again else self._known(text, note)
        return Arrival(candidate, known, note)

    def _genome(self, text: str, cell: Cell | None) -> Frozen:
        assert isinstance(self.domain, TakesTexts)
        return self.domain.genome.model_validate({"text": text}) if cell is None else self.domain.make(text, cell)

    def _cell(self, text: Imported) -> Cell | None:
        """Where the text belongs: as its card says, else by its tags and by what the user said; None: nobody knows."""
        axes = self.domain.axes
        if text.origin and text.origin.domain == self.domain.name and _on_grid(text.origin.cell, axes):
            return text.origin.cell
        tags = {tag.casefold() for tag in text.tags}
        found = [
            said or next((value for value in values if value.casefold() in tags), None)
            for said, values in zip(self.aim, axes.values(), strict=True)
        ]
        cell = tuple(value for value in found if value is not None)
        return cell if len(cell) == len(axes) else None

    def _known(self, text: Imported, note: str) -> Outcome | None:
        """The outcome that a card tells of; in a domain of duels only with the response that a judge would compare."""
        card = text.origin
        if card is None or card.domain != self.domain.name or not _on_grid(card.cell, self.domain.axes):
            return None
        if isinstance(self.domain, Duels) and card.response is None:
            return None
        notes = {"response": card.response, "right": card.right, "imported": note}
        return Outcome(
            score=card.score,
            cell=card.cell,
            measures=dict(card.measures),
            notes={name: words for name, words in notes.items() if words is not None},
        )

    # ---- evaluating and writing ----------------------------------------------------------------------------------

    async def _evaluated(self, ledger: Ledger, run: Run, tick: Callable[[], None]) -> Takes:
        if not self.unknown:
            return Takes({})
        async with gateway_of(self.settings, ledger) as gateway:
            return await Hearing(self.settings, gateway, self.domain, run.id, run.plan.evaluations).hear(
                self.unknown, tick
            )

    def _write(self, ledger: Ledger, run: Run, takes: Takes) -> tuple[Archive, Counter[str]]:
        heard = {candidate.id: takes.by_place.get(place) for place, candidate in enumerate(self.unknown)}
        archive, fates = Archive(self.domain.axes), Counter[str]()
        seen: set[str] = set()
        runs.begin(ledger, run)
        accepted = 0
        for slot, arrival in enumerate(self.arrivals):
            fate, outcome, error = _fate(arrival, heard, seen, takes.end)
            self._keep(ledger, run, slot, arrival, fate, outcome, error)
            fates[fate] += 1
            trial = trial_of(slot, arrival.candidate.id, outcome) if outcome and fate == "evaluated" else None
            accepted += trial is not None and archive.add(trial)
            if (slot + 1) % run.plan.batch == 0 or slot + 1 == len(self.arrivals):
                _tell(ledger, run, slot // run.plan.batch, archive, accepted)
                accepted = 0
        words = f"imported {len(self.arrivals)} texts of {self.place}; `wunder resume` searches on from them"
        runs.tell(ledger, run.id, Ended(status="paused", reason=words))
        return archive, fates

    def _keep(
        self,
        ledger: Ledger,
        run: Run,
        slot: int,
        arrival: Arrival,
        fate: Fate,
        outcome: Outcome | None,
        error: str | None,
    ) -> None:
        candidate = arrival.candidate
        aim = Aim(slot=slot, step=slot // run.plan.batch, origin="seed", cell=candidate.aim)
        if outcome is not None:
            outcome = outcome.model_copy(update={"notes": {**outcome.notes, "imported": arrival.note}})
        slots.keep_aims(ledger, run.id, [aim])
        slots.keep_candidate(ledger, candidate, self.domain.text(candidate.genome))
        slots.keep_outcome(
            ledger, run.id, aim, fate=fate, candidate=candidate.id, outcome=outcome, arm=None, error=error
        )


def read_aim(text: str | None, axes: Axes) -> tuple[str | None, ...]:
    """What `--cell` says: a value per axis, `*` for an axis that is left to a text's tags."""
    if text is None:
        return (None,) * len(axes)
    parts = [part.strip() for part in text.split(",")]
    if len(parts) != len(axes):
        raise ConfigError(f"--cell {text!r}: write a value or * for each of {', '.join(axes)}, with commas")
    return tuple(
        None if part == "*" else read_value(part, axis, values)
        for part, (axis, values) in zip(parts, axes.items(), strict=True)
    )


def axes_of(plan: SearchPlan) -> Axes:
    """The axes of the plan's domain."""
    return make_domain(plan).axes


def _on_grid(cell: Cell | None, axes: Axes) -> bool:
    if cell is None or len(cell) != len(axes):
        return False
    return all(value in values for value, values in zip(cell, axes.values(), strict=True))


def _fate(
    arrival: Arrival, heard: Mapping[str, Take | None], seen: set[str], end: str
) -> tuple[Fate, Outcome | None, str | None]:
    """What becomes of a text: its fate, its outcome, and what went wrong."""
    name = arrival.candidate.id
    if name in seen:
        return "duplicate", None, None
    seen.add(name)
    if arrival.known is not None:
        return "evaluated", arrival.known, None
    take = heard.get(name)
    if take is None:
        return "error", None, f"not evaluated: {end}"
    if take.outcome is None:
        return "error", None, take.fault
    return ("evaluated" if take.outcome.error is None else "error"), take.outcome, take.outcome.error


def _tell(ledger: Ledger, run: Run, step: int, archive: Archive, accepted: int) -> None:
    event = Remembered(
        step=step,
        filled=len(archive),
        cells=archive.size,
        qd_score=archive.qd_score,
        accepted=accepted,
        seconds=max(0.0, time.time() - run.at),
    )
    runs.tell(ledger, run.id, event, key=str(step))


async def _stand_behind(settings: Settings, run: Run, steps: int) -> None:
    """Leave a checkpoint behind the imported steps, as the search would have: `resume` lays out the next one."""
    state = search.Search(due=steps, going=steps, made=[], halt="")
    async with checkpoints(settings) as saver:
        config: RunnableConfig = {"configurable": {"thread_id": run.id}}
        await search.build(saver).aupdate_state(config, state, as_node=START)
