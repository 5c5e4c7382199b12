"""What every stage of a hardening works with outside its searches: calls within its limits, and a way to let go."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from langgraph.runtime import RunControl

from wunderkammer.apps.hardening.happenings import Counted, Tell
from wunderkammer.apps.hardening.purse import Purse
from wunderkammer.apps.rehearing import gateway_of
from wunderkammer.apps.venturing import Resting
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.gateway import Gateway

POLL_S = 0.2


@dataclass(frozen=True)
class Means:
    """Of one hardening. limits: of the whole of it, over all its processes."""

    hardening: str
    ledger: Ledger
    limits: BudgetSettings
    control: RunControl
    tell: Tell

    @cached_property
    def purse(self) -> Purse:
        return Purse(self.ledger, self.hardening, self.limits)

    async def recall(self, hearing: str) -> None:
        """Make known what was answered under this name before."""
        await self.ledger.flush()
        self.ledger.remember_calls(hearing, -1)

    def gateway(self, settings: Settings) -> AbstractAsyncContextManager[Gateway]:
        """A gateway within what the hardening's limits leave."""
        return gateway_of(settings, self.ledger, self.purse.budget())

    async def wait(self, work: Awaitable[Any]) -> Any:
        """The result of work; `Resting` where the hardening is asked to rest meanwhile."""
        task = asyncio.ensure_future(work)
        try:
            while not task.done():
                if self.control.drain_requested:
                    raise Resting
                await asyncio.wait([task], timeout=POLL_S)
            return task.result()
        finally:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)

    def ticks(self, what: str, of: int) -> Callable[[], None]:
        """To be called at each of so many answers: whoever watches is told."""
        done = 0

        def tick() -> None:
            nonlocal done
            done += 1
            self.tell(Counted(what, done, of))

        return tick
