"""kill -9 at any moment of an autonomous run, then resume: nothing lost, nothing twice, the budget still right."""

from __future__ import annotations

import asyncio
import json
import random
import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import func, select

from stage.archives import seats
from stage.lives import Nursery, Voyage
from stage.mending import Mended, landscape
from stage.story import story, sums
from wunderkammer.apps.autonomy.accounts import of_part
from wunderkammer.core.adapters import everything
from wunderkammer.core.autonomy import Activity, AutonomousPlan
from wunderkammer.core.events import Acted, Chosen
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import calls
from wunderkammer.models.rehearsal import Script, rehearsal

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


HARDENED = "w-rainbow-safety-harden-0"


def mending(home: Path, url: str, training_s: float = 0.0) -> Voyage:
    """A search, and a hardening from what it found."""
    search = {"domain": "rainbow-safety", **SEARCH, "batch": 16}
    parts = {"lessons": {"per_elite": 2, "per_cell": 0}, "exam": {"samples": 1, "benign": 2, "travel": False}}
    activities = (
        Activity(action="search", subject="rainbow-safety", plan=search, steps=7),
        Activity(action="harden", subject="rainbow-safety", plan=parts, steps=3),
    )
    limits = BudgetSettings(calls=100_000)
    plan = AutonomousPlan(activities=activities, budget=limits, most_choices=2, exhausted=0)
    return replace(voyage(home, url, plan), settings={"roles": seats()}, training_s=training_s)


async def test_killed_within_a_hardening_it_ends_with_the_same_adapter_and_the_same_gain(lives, tmp_path) -> None:
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    async with rehearsal(Script(seed=3, player=Mended(landscape(), calm)), keep=0) as server:
        death = await lives.whole(mending(calm, server.url))
        assert (death.status, death.said) == ("finished", "")
    rng, kills = random.Random(7), 0
    async with rehearsal(Script(seed=3, latency=0.01, player=Mended(landscape(), wild)), keep=0) as server:
        hunted = mending(wild, server.url, training_s=1.0)
        while kills < 3:
            life = await lives.begin(hunted)
            while not (at_work_on(wild, HARDENED) or life.over):
                await asyncio.sleep(0.1)
            await asyncio.sleep(rng.uniform(0.1, 1.5))
            life.signal(signal.SIGKILL)
            death = await life.death()
            if not at_work_on(wild, HARDENED):
                break
            kills += 1
        while death.status != "finished":
            death = await asyncio.wait_for(lives.whole(hunted), 240)
            assert death.code == 0, (death.ended, death.said)
    assert kills >= 2

    (chosen, acted), (_, calmly) = choices(wild), choices(calm)
    assert [event.part for event in chosen] == ["w-rainbow-safety", HARDENED]
    assert [event.step for event in acted] == [0, 1]
    assert acted[1].gain == calmly[1].gain > 0
    assert acted[1].figures == calmly[1].figures
    (adapter,), (other,) = everything(wild), everything(calm)
    assert (adapter.name, adapter.hash) == (f"{HARDENED}-1", other.hash)
    with opened(address_of(wild)) as ledger:
        spent = of_part(ledger, HARDENED)
        paid = (calls.c.cached.is_(False), calls.c.run != "w")  # the planner's own are of no choice
        rows = ledger.rows(select(func.sum(calls.c.attempts)).where(*paid))
    assert acted[1].spent.calls == spent.calls > 0
    assert sum(event.spent.calls for event in acted) == rows[0][0]


def at_work_on(home: Path, part: str) -> bool:
    """Whether a part was chosen, and is not settled."""
    if not (home / "ledger.db").exists():
        return False
    with closing(sqlite3.connect(f"file:{home / 'ledger.db'}?mode=ro", uri=True, timeout=30)) as link:
        try:
            bodies = [json.loads(body) for (body,) in link.execute("SELECT body FROM events WHERE run = 'w'")]
        except sqlite3.OperationalError:  # no tables yet
            return False
    mine = [body for body in bodies if body.get("part") == part]
    return bool(mine) and not any("gain" in body for body in mine)


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
