"""The circuit: it opens after failures in a row, one caller probes, the others wait for its verdict."""

from __future__ import annotations

import asyncio
import socket

import pytest

from wunderkammer.core.errors import ServerDown, ServerFault
from wunderkammer.models.breaker import Breaker
from wunderkammer.models.patience import CircuitOpen, Patience

FAULT = ServerFault("http://here: 500")


class Cooling:
    """A sleep that lasts until it is let go."""

    def __init__(self) -> None:
        self.naps: list[float] = []
        self.go = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        await self.go.wait()


@pytest.fixture
def cooling() -> Cooling:
    return Cooling()


@pytest.fixture
def breaker(cooling: Cooling) -> Breaker:
    return Breaker(Patience(break_after=3, sleep=cooling.sleep), clock=lambda: 0.0)


def trip(breaker: Breaker) -> None:
    for _ in range(3):
        breaker.failure(FAULT, probe=False)


async def waiters(breaker: Breaker, number: int) -> list[asyncio.Task[bool]]:
    tasks = [asyncio.create_task(breaker.admit()) for _ in range(number)]
    await asyncio.sleep(0)
    return tasks


async def first_of(tasks: list[asyncio.Task[bool]]) -> tuple[set[asyncio.Task[bool]], set[asyncio.Task[bool]]]:
    """Who is through first, and who still waits once everybody had turns enough."""
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for _ in range(20):
        await asyncio.sleep(0)
    return {task for task in tasks if task.done()}, {task for task in tasks if not task.done()}


async def test_success_in_between_keeps_it_closed(breaker):
    for _ in range(5):
        breaker.failure(FAULT, probe=False)
        breaker.failure(FAULT, probe=False)
        breaker.success()
    assert breaker.closed
    assert await breaker.admit() is False


async def test_one_probe_and_its_success_lets_all_pass(breaker, cooling):
    trip(breaker)
    tasks = await waiters(breaker, 5)
    cooling.go.set()
    done, waiting = await first_of(tasks)
    assert [task.result() for task in done] == [True]
    breaker.success()
    assert await asyncio.gather(*waiting) == [False] * 4
    assert cooling.naps == [1.0]


async def test_a_failed_probe_costs_each_one_try_and_cools_longer(breaker, cooling):
    trip(breaker)
    probe, *others = await waiters(breaker, 4)
    cooling.go.set()
    assert await probe
    breaker.failure(FAULT, probe=True)
    assert all(isinstance(end, CircuitOpen) for end in await asyncio.gather(*others, return_exceptions=True))
    assert not breaker.closed
    assert await breaker.admit() is True
    assert cooling.naps == [1.0, 2.0]


async def test_a_cancelled_probe_hands_over(breaker, cooling):
    trip(breaker)
    first, second, third = await waiters(breaker, 3)
    first.cancel()
    await asyncio.sleep(0)
    cooling.go.set()
    done, _ = await first_of([second, third])
    assert [task.result() for task in done] == [True]
    breaker.abandon()  # it too is cancelled, now while it sends
    async with asyncio.timeout(60):
        assert await third is True


async def test_an_older_request_that_answers_closes_it(breaker, cooling):
    trip(breaker)
    tasks = await waiters(breaker, 2)
    breaker.success()
    cooling.go.set()
    assert await asyncio.gather(*tasks) == [False, False]


async def test_callers_wait_out_an_outage_instead_of_failing_together(house, server, naps):
    down = True

    async def answer(request):
        return await (server.fail(500) if down else server.say("back"))(request)

    async def sleep(seconds):
        nonlocal down
        naps.taken.append(seconds)
        if seconds >= 1.9:  # the second cool-down is over: by then it is mended
            down = False
        await asyncio.sleep(0.001)

    server.always = answer
    gateway = house.gateway(concurrency=8, patience=Patience(break_after=8, sleep=sleep))
    replies = await asyncio.gather(*(gateway.complete(house.ask(nonce=k)) for k in range(40)))
    assert {reply.texts for reply in replies} == {("back",)}
    # without the circuit each of the forty would have tried the broken server
    assert sum(1 for call in house.calls for _ in range(call.attempts - 1)) < 40


async def test_a_dead_server_is_probed_and_not_stormed(house):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    gateway = house.gateway(url=url, concurrency=64)
    ends = await asyncio.gather(*(gateway.complete(house.ask(nonce=k)) for k in range(200)), return_exceptions=True)
    assert {type(end) for end in ends} <= {ServerDown, CircuitOpen}
    assert len(ends) == 200
    assert sum(call.attempts for call in house.calls) < 300  # 1,200 without the circuit
