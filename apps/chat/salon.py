"""Conversations of a process that goes on while its settings change: each answer is given by who played the guide when
it was begun, the next by whoever plays it then."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager

from wunderkammer.apps.chat.session import Parlour
from wunderkammer.apps.chat.threads import Threads
from wunderkammer.core.settings import Settings

Opens = Callable[[Settings], AbstractAsyncContextManager[Parlour]]


class Salon:
    """One parlour at a time that conversations are opened in, and those before it while somebody still speaks there."""

    def __init__(self, opens: Opens, parlour: Parlour, closing: AsyncExitStack) -> None:
        self.threads = Threads(parlour)
        self._opens = opens
        self._stacks = [(parlour, closing)]
        self._changing = asyncio.Lock()

    async def renew(self, settings: Settings) -> None:
        """Take new settings; parlours that nobody speaks in any more are closed."""
        async with self._changing:
            fresh, stack = await _entered(self._opens(settings))
            self.threads.move(fresh)
            kept = [one for one in self._stacks if self.threads.work_in(one[0])]
            left = [one for one in self._stacks if one not in kept]
            self._stacks = [*kept, (fresh, stack)]
            for _, old in left:
                await old.aclose()

    async def close(self) -> None:
        """End every answer in hand, and close all parlours."""
        await self.threads.close()
        for _, stack in self._stacks[::-1]:
            await stack.aclose()


async def _entered(opened: AbstractAsyncContextManager[Parlour]) -> tuple[Parlour, AsyncExitStack]:
    stack = AsyncExitStack()
    return await stack.enter_async_context(opened), stack


@asynccontextmanager
async def salon(opens: Opens, settings: Settings) -> AsyncIterator[Salon]:
    """A salon for the length of the block."""
    found = Salon(opens, *await _entered(opens(settings)))
    try:
        yield found
    finally:
        await found.close()
