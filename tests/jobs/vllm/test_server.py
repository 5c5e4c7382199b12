"""A vLLM that somebody else runs: adapters, restarts, sleep."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import httpx
import pytest

from wunderkammer.core.errors import ConfigError, ServerDown
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.leases import Leases
from wunderkammer.jobs.vllm import server as module
from wunderkammer.jobs.vllm.server import Vllm


@pytest.fixture(autouse=True)
def watch_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH", 0.1)


async def ask(vllm: Vllm, model: str = "tiny") -> int:
    """One question through the gate; its status."""
    async with vllm.passing(), httpx.AsyncClient(timeout=120, verify=False) as http:
        body = {"model": model, "messages": [{"role": "user", "content": "Hello?"}]}
        return (await http.post(f"{vllm.url}/chat/completions", json=body)).status_code


# ---- adapters


async def test_a_new_version_takes_the_place_of_the_old(joined, hold, adapters) -> None:
    vllm = hold()
    assert await vllm.open() == vllm.url == f"http://127.0.0.1:{joined.port}/v1"
    first = adapters("polite", 1)
    assert await vllm.load(first) == await vllm.load(first) == f"ours#{first.label}"
    assert joined.engine.adapters == {first.label: str(first.folder)}
    assert len(joined.engine.loads) == 1
    second = adapters("polite", 2)
    await vllm.load(second)
    await vllm.load(adapters("rude", 3))
    assert set(joined.engine.adapters) == {second.label, adapters("rude", 3).label}
    assert await vllm.loaded() == ("polite", "rude")
    assert await ask(vllm, second.label) == 200
    await vllm.unload("polite")
    await vllm.unload("polite")
    assert await vllm.loaded() == ("rude",)


async def test_two_users_load_the_same_at_once(joined, hold, adapters) -> None:
    joined.engine.load_s = 0.05
    one, two = hold(), hold()
    await asyncio.gather(one.open(), two.open())
    adapter = adapters("polite", 1)
    await asyncio.gather(one.load(adapter), two.load(adapter))
    assert list(joined.engine.adapters) == [adapter.label]
    assert await one.loaded() == await two.loaded() == ("polite",)


async def test_what_does_not_fit_is_named_in_one_line_and_not_loaded(joined, hold, adapters) -> None:
    vllm = hold(max_lora_rank=8)
    await vllm.open()
    with pytest.raises(ConfigError, match=r"has rank 16, and ours was started for 8 at most: raise max_lora_rank"):
        await vllm.load(adapters("high", 1, rank=16))
    with pytest.raises(ConfigError, match=r"belongs to base bbbbbbbbbbbb, ours serves [0-9a-f]{12}$"):
        await vllm.load(adapters("other", 2, base="b" * 24))
    assert joined.engine.loads == []
    assert await vllm.loaded() == ()


async def test_what_vllm_refuses_is_told_in_its_words(joined, hold, adapters) -> None:
    vllm = hold(max_lora_rank=32)
    await vllm.open()
    with pytest.raises(ConfigError, match="LoRA rank 32 is greater than max_lora_rank 16.*raise max_lora_rank"):
        await vllm.load(adapters("high", 1, rank=32))
    gone = adapters("gone", 2)
    for file in gone.folder.iterdir():
        file.unlink()
    with pytest.raises(ConfigError, match=f"does not see {gone.folder}; a server in a container needs"):
        await vllm.load(gone)
    assert await vllm.loaded() == ()


async def test_weights_that_are_elsewhere_cannot_be_checked_and_that_is_said(joined, hold, adapters) -> None:
    joined.engine.root = "owner/model"
    said: list[str] = []
    vllm = hold(said=said)
    await vllm.open()
    adapter = adapters("polite", 1, base="c" * 24)
    await vllm.load(adapter)
    assert said == [f"nobody checked that {adapter.label} fits owner/model, which ours serves from elsewhere"]
    knowing = hold(base="d" * 24)
    await knowing.open()
    with pytest.raises(ConfigError, match="belongs to base cccccccccccc, ours serves dddddddddddd"):
        await knowing.load(adapter)


async def test_a_server_that_takes_no_adapters_says_how_to_start_it(joined, hold, adapters) -> None:
    await joined.stop()
    joined.engine.takes_adapters = False
    await joined.start()
    vllm = hold()
    await vllm.open()
    with pytest.raises(ConfigError, match="VLLM_ALLOW_RUNTIME_LORA_UPDATING=True"):
        await vllm.load(adapters("polite", 1))


# ---- restarts


async def test_a_server_that_was_restarted_gets_its_adapters_back(joined, hold, adapters) -> None:
    vllm = hold()
    await vllm.open()
    one, two = adapters("one", 1), adapters("two", 2)
    await vllm.load(one)
    await vllm.load(two)
    await joined.stop()
    await asyncio.sleep(0.3)
    waiting = asyncio.create_task(ask(vllm, one.label))  # comes while nobody listens
    await asyncio.sleep(0.3)
    await joined.start()
    assert await asyncio.wait_for(waiting, 120) == 200  # and is not sent before its model is there
    assert set(joined.engine.adapters) == {one.label, two.label}


async def test_a_restart_between_two_users_is_noticed_by_the_next(joined, hold, adapters) -> None:
    first = hold()
    await first.open()
    adapter = adapters("polite", 1)
    await first.load(adapter)
    await first.close()
    await joined.stop()
    await joined.start()
    await hold().open()
    assert list(joined.engine.adapters) == [adapter.label]


async def test_nobody_at_the_address_is_said_at_once(hold) -> None:
    with pytest.raises(ServerDown, match="nobody answers; start that server, or name a model"):
        await asyncio.wait_for(hold().open(), 120)


async def test_a_server_that_stays_away_is_given_up(joined, hold) -> None:
    said: list[str] = []
    vllm = hold(said=said, start_s=1.0)
    await vllm.open()
    await joined.stop()
    async with asyncio.timeout(120):
        while not any("not up after" in line for line in said):
            await asyncio.sleep(0.05)
    assert any("does not answer; waiting up to 1 s" in line for line in said)
    with pytest.raises(httpx.ConnectError):  # requests are let through, and fail as at any server
        await asyncio.wait_for(ask(vllm), 120)


# ---- sleep


async def test_sleep_waits_for_those_in_flight_and_nobody_asks_a_sleeper(joined, hold) -> None:
    joined.engine.answer_s = 3.0
    searcher, trainer = hold(), hold()
    await asyncio.gather(searcher.open(), trainer.open())
    flying = [asyncio.create_task(ask(searcher)) for _ in range(8)]
    while joined.engine.running < 8:
        await asyncio.sleep(0.01)
    await trainer.sleep()
    assert joined.engine.running == 0
    assert [await one for one in flying] == [200] * 8
    late = [asyncio.create_task(ask(searcher)) for _ in range(8)]
    await asyncio.sleep(0.3)
    assert not any(one.done() for one in late)
    await trainer.sleep()  # it sleeps already
    await trainer.wake()
    assert [await one for one in late] == [200] * 8
    assert joined.engine.hung == 0
    assert joined.engine.naps == [1]
    await trainer.wake()


async def test_questions_all_the_time_and_naps_in_between(joined, hold) -> None:
    joined.engine.answer_s = 0.01
    searchers, trainer = [hold(), hold()], hold()
    await asyncio.gather(*(one.open() for one in (*searchers, trainer)))
    stop = asyncio.Event()

    async def search(vllm: Vllm) -> int:
        answered = 0
        while not stop.is_set():
            answered += await ask(vllm) == 200
        return answered

    searching = [asyncio.create_task(search(one)) for one in searchers for _ in range(4)]
    for _ in range(5):
        goal = len(joined.engine.asked) + 5
        while len(joined.engine.asked) < goal:
            await asyncio.sleep(0.01)
        await trainer.sleep()
        assert joined.engine.running == 0
        await asyncio.sleep(0.05)
        await trainer.wake()
    stop.set()
    assert sum(await asyncio.gather(*searching)) == len(joined.engine.asked) > 20
    assert joined.engine.hung == 0
    assert len(joined.engine.naps) == 5


async def test_adapters_are_loaded_again_after_a_sleep(joined, hold, adapters) -> None:
    vllm = hold(sleep=2)
    await vllm.open()
    adapter = adapters("polite", 1)
    await vllm.load(adapter)
    await vllm.sleep()
    await vllm.wake()
    assert joined.engine.naps == [2]
    assert joined.engine.loads[1:] == [("reload_weights", False), (adapter.label, True)]


@pytest.mark.parametrize("where", ["asleep", "sleeps not", "no dev mode"])
async def test_what_cannot_sleep_says_so_and_is_not_put_to_sleep(joined, hold, where) -> None:
    said: list[str] = []
    vllm = hold(said=said, sleep=0 if where == "asleep" else 1)
    joined.engine.sleeps = where != "sleeps not"
    if where == "no dev mode":
        await joined.stop()
        joined.engine.dev = False
        await joined.start()
    await vllm.open()
    await vllm.sleep()
    assert joined.engine.naps == []
    assert await asyncio.wait_for(ask(vllm), 120) == 200
    await vllm.wake()
    reason = "sleep = 0 in its settings" if where == "asleep" else "started without --enable-sleep-mode"
    assert [reason in line for line in said] == [True]


async def test_a_sleeper_whose_trainer_died_is_woken_by_the_next_user(joined, hold) -> None:
    trainer, searcher = hold(), hold()
    await asyncio.gather(trainer.open(), searcher.open())
    await trainer.sleep()
    await trainer.close()  # as its death would: its locks go, the server sleeps on
    assert await asyncio.wait_for(ask(searcher), 120) == 200
    assert joined.engine.hung == 0
    assert joined.engine.awake.is_set()


async def test_but_not_while_a_job_trains_on_its_gpu(joined, hold, tmp_path: Path) -> None:
    trainer, searcher = hold(), hold()
    await asyncio.gather(trainer.open(), searcher.open())
    lease = Leases(tmp_path / "home" / "jobs" / "leases").grant("GPU-0", "job-of-old")
    assert lease is not None
    await trainer.sleep()
    await trainer.close()
    waiting, opening = asyncio.create_task(ask(searcher)), asyncio.create_task(hold().open())
    await asyncio.sleep(0.5)
    assert not joined.engine.awake.is_set()
    assert not waiting.done()
    assert not opening.done()
    os.close(lease.handle)  # the job has ended
    assert await asyncio.wait_for(waiting, 120) == 200
    await asyncio.wait_for(opening, 120)
    assert joined.engine.hung == 0


async def test_a_trainer_that_comes_back_takes_its_sleep_over(joined, hold) -> None:
    first = hold()
    await first.open()
    await first.sleep()
    await first.close()  # as its death would: its locks go, the server sleeps on
    again = hold()
    await again.sleep()
    assert joined.engine.naps == [1]
    assert not joined.engine.awake.is_set()
    await again.wake()
    assert joined.engine.awake.is_set()


async def test_a_server_that_dies_asleep_is_awake_when_it_is_back(joined, hold, adapters) -> None:
    vllm = hold(start_s=20.0)
    await vllm.open()
    adapter = adapters("polite", 1)
    await vllm.load(adapter)
    await vllm.sleep()
    await joined.stop()
    waking = asyncio.create_task(vllm.wake())
    await asyncio.sleep(0.3)
    await joined.start()
    await asyncio.wait_for(waking, 120)
    assert list(joined.engine.adapters) == [adapter.label]
    assert await ask(vllm, adapter.label) == 200


def test_a_server_without_a_section_is_not_ours(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path).with_role("target", "http://127.0.0.1:9/v1")
    with pytest.raises(ConfigError, match=r"give it a section \[servers"):
        Vllm(settings, "http://127.0.0.1:9/v1")
