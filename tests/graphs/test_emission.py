"""An emitter of whole steps: whatever happens to a run, it proposes what it would have proposed."""

from __future__ import annotations

import asyncio
import random
from typing import ClassVar

import pytest
from langgraph.checkpoint.memory import InMemorySaver

from stage.garden import Garden, Plant, Weather
from wunderkammer.core.abilities import Emits, Group, Groups
from wunderkammer.core.errors import ConfigError, ServerDown
from wunderkammer.core.events import Explored, Reflected
from wunderkammer.core.plan import SearchPlan

PLAN = SearchPlan(domain="nursery", steps=8, batch=8, lag=0, seeds=4, seed=5)


class Gardener:
    """Plants around the tallest that it was told of; draws from a generator of its own."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.tallest = 0.0
        self.heard: list[tuple[int, float]] = []

    def ask(self, count):
        def height() -> float:
            return round(self.tallest + self.rng.gauss(0, 0.2), 6)

        return [Plant(bed=self.rng.randrange(5), row=self.rng.randrange(5), height=height()) for _ in range(count)]

    def tell(self, found):
        self.heard += [(entry.slot, entry.outcome.score) for entry in found]
        self.tallest = max([self.tallest, *(entry.outcome.score for entry in found)])


class Nursery(Garden):
    """The garden under a gardener; its plants fall into the tall and the others."""

    name: ClassVar[str] = "nursery"
    naming: ClassVar[str] = "madrid/name"
    gardeners: ClassVar[list[Gardener]] = []

    def emitter(self, seed, batch):
        assert batch == PLAN.batch
        self.gardeners.append(Gardener(seed))
        return self.gardeners[-1]

    def groups(self, elites):
        tall = [one for one in elites if one.outcome.score > 0.5]
        return [Group(name="tall", claim=f"{len(tall)} plants are tall.", evidence=(tall[0].candidate.id,))]


def test_the_nursery_keeps_the_contract() -> None:
    assert isinstance(Nursery(Weather()), Emits)
    assert isinstance(Nursery(Weather()), Groups)
    assert not isinstance(Garden(Weather()), Emits)


async def test_it_hears_every_step_in_order_and_plants_from_there(garden):
    grown = await garden(PLAN, kind=Nursery)
    heard = Nursery.gardeners[-1].heard
    assert [slot for slot, _ in heard] == list(range(64))
    first, last = (max(score for slot, score in heard if slot // 8 == step) for step in (0, 7))
    assert last > first + 0.3
    assert len(grown.archive) > 15


@pytest.mark.parametrize("moment", [1, 9, 30, 55])
async def test_cancelled_anywhere_and_resumed_it_ends_the_same(garden, moment):
    whole = await garden(PLAN, kind=Nursery, run="whole")
    saver, count = InMemorySaver(), 0

    def tell(event) -> None:
        nonlocal count
        count += isinstance(event, Explored)
        if count == moment:
            task.cancel()

    task = asyncio.ensure_future(garden(PLAN, kind=Nursery, run="cut", saver=saver, tell=tell))
    with pytest.raises(asyncio.CancelledError):
        await task
    cut = await garden(PLAN, kind=Nursery, run="cut", saver=saver)
    assert cut.holders() == whole.holders()
    assert Nursery.gardeners[-1].heard == Nursery.gardeners[-3].heard


async def test_it_is_not_told_of_what_failed(garden):
    await garden(PLAN, Weather(fault=lambda slot: ServerDown("gone") if slot % 3 == 0 else None), kind=Nursery)
    assert [slot for slot, _ in Nursery.gardeners[-1].heard] == [slot for slot in range(64) if slot % 3]


async def test_steps_in_flight_that_it_has_not_heard_of_are_refused(garden):
    with pytest.raises(ConfigError, match="lag is 2; say --lag 0"):
        await garden(PLAN.model_copy(update={"lag": 2}), kind=Nursery)


async def test_a_reflection_keeps_the_groups_under_the_names_of_code(garden):
    grown = await garden(PLAN, kind=Nursery)
    said = [event.claim for event in grown.events if isinstance(event, Reflected)]
    assert said[-1].endswith("plants are tall.")
