"""A garden: a small domain without models, whose plants are better the taller they are."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import ClassVar

from wunderkammer.core.contract import Candidate, Entry, Frozen, Outcome, Verdict
from wunderkammer.core.errors import BadReply


class Plant(Frozen):
    """A genome: where it grows, and how tall."""

    bed: int
    row: int
    height: float


class Mute:
    """A gateway at which nobody ever finds words."""

    async def complete(self, ask):
        raise BadReply("mute")

    async def structured(self, ask):
        raise BadReply("mute")


class Options(Frozen):
    """None."""


@dataclass
class Weather:
    """What happens to evaluations, apart from what they find."""

    delay: Callable[[int], float] = lambda slot: 0.0
    fault: Callable[[int], Exception | None] = lambda slot: None
    evaluated: list[int] = field(default_factory=list)
    dueled: list[tuple[int, int]] = field(default_factory=list)
    busy: int = 0
    busiest: int = 0


class Garden:
    """Plants by bed and row; taller is better. Its duels, where it has them, prefer the taller."""

    name: ClassVar[str] = "garden"
    kind: ClassVar[str] = "discovery"
    title: ClassVar[str] = "Plants"
    axes: ClassVar[dict[str, tuple[str, ...]]] = {
        "bed": tuple("01234"),
        "row": tuple("01234"),
    }
    genome: ClassVar[type[Frozen]] = Plant
    options: ClassVar[type[Frozen]] = Options
    together: ClassVar[int] = 1

    def __init__(self, weather: Weather) -> None:
        self.weather = weather

    def seeds(self, rng: random.Random):
        while True:
            yield Plant(bed=rng.randrange(5), row=rng.randrange(5), height=round(rng.random(), 6))

    async def vary(self, parents, aim, lab):
        arm = lab.pick(("graft", "cutting"))
        await asyncio.sleep(self.weather.delay(lab.slot) / 3)
        parent = parents[0].genome if parents else Plant(bed=0, row=0, height=0.0)
        bed, row = aim
        grown = parent.height + lab.rng.gauss(0.05 if arm == "graft" else 0.0, 0.2)
        return Plant(bed=int(bed), row=int(row), height=round(grown, 6))

    def text(self, genome: Plant) -> str:
        return f"bed {genome.bed}, row {genome.row}, {genome.height} m"

    async def evaluate(self, candidates, lab):
        self.weather.busy += 1
        self.weather.busiest = max(self.weather.busiest, self.weather.busy)
        try:
            await asyncio.sleep(self.weather.delay(lab.slot))
            if fault := self.weather.fault(lab.slot):
                raise fault
        finally:
            self.weather.busy -= 1
        self.weather.evaluated.append(lab.slot)
        return [self.outcome(candidate) for candidate in candidates]

    def outcome(self, candidate: Candidate[Plant]) -> Outcome:
        plant = candidate.genome
        return Outcome(
            score=plant.height, cell=(str(plant.bed), str(plant.row)), measures={"fitness": plant.height / 9}
        )


class Show(Garden):
    """The garden with duels instead of scores."""

    name: ClassVar[str] = "show"

    def outcome(self, candidate: Candidate[Plant]) -> Outcome:
        return super().outcome(candidate).model_copy(update={"score": None})

    async def prefers(self, challenger: Entry[Plant], incumbent: Entry[Plant], lab) -> Verdict:
        self.weather.dueled.append((challenger.slot, incumbent.slot))
        await asyncio.sleep(self.weather.delay(challenger.slot + 1))
        taller = challenger.candidate.genome.height > incumbent.candidate.genome.height
        return Verdict(votes=("challenger" if taller else "incumbent",) * 4)
