"""Answers that last: whole when their parts end, when the server ends, and when a part is a fault."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import anyio
import pytest

from wunderkammer.apps.web.lasting import until


class Source:
    """Gives the parts, then waits for more that never come; notes that it was closed."""

    def __init__(self, *parts: str) -> None:
        self.left, self.closed = list(parts), False

    async def parts(self) -> AsyncIterator[str]:
        try:
            while self.left:
                yield self.left.pop(0)
            await asyncio.Event().wait()
        finally:
            self.closed = True


async def test_gives_all_parts_and_ends_with_the_source():
    async def two() -> AsyncIterator[str]:
        yield "a"
        yield "b"

    assert [part async for part in until(anyio.Event(), two())] == ["a", "b"]


async def test_ends_while_the_source_waits_and_closes_it():
    source, closing, heard = Source("a", "b"), anyio.Event(), []

    async def listen() -> None:
        async for part in until(closing, source.parts()):
            heard.append(part)

    listening = asyncio.create_task(listen())
    while len(heard) < 2:
        await asyncio.sleep(0)
    assert not source.closed
    closing.set()
    await asyncio.wait_for(listening, 60)

    assert heard == ["a", "b"]
    assert source.closed


async def test_takes_nothing_after_the_end():
    source, closing = Source("a", "b"), anyio.Event()
    closing.set()

    assert [part async for part in until(closing, source.parts())] == []
    assert source.left == ["a", "b"]


async def test_a_fault_of_the_source_is_told():
    async def broken() -> AsyncIterator[str]:
        yield "a"
        raise ValueError("no more")

    parts = until(anyio.Event(), broken())

    assert await anext(parts) == "a"
    with pytest.raises(ValueError, match="no more"):
        await anext(parts)


async def test_a_listener_that_goes_closes_the_source():
    source = Source("a")
    parts = until(anyio.Event(), source.parts())

    assert await anext(parts) == "a"
    await parts.aclose()

    assert source.closed
