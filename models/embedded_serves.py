"""The embedded server as one that serves adapters: a process for each, since llama.cpp takes them at its start."""

from __future__ import annotations

import asyncio
import logging

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.serving import Adapter
from wunderkammer.core.settings import EMBEDDED, Settings
from wunderkammer.models.embedded import Embedded, with_adapter

log = logging.getLogger(__name__)


class EmbeddedServes:
    """`Serves` without a GPU. Half a gigabyte for each adapter of SmolLM2-135M; their servers share the file's pages.

    Who asks for an adapter by its address starts its server anyhow (`wunderkammer.models.seats`). Loading it here
    before proves that llama.cpp takes it, and keeps its server between one user and the next.
    """

    def __init__(self, settings: Settings, *, base: str | None = None, linger: float = 10.0) -> None:
        """base: hash of the embedded model's weights; an adapter of another is refused. None: llama.cpp alone judges,
        by names and shapes of the tensors."""
        self._settings = settings
        self._base = base
        self._linger = linger
        self._bare: Embedded | None = None
        self._held: dict[str, tuple[Adapter, Embedded]] = {}
        self._turn = asyncio.Lock()

    async def open(self) -> str:
        """The address of the bare model. Servers that died since they were opened come back by themselves."""
        if self._bare is None:
            self._bare = Embedded(self._settings, linger=self._linger)
        return await self._bare.open()

    async def load(self, adapter: Adapter) -> str:
        """Serve a registered adapter: `embedded#NAME@HASH8`."""
        if self._base is not None and adapter.base != self._base:
            raise ConfigError(
                f"adapter {adapter.label} belongs to base {adapter.base[:12]}, the embedded model is {self._base[:12]}"
            )
        async with self._turn:
            known = self._held.get(adapter.name)
            if known is None or known[0].hash != adapter.hash:
                hold = with_adapter(self._settings, adapter, linger=self._linger)
                try:
                    await hold.open()
                except BaseException:  # being cancelled too: the seat must not stay taken
                    await hold.close()
                    raise
                self._held[adapter.name] = adapter, hold
                if known is not None:
                    await known[1].close()
        return f"{EMBEDDED}#{adapter.label}"

    async def unload(self, name: str) -> None:
        """Give up an adapter's server; it ends when nobody else holds it."""
        async with self._turn:
            if (known := self._held.pop(name, None)) is not None:
                await known[1].close()

    async def loaded(self) -> tuple[str, ...]:
        return tuple(sorted(self._held))

    async def sleep(self) -> None:
        """Nothing to free: it takes no GPU, and stays awake."""
        log.info("the embedded server holds no GPU and stays awake")

    async def wake(self) -> None:
        """It never slept."""

    async def close(self) -> None:
        async with self._turn:
            holds = [hold for _, hold in self._held.values()]
            if self._bare is not None:
                holds.append(self._bare)
            self._held, self._bare = {}, None
            await asyncio.gather(*(hold.close() for hold in holds))
