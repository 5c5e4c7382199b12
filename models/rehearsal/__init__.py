"""A server that plays a language model: deterministic replies, chosen latency and faults, planted weaknesses.

For tests, for benchmarks, and for rehearsing a run before it costs anything:

    async with rehearsal(Script(latency=0.05, faults={"429": 0.05})) as server:
        client = AsyncOpenAI(base_url=server.url, api_key="none")

or, as a program of its own, `python -m wunderkammer.models.rehearsal --latency 0.05 --faults 429=0.05`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

from wunderkammer.core.errors import ConfigError
from wunderkammer.models.rehearsal.ask import Ask, Player, Said
from wunderkammer.models.rehearsal.planted import Planted
from wunderkammer.models.rehearsal.process import rehearsal_process
from wunderkammer.models.rehearsal.script import Ability, Fault, Script

if TYPE_CHECKING:
    from wunderkammer.models.rehearsal.server import Server

__all__ = ["Ability", "Ask", "Fault", "Planted", "Player", "Said", "Script", "rehearsal", "rehearsal_process"]


@asynccontextmanager
async def rehearsal(
    script: Script | None = None, *, host: str = "127.0.0.1", port: int = 0, keep: int = 10_000
) -> AsyncIterator[Server]:
    """Play a script for the length of the block; `keep` requests are remembered in `server.requests`."""
    try:
        from wunderkammer.models.rehearsal.server import Server
    except ModuleNotFoundError as fault:
        if fault.name != "aiohttp":
            raise
        raise ConfigError("the rehearsal server needs aiohttp: pip install aiohttp") from None
    server = Server(script or Script(), keep)
    await server.start(host, port)
    try:
        yield server
    finally:
        await server.stop()
