"""Every vLLM that a gateway turns out to need, opened when it does and given up at the end."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from wunderkammer.core.serving import Opened, OpenServer
from wunderkammer.core.settings import Settings

if TYPE_CHECKING:
    from wunderkammer.jobs.vllm.server import Vllm


@asynccontextmanager
async def vllm_on_demand(settings: Settings) -> AsyncIterator[OpenServer]:
    """A call that starts or joins a server of the settings by name."""
    holds: dict[str, Vllm] = {}

    async def open_server(name: str) -> Opened:
        from wunderkammer.jobs.vllm.server import Vllm  # most runs need none, and should not wait for its imports

        hold = holds.setdefault(name, Vllm(settings, name))
        return Opened(await hold.open(), hold.passing)

    try:
        yield open_server
    finally:
        await asyncio.gather(*(hold.close() for hold in holds.values()))
