"""Nobody is inside while the gate is shut, in whatever process, and nobody is locked out by the dead."""

from __future__ import annotations

import asyncio
import sys
import time
from pathlib import Path

import pytest

from wunderkammer.core.errors import ServerDown
from wunderkammer.jobs.vllm import gate as module
from wunderkammer.jobs.vllm.gate import Gate, Sleep

SLEEP = Sleep(stage="asleep", level=1, since=0.0)


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path, "http://here/v1")


async def test_many_pass_at_once_and_shutting_waits_for_all(gate: Gate, tmp_path: Path) -> None:
    other, leave, order = Gate(tmp_path, ""), asyncio.Event(), []

    async def ask(through: Gate, name: str) -> None:
        async with through.passing():
            order.append(f"{name} in")
            await leave.wait()
            order.append(f"{name} out")

    asking = [asyncio.create_task(ask(through, name)) for through, name in ((gate, "a"), (gate, "b"), (other, "c"))]
    while len(order) < len(asking):
        await asyncio.sleep(0.005)
    shutter = Gate(tmp_path, "")
    shutting = asyncio.create_task(shutter.shut())
    while not shutter.ours:
        await asyncio.sleep(0.005)
    late = asyncio.create_task(ask(other, "late"))
    await asyncio.sleep(0.1)
    assert sorted(order) == ["a in", "b in", "c in"]
    assert not shutting.done()
    leave.set()
    await asyncio.gather(*asking, shutting)
    await asyncio.sleep(0.1)
    assert "late in" not in order
    late.cancel()


async def test_it_opens_again(gate: Gate, tmp_path: Path) -> None:
    shutter = Gate(tmp_path, "")
    await shutter.shut()
    assert shutter.ours
    assert not gate.try_shut()
    passing = asyncio.create_task(_through(gate))
    await asyncio.sleep(0.1)
    assert not passing.done()
    shutter.reopen()
    await asyncio.wait_for(passing, 60)
    await asyncio.wait_for(gate.shut(), 60)


async def test_one_who_gives_up_shutting_lets_the_others_on(gate: Gate, tmp_path: Path) -> None:
    async with gate.passing():
        shutter = Gate(tmp_path, "")
        shutting = asyncio.create_task(shutter.shut())
        while not shutter.ours:
            await asyncio.sleep(0.005)
        shutting.cancel()
        await asyncio.gather(shutting, return_exceptions=True)
        await asyncio.wait_for(_through(Gate(tmp_path, "")), 60)


async def test_a_sleeper_whom_nobody_wakes_is_named(gate: Gate, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "ORPHAN_S", 0.1)
    gate.note(SLEEP)
    with pytest.raises(ServerDown, match="http://here/v1 sleeps, and whoever put it to sleep is gone"):
        await _through(gate)
    gate.note(None)
    await asyncio.wait_for(_through(gate), 60)


HOLD = """
import asyncio, sys
from pathlib import Path
from wunderkammer.jobs.vllm.gate import Gate
async def main():
    gate = Gate(Path(sys.argv[1]), "")
    if sys.argv[2] == "shut":
        await gate.shut()
        print("ready", flush=True)
        await asyncio.sleep(600)
    async with gate.passing():
        print("ready", flush=True)
        await asyncio.sleep(600)
asyncio.run(main())
"""


@pytest.mark.parametrize("what", ["shut", "pass"])
async def test_what_the_dead_held_is_free(gate: Gate, tmp_path: Path, what: str) -> None:
    other = await asyncio.create_subprocess_exec(
        sys.executable, "-c", HOLD, str(tmp_path), what, stdout=asyncio.subprocess.PIPE
    )
    assert other.stdout is not None
    await other.stdout.readline()
    waiting = asyncio.create_task(_through(gate) if what == "shut" else gate.shut())
    await asyncio.sleep(0.2)
    assert not waiting.done()
    other.kill()
    await asyncio.wait_for(waiting, 60)
    await other.wait()


async def test_stepping_through_costs_next_to_nothing(gate: Gate) -> None:
    began = time.process_time()
    for _ in range(1000):
        await _through(gate)
    assert time.process_time() - began < 5


async def _through(gate: Gate) -> None:
    async with gate.passing():
        await asyncio.sleep(0)
