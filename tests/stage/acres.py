"""A field of 100 × 100 beds by three seasons, planted in one, as a ledger has it: for pages that must stay quick."""

from __future__ import annotations

import time
from pathlib import Path
from random import Random
from typing import ClassVar

from stage.garden import Options, Plant
from wunderkammer.core.contract import Candidate, Frozen, Outcome
from wunderkammer.core.events import Ended, Remembered, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim
from wunderkammer.memory import runs, slots
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import Run

SIDE = 100
BATCH = 100


class Acres:
    """Plants by bed, row and season. Nothing is ever grown here: it is only looked at."""

    name: ClassVar[str] = "acres"
    kind: ClassVar[str] = "discovery"
    title: ClassVar[str] = "A field"
    axes: ClassVar[dict[str, tuple[str, ...]]] = {
        "bed": tuple(f"bed {place}" for place in range(SIDE)),
        "row": tuple(f"row {place}" for place in range(SIDE)),
        "season": ("spring", "summer", "autumn"),
    }
    genome: ClassVar[type[Frozen]] = Plant
    options: ClassVar[type[Frozen]] = Options

    def __init__(self, options: Frozen) -> None:
        self.options_given = options

    def seeds(self, rng: Random):
        return iter(())

    async def vary(self, parents, aim, lab):
        return None

    def text(self, genome: Plant) -> str:
        return f"bed {genome.bed}, row {genome.row}, {genome.height} m"


def plant(home: Path, run: str = "acre5", filled: int = SIDE * SIDE) -> str:
    """Write a finished run into the ledger of a home: one plant in each of `filled` beds, all of spring."""
    rng, steps = Random(7), filled // BATCH
    plan = SearchPlan(domain=Acres.name, steps=steps, batch=BATCH)
    home.mkdir(parents=True, exist_ok=True)
    with opened(address_of(home)) as ledger:
        runs.begin(ledger, Run(run, Acres.name, plan, {}, None, 0, time.time()))
        for slot in range(filled):
            bed, row = divmod(slot, SIDE)
            genome = Plant(bed=bed, row=row, height=round(0.5 + 0.5 * rng.random() * (bed + row) / (2 * SIDE), 4))
            candidate = Candidate(domain=Acres.name, genome=genome)
            slots.keep_candidate(ledger, candidate, f"plant {slot}")
            cell = (f"bed {bed}", f"row {row}", "spring")
            outcome = Outcome(score=genome.height, cell=cell)
            aim = Aim(slot=slot, step=slot // BATCH, origin="seed")
            slots.keep_outcome(ledger, run, aim, fate="evaluated", candidate=candidate.id, outcome=outcome, arm=None)
        for step in range(steps):
            told = (step + 1) * BATCH
            remembered = Remembered(
                step=step, filled=told, cells=3 * SIDE * SIDE, qd_score=told * 0.6, accepted=BATCH, seconds=float(step)
            )
            spent = Spent(calls=told, prompt_tokens=told, completion_tokens=told, cost=0.0, errors=0, in_flight=0)
            runs.tell(ledger, run, remembered, key=str(step))
            runs.tell(ledger, run, spent, key=str(step))
        runs.tell(ledger, run, Ended(status="finished", reason="all steps done"))
    return run
