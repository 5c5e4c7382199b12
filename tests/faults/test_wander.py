"""kill -9 at any moment of an autonomous run, then resume: nothing lost, nothing twice, the budget still right."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path
from urllib.parse import urlsplit

from stage.lives import Nursery, Voyage
from stage.story import story, sums
from wunderkammer.core.autonomy import Activity, AutonomousPlan
from wunderkammer.core.events import Acted, Chosen
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import address_of, opened

IN_FLIGHT = 6
SEARCH = {"batch": 8, "lag": 1, "evaluations": 1}
PARTS = ("w-rainbow-safety", "w-rainbow-questions")


def plan_within(calls: int, choices: int = 100) -> AutonomousPlan:
    """Two domains in turns."""
    activities = tuple(
        Activity(action="search", subject=part.removeprefix("w-"), plan={"domain": part.removeprefix("w-"), **SEARCH})
        for part in PARTS
    )
    return AutonomousPlan(activities=activities, budget=BudgetSettings(calls=calls), most_choices=choices, exhausted=0)


def voyage(home: Path, url: str, plan: AutonomousPlan) -> Voyage:
    unused = SearchPlan(domain="rainbow-safety")
    wander = plan.model_dump(mode="json")
    return Voyage(home, unused, url, run="w", server={"concurrency": IN_FLIGHT}, wander=wander)


def choices(home: Path) -> tuple[list[Chosen], list[Acted]]:
    with opened(address_of(home)) as ledger:
        chosen = [event for _, event in runs.told(ledger, "w", "chosen")]
        acted = [event for _, event in runs.told(ledger, "w", "acted")]
    return chosen, acted


async def test_twenty_kills_of_an_autonomous_run(lives: Nursery, stage, tmp_path) -> None:
    plan = plan_within(100_000, choices=8)
    async with stage(latency=0.01) as server:
        calm = voyage(tmp_path / "calm", server.url, plan)
        assert (await lives.whole(calm)).status == "finished"
        needed, port = server.load.total, urlsplit(server.url).port
    rng, kills = random.Random(3), 0
    async with stage(port=port, latency=0.01) as server:
        hunted = voyage(tmp_path / "hunted", server.url, plan)
        for _ in range(20):
            life = await lives.begin(hunted)
            goal = server.load.total + rng.randrange(0, max(1, needed // 20))
            if rng.random() < 0.4:  # also while it is opening, choosing and settling
                await asyncio.sleep(rng.uniform(0, 1))
            elif not await life.until(lambda: server.load.total >= goal):  # noqa: B023
                break
            life.signal(signal.SIGKILL)
            await life.death()
            kills += 1
        death = await lives.whole(hunted)
    assert (death.code, death.status, death.said) == (0, "finished", "")
    assert kills == 20

    chosen, acted = choices(hunted.home)
    assert [event.step for event in chosen] == [event.step for event in acted] == list(range(8))
    assert not [event for event in acted if event.failed]
    for part in PARTS:
        steps = sum(event.arm.endswith(part.removeprefix("w-")) for event in chosen)
        found = sums(hunted.home, part)
        assert found.slots == found.distinct_slots == steps * 2 * SEARCH["batch"]
    spent = sum(event.spent.calls for event in acted)
    assert spent == sum(sums(hunted.home, part).requests for part in PARTS)
    if {e.arm: e.end for e in chosen} == {e.arm: e.end for e in choices(calm.home)[0]}:
        for part in PARTS:
            assert story(calm.home, part).differences(story(hunted.home, part), answers=True) == {}


async def test_the_budget_holds_over_all_parts_and_lives(lives: Nursery, stage, tmp_path) -> None:
    plan, rng = plan_within(150), random.Random(5)
    async with stage(latency=0.01) as server:
        hunted = voyage(tmp_path / "hunted", server.url, plan)
        for _ in range(5):
            life = await lives.begin(hunted)
            goal = server.load.total + rng.randrange(5, 30)
            await life.until(lambda: server.load.total >= goal)  # noqa: B023
            life.signal(signal.SIGKILL)
            await life.death()
        death = await lives.whole(hunted)
        again = await lives.whole(hunted)
    assert (death.status, again.status) == ("stopped", "stopped")
    assert death.ended.reason == "the budget of 150 calls is used up"
    assert sum(sums(hunted.home, part).requests for part in ("w", *PARTS)) == 150  # the planner asks too
