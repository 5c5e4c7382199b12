"""Keeps the vector memory abreast of a run, off its path: what was evaluated is embedded and stored meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from types import TracebackType
from typing import Any

from wunderkammer.core.contract import Domain, Entry
from wunderkammer.core.errors import WunderError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import choose
from wunderkammer.memory.vectors import Vectors
from wunderkammer.models.gateway import Gateway

log = logging.getLogger(__name__)

BACKLOG = 512
"""Entries that may wait. Beyond it the newest are left out, and `wunder memory rebuild` finds them in the ledger."""


class Recollection:
    """Stores entries in the vector memory while the run goes on; leaving the block waits for the last of them.

    A memory that cannot be opened is the run's fault. One that breaks later is not: it is given up with a warning.
    """

    def __init__(self, settings: Settings, domain: Domain[Any], gateway: Gateway, run: str) -> None:
        self._settings = settings
        self._domain = domain
        self._gateway = gateway
        self._run = run
        self._waiting: asyncio.Queue[Entry[Any] | None] = asyncio.Queue()
        self._work: asyncio.Task[None] | None = None
        self.left_out = 0

    def notice(self, entries: list[Entry[Any]]) -> None:
        """Take entries in; returns at once."""
        broken = self._work is not None and self._work.done()
        for entry in entries:
            if self._waiting.qsize() < BACKLOG and not broken:
                self._waiting.put_nowait(entry)
            else:
                self.left_out += 1

    async def __aenter__(self) -> Recollection:
        embedder = await choose(self._settings, self._gateway.embed)
        self._vectors = await Vectors.open(self._settings, embedder, held=False)
        self._work = asyncio.create_task(self._store(), name="recollection")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._work is not None
        if kind is not None and issubclass(kind, asyncio.CancelledError):
            self._work.cancel()  # the user wants out now; the ledger has everything
        self._waiting.put_nowait(None)
        with contextlib.suppress(asyncio.CancelledError):
            await self._work
        await self._vectors.close()

    async def _store(self) -> None:
        try:
            await self._store_all()
        except WunderError as fault:
            log.warning("%s. The run goes on; `wunder memory rebuild` makes the vector memory whole later.", fault)

    async def _store_all(self) -> None:
        await self._vectors.hold()
        going = True
        while going:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < 64:
                batch.append(self._waiting.get_nowait())
            going = None not in batch
            entries = [entry for entry in batch if entry is not None]
            if entries:
                await self._vectors.remember(
                    [entry.candidate.id for entry in entries],
                    [self._domain.text(entry.candidate.genome) for entry in entries],
                    [{"domain": self._domain.name, "run": self._run, "slot": entry.slot} for entry in entries],
                )
