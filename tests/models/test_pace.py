"""Requests and tokens per minute."""

from __future__ import annotations

import asyncio
import time

from wunderkammer.models.pace import Pace


async def passes(pace: Pace, requests: int, tokens: int = 0) -> float:
    start = time.monotonic()
    for _ in range(requests):
        await pace.wait(tokens)
    return time.monotonic() - start


async def test_requests_are_held_to_their_rate():
    # 1,200 a minute: 120 at once, then one each 50 ms
    assert await passes(Pace(1200, None), 124) >= 0.19


async def test_tokens_are_held_to_their_rate_even_beyond_the_bucket():
    # 60,000 a minute: 6,000 at once, then 1,000 a second
    assert await passes(Pace(None, 60_000), 2, 3_100) >= 0.19
    assert await passes(Pace(None, 60_000), 1, 6_200) >= 0.19


async def test_no_limit_is_no_wait():
    assert Pace(None, None).free
    assert await passes(Pace(None, None), 10_000, 1_000_000) < 1.0


async def test_the_gateway_keeps_to_it(house, server):
    gateway = house.gateway(requests_per_minute=600)  # 60 at once, then one each 100 ms
    start = time.monotonic()
    await asyncio.gather(*(gateway.complete(house.ask(nonce=k)) for k in range(63)))
    assert time.monotonic() - start >= 0.29
    assert len(server.seen) == 63
