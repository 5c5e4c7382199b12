"""kill -9 at any moment, then resume: the archive of an undisturbed run, nothing lost, nothing doubled."""

from __future__ import annotations

import asyncio
import random
import signal
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from stage.lives import Nursery, Voyage
from stage.story import story, sums
from wunderkammer.core.plan import SearchPlan
from wunderkammer.models.rehearsal.server import Server

IN_FLIGHT = 6
UNWRITTEN = 40
"""Answers that a kill may catch between their arrival and their commit."""


async def lives_until_done(lives: Nursery, voyage: Voyage, server: Server, moments: list[int]) -> int:
    """Kill the run whenever the server has received one of so many requests, and resume it; returns the kills."""
    kills = 0
    while True:
        life = await lives.begin(voyage)
        if moments and await life.until(lambda: server.load.total >= moments[0]):
            life.signal(signal.SIGKILL)
            moments.pop(0)
            assert (await life.death()).code == -signal.SIGKILL
            kills += 1
            continue
        death = await life.death()
        assert (death.code, death.status, death.said) == (0, "finished", "")
        return kills


async def compare(
    lives: Nursery, stage, tmp_path: Path, plan: SearchPlan, kills: int, latency: float
) -> tuple[int, float]:
    """Run a plan undisturbed and with kills; returns the calls of the former and the share that the latter repeated."""
    habits = {"concurrency": IN_FLIGHT}
    async with stage(latency=latency) as server:
        calm = Voyage(tmp_path / "calm", plan, server.url, server=habits)
        assert (await lives.whole(calm)).status == "finished"
        needed, port = server.load.total, urlsplit(server.url).port
    rng = random.Random(1)
    async with stage(port=port, latency=latency) as server:  # the address is part of a question's identity
        hunted = Voyage(tmp_path / "hunted", plan, server.url, server=habits)
        moments = sorted(rng.sample(range(1, needed), kills))
        assert await lives_until_done(lives, hunted, server, moments) == kills
        received = server.load.total
    assert story(calm.home).differences(story(hunted.home), answers=True) == {}
    before, after = sums(calm.home), sums(hunted.home)
    assert before.requests == needed
    assert after.slots == after.distinct_slots == plan.steps * plan.batch
    # What the ledger has of each call is one row, whichever life made it; what it lacks was under way at a kill.
    assert after.requests == before.requests
    assert after.tokens == before.tokens
    assert received - after.requests <= kills * (IN_FLIGHT + UNWRITTEN)
    return needed, received / needed - 1


async def test_twenty_kills_change_nothing(lives, stage, tmp_path, record_property):
    plan = SearchPlan(domain="rainbow-safety", steps=36, batch=8, lag=2, seed=4)
    needed, repeated = await compare(lives, stage, tmp_path, plan, kills=20, latency=0.02)
    record_property("repeated calls", f"{repeated:.1%} of {needed}")
    assert repeated <= 0.15


@pytest.mark.slow
@pytest.mark.timeout(900)
async def test_sixty_kills_change_nothing(lives, stage, tmp_path, record_property):
    plan = SearchPlan(domain="rainbow-safety", steps=100, batch=8, lag=3, seed=5, reflect_every=10)
    needed, repeated = await compare(lives, stage, tmp_path, plan, kills=60, latency=0.1)
    record_property("repeated calls", f"{repeated:.1%} of {needed}")
    assert repeated <= 0.15


async def test_kills_while_everything_is_being_opened(lives, stage, plan, calm, tmp_path):
    """Ledger, checkpoints and vectors are made in the first half second; half a schema must not stand in the way."""
    rng = random.Random(2)
    async with stage() as server:
        hunted = Voyage(tmp_path / "hunted", plan, server.url)
        for _ in range(10):
            life = await lives.begin(hunted)
            await asyncio.sleep(rng.uniform(0, 0.5))
            life.signal(signal.SIGKILL)
            await life.death()
        death = await lives.whole(hunted)
    assert (death.code, death.status, death.said) == (0, "finished", "")
    assert calm.differences(story(hunted.home)) == {}
