"""A gateway whose server sleeps: its questions wait, and none is sent to the sleeper."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from stage.vllm import installation
from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Message
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.jobs.vllm.opening import vllm_on_demand
from wunderkammer.models.ask import Ask
from wunderkammer.models.budget import Budget
from wunderkammer.models.gateway import Gateway


class Nothing:
    """A recorder that keeps nothing."""

    def record(self, call: Call) -> None: ...

    def recall(self, call_id: str) -> Call | None:
        return None

    async def cached(self, request: str) -> Call | None:
        return None


@pytest.fixture
async def gateway(joined, tmp_path: Path):
    ours = installation(tmp_path, joined.port).with_role("default", "ours")
    async with (
        vllm_on_demand(ours) as open_server,
        Gateway(ours, Nothing(), Budget(BudgetSettings()), open_server=open_server) as gateway,
    ):
        yield gateway


async def test_questions_wait_while_it_sleeps(joined, hold, gateway: Gateway) -> None:
    trainer = hold()
    await trainer.open()

    async def ask(words: str) -> str:
        return (await gateway.complete(Ask(role="target", messages=(Message(role="user", content=words),)))).texts[0]

    assert await ask("Hello?") == "tiny says so"
    joined.engine.answer_s = 2.0
    flying = [asyncio.create_task(ask(f"{n}?")) for n in range(6)]
    while joined.engine.running < 6:
        await asyncio.sleep(0.01)
    await trainer.sleep()
    assert joined.engine.running == 0
    late = [asyncio.create_task(ask(f"{n}!")) for n in range(6)]
    await asyncio.sleep(0.4)
    assert not any(one.done() for one in late)
    assert gateway.in_flight == 0
    await trainer.wake()
    assert await asyncio.gather(*flying, *late) == ["tiny says so"] * 12
    assert joined.engine.hung == 0


async def test_without_the_section_nobody_is_opened(joined, tmp_path: Path) -> None:
    plain = installation(tmp_path, joined.port).with_role("default", f"http://127.0.0.1:{joined.port}/v1#tiny")
    server = plain.server("ours").model_copy(update={"vllm": None})
    plain = plain.model_copy(update={"servers": {"ours": server}})
    async with vllm_on_demand(plain) as open_server:
        async with Gateway(plain, Nothing(), Budget(BudgetSettings()), open_server=open_server) as gateway:
            await gateway.complete(Ask(role="target", messages=(Message(role="user", content="Hello?"),)))
        assert not (tmp_path / "home" / "servers").exists()
