"""The emitter of a run, kept in step with the ledger: its state is never stored, it is told the run again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from wunderkammer.core.abilities import Emits, Emitter
from wunderkammer.core.contract import Domain, Entry
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import SearchPlan
from wunderkammer.memory import slots
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run


@dataclass(frozen=True)
class Emission:
    """What an emitter proposes, slot by slot.

    seeds: how many of the run's first slots hold seeds of the domain; they are told, and never asked for.
    """

    emitter: Emitter[Any]
    plan: SearchPlan
    seeds: int

    def ask(self, step: int) -> dict[int, Any]:
        """Genomes for the slots of a step that hold no seed. Once per step, in order."""
        first, end = step * self.plan.batch, (step + 1) * self.plan.batch
        numbers = range(max(first, min(self.seeds, end)), end)
        return dict(zip(numbers, self.emitter.ask(len(numbers)), strict=True)) if numbers else {}

    def tell(self, entries: Sequence[Entry[Any]]) -> None:
        """What came of a step."""
        self.emitter.tell(entries)


def emission_of(domain: Domain[Any], plan: SearchPlan, seeds: int) -> Emission | None:
    """None where candidates are varied one by one.

    Raises:
        ConfigError: steps would be laid out before the emitter has heard of those before them.
    """
    emitter = domain.emitter(plan.seed, plan.batch) if isinstance(domain, Emits) else None
    if emitter is None:
        return None
    if plan.lag:
        raise ConfigError(f"an emitter learns from every step before the next, and lag is {plan.lag}; say --lag 0")
    return Emission(emitter, plan, seeds)


def caught_up(emission: Emission, ledger: Ledger, run: Run, genome: type[Any], due: int) -> Emission:
    """The emission after it was led through the `due` steps that the ledger holds."""
    batch = run.plan.batch
    found = (entry for entry in slots.entries(ledger, run, genome) if entry.slot < due * batch)
    told = {step: list(entries) for step, entries in groupby(found, key=lambda entry: entry.slot // batch)}
    for step in range(due):
        emission.ask(step)
        emission.tell(told.get(step, []))
    return emission
