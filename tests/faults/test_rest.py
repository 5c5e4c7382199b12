"""Runs that are asked to rest, and runs whose budget is used up: they go on to the archive of an undisturbed run."""

from __future__ import annotations

import time
from signal import SIGINT, SIGTERM
from urllib.parse import urlsplit

import pytest

from stage.lives import Voyage
from stage.story import story, sums


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
@pytest.mark.parametrize("moment", [10, 150])
async def test_asked_once_it_finishes_its_step_and_rests(lives, stage, plan, calm, tmp_path, number, moment):
    async with stage(latency=0.02) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > moment)
        life.signal(number)
        death = await life.death()
    assert (death.code, death.status) == (0, "paused")
    assert death.said.count("\n") == 1
    resting = story(voyage.home)
    assert len(resting.outcomes) < plan.steps * plan.batch
    assert "error" not in {row["fate"] for row in resting.outcomes.values()}
    async with stage(port=port):
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


@pytest.mark.parametrize("number", [SIGINT, SIGTERM])
async def test_asked_twice_it_stops_at_once(lives, stage, plan, calm, tmp_path, number):
    """The servers are so slow that a step in hand would take a minute."""
    async with stage(latency=0.02, faults={"slow": 0.1}) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.faults["slow"] > 3)
        life.signal(number)
        assert await life.until(lambda: "again" in voyage.log.read_text())
        asked = time.monotonic()
        life.signal(number)
        death = await life.death()
        assert time.monotonic() - asked < 30
    assert (death.code, death.status, death.ended.reason) == (0, "paused", "interrupted")
    async with stage(port=port):
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


@pytest.mark.parametrize(
    ("limits", "words"),
    [
        ({"calls": 120}, "120 calls"),
        ({"tokens": 20_000}, "20000 tokens"),
        ({"money": 0.02}, "0.02 in money"),
        ({"seconds": 0.8}, "0.8 seconds"),
    ],
)
async def test_a_budget_stops_it_and_a_larger_one_lets_it_go_on(lives, stage, plan, calm, tmp_path, limits, words):
    bounded = plan.model_copy(update={"budget": plan.budget.model_validate(limits)})
    prices = {f"planted-{role}": {"input": 1.0, "output": 2.0} for role in ("mutator", "target", "judge")}
    # Six steps, each several calls deep: on no machine are they done within the seconds.
    async with stage(latency=0.1 if "seconds" in limits else 0.02) as server:
        voyage = Voyage(tmp_path / "h", bounded, server.url, settings={"prices": prices})
        death = await lives.whole(voyage)
        assert (death.code, death.status, death.said) == (0, "stopped", "")
        assert words in death.ended.reason
        used = sums(voyage.home)
        if "calls" in limits:
            assert used.requests == server.load.total == limits["calls"]
        if "tokens" in limits:
            assert limits["tokens"] * 0.8 < used.tokens <= limits["tokens"]
        assert len(story(voyage.home).outcomes) < plan.steps * plan.batch
        same = await lives.whole(voyage)
        assert same.status == "stopped"
        more = Voyage(
            tmp_path / "h", bounded, server.url, settings={"prices": prices}, budget=dict.fromkeys(limits, 10**7)
        )
        death = await lives.whole(more)
        assert (death.code, death.status, death.said) == (0, "finished", "")
        assert sums(voyage.home).requests == server.load.total
    assert calm.differences(story(voyage.home)) == {}
