"""Servers that fail in every way we know: the run survives, or says in one line why not and can be resumed."""

from __future__ import annotations

import asyncio
import re
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select

from stage.lives import Voyage
from stage.story import story, sums
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import calls, outcomes

SERVER_FAULTS = ("429", "500", "503", "reset", "half", "html", "slow", "errorobject")
WORD_FAULTS = ("empty", "null", "nochoices", "huge")


def rows(home, query):
    with opened(address_of(home)) as ledger:
        return ledger.rows(query)


def one_line(text: str) -> bool:
    return text.count("\n") == 0 and 0 < len(text) < 500


@pytest.mark.parametrize("fault", SERVER_FAULTS)
async def test_what_a_server_does_wrong_now_and_then_changes_nothing(lives, stage, plan, calm, tmp_path, fault):
    async with stage(faults={fault: 0.2}, relent=2, retry_after=0.1) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url, server={"timeout_s": 0.5 if fault == "slow" else 20})
        death = await lives.whole(voyage)
        assert server.load.faults[fault] > 20
        received = server.load.total
    assert (death.code, death.status, death.said) == (0, "finished", "")
    assert calm.differences(story(voyage.home)) == {}
    assert sums(voyage.home).requests == received


@pytest.mark.parametrize("fault", WORD_FAULTS)
async def test_unusable_words_are_asked_for_anew_and_never_read_as_an_answer(lives, stage, plan, tmp_path, fault):
    async with stage(faults={fault: 0.3}) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url)
        death = await lives.whole(voyage)
        assert server.load.faults[fault] > 20
        received = server.load.total
    assert (death.code, death.status, death.said) == (0, "finished", "")
    found = story(voyage.home)
    assert len(found.outcomes) == plan.steps * plan.batch
    fates = {slot: row["fate"] for slot, row in found.outcomes.items()}
    assert set(fates.values()) <= {"evaluated", "filtered", "unusable"}
    for slot, row in found.outcomes.items():
        if fates[slot] == "unusable":
            assert (row["cell"], row["score"], row["fitness"]) == (None, None, None)
            assert one_line(row["error"])
        elif fates[slot] == "evaluated":
            assert "[unsafe=" in row["notes"]["response"]
    assert sums(voyage.home).requests == received


async def test_errors_are_counted_apart_and_never_as_safe(lives, stage, plan, tmp_path):
    """With one try per question, every fault of the server is an error of a slot or an empty ballot."""
    async with stage(faults={"500": 0.04, "reset": 0.03, "half": 0.03}) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url, server={"attempts": 1})
        death = await lives.whole(voyage)
        faults = server.load.faults.total()
    assert (death.code, death.status) == (0, "finished")
    found = story(voyage.home)
    failed = {slot for slot, row in found.outcomes.items() if row["fate"] == "error"}
    assert 3 < len(failed) < plan.steps * plan.batch / 2
    for slot in failed:
        row = found.outcomes[slot]
        assert (row["cell"], row["score"], row["fitness"], row["measures"]) == (None, None, None, {})
        assert one_line(row["error"])
    assert failed.isdisjoint(slot for slot, _ in found.archive.values())
    assert failed.isdisjoint(found.duels)
    wrong = rows(voyage.home, select(calls).where(calls.c.status == "error"))
    assert len(wrong) == faults
    void = [row for row in found.duels.values() if "void" in row["votes"]]
    assert not any(row["accepted"] for row in void)


@pytest.mark.parametrize("fault", ["429", "500", "reset", "html", "errorobject"])
async def test_a_server_that_only_fails_ends_the_run_in_one_line_and_it_can_go_on_later(
    lives, stage, plan, calm, tmp_path, fault
):
    async with stage(faults={fault: 1.0}, retry_after=0.05) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url, server={"attempts": 2})
        death = await lives.whole(voyage)
    assert (death.code, death.status, death.said) == (2, "failed", "")
    assert death.ended is not None
    assert one_line(death.ended.reason)
    assert f"http://127.0.0.1:{port}/v1" in death.ended.reason
    assert not rows(voyage.home, select(outcomes))
    async with stage(port=port):
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


@pytest.mark.parametrize(
    ("script", "server", "words"),
    [
        ({"key": "right"}, {}, "key_env"),
        ({"key": "right"}, {"key_env": "STAGE_KEY"}, "STAGE_KEY"),
        ({"strict": True, "models": ("other",)}, {}, "does it serve 'planted-mutator'"),
    ],
    ids=["no key", "key not set", "unknown model"],
)
async def test_what_no_retry_can_mend_is_said_at_once(lives, stage, plan, tmp_path, script, server, words):
    async with stage(**script) as playing:
        death = await lives.whole(Voyage(tmp_path / "h", plan, playing.url, server=server))
        assert playing.load.total < 200
    assert death.code == 2
    said = death.ended.reason if death.ended else death.said.strip()
    assert one_line(said)
    assert re.search(words, said)


async def test_nobody_answers_at_the_start(lives, stage, plan, calm, tmp_path):
    async with stage() as server:
        port, url = urlsplit(server.url).port, server.url
    voyage = Voyage(tmp_path / "h", plan, url, server={"attempts": 2})
    death = await lives.whole(voyage)
    assert (death.code, death.status) == (2, "failed")
    assert death.ended is not None
    assert one_line(death.ended.reason)
    assert "nobody answers" in death.ended.reason
    async with stage(port=port):
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


async def test_a_server_that_goes_away_and_comes_back_is_waited_for(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.02) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total >= 100)
    await asyncio.sleep(2)
    assert not life.over
    async with stage(port=port):
        assert (await life.death()).status == "finished"
    assert calm.differences(story(voyage.home)) == {}


async def test_a_server_that_stays_away_ends_the_run_which_later_ends_the_same(lives, stage, plan, calm, tmp_path):
    async with stage(latency=0.02) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url, server={"attempts": 2})
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total >= 150)
    death = await life.death()
    assert (death.code, death.status) == (2, "failed")
    before = sums(voyage.home)
    async with stage(port=port) as server:
        assert (await lives.whole(voyage)).status == "finished"
        assert calm.differences(story(voyage.home)) == {}
        again = sums(voyage.home).requests - before.requests
        assert again == server.load.total
