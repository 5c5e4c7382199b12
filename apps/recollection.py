"""Keeps the vector memory abreast of a run, off its path: what was evaluated is measured and stored meanwhile."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from types import TracebackType
from typing import Any

from wunderkammer.core.contract import Domain, Entry
from wunderkammer.core.errors import WunderError
from wunderkammer.core.settings import Settings
from wunderkammer.memory import runs, slots
from wunderkammer.memory.embedders import choose
from wunderkammer.memory.kin import Kin
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.novelty import evaluated, keep_novelty, novelty_as
from wunderkammer.memory.runs import Run
from wunderkammer.memory.vectors import Vectors
from wunderkammer.models.gateway import Gateway

log = logging.getLogger(__name__)

BACKLOG = 512
"""Entries that may wait. Beyond it the newest are left out, and found in the ledger when the run is resumed, or by
`wunder memory rebuild`."""
BATCH = 64


class Recollection:
    """Measures entries and stores them in the vector memory while the run goes on; leaving the block waits for the
    last of them. What a killed process had not stored yet is caught up with first.

    A memory that cannot be opened is the run's fault. One that breaks later is not: it is given up with a warning.
    """

    def __init__(self, settings: Settings, domain: Domain[Any], gateway: Gateway, run: Run, ledger: Ledger) -> None:
        self._settings = settings
        self._domain = domain
        self._gateway = gateway
        self._run = run
        self._ledger = ledger
        self._waiting: asyncio.Queue[Entry[Any] | None] = asyncio.Queue()
        self._held = asyncio.Event()
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

    async def kin(self, due: int) -> Kin | None:
        """What decisions by novelty compare with, of a run that has `due` steps behind it; None where its plan makes
        none. Waits until the stored vectors are in memory, so that nothing is embedded twice."""
        plan = self._run.plan
        if not plan.considers_novelty:
            return None
        assert self._work is not None
        holding = asyncio.create_task(self._held.wait())
        await asyncio.wait({holding, self._work}, return_when=asyncio.FIRST_COMPLETED)
        holding.cancel()
        kin = Kin(plan, self._vectors.embedder, known=self._vectors.vector)
        end = due * plan.batch
        told = await asyncio.to_thread(lambda: list(slots.entries(self._ledger, self._run, self._domain.genome)))
        await kin.add([(e, self._domain.text(e.candidate.genome)) for e in told if e.slot < end])
        return kin

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
        try:
            await self._vectors.close()
        except WunderError as broken:
            log.warning("%s. `wunder memory rebuild` makes the vector memory whole.", broken)

    async def _store(self) -> None:
        try:
            await self._vectors.hold()
            self._held.set()
            await self._catch_up()
            await self._store_all()
        except WunderError as fault:
            log.warning("%s. The run goes on; `wunder memory rebuild` makes the vector memory whole later.", fault)

    async def _store_all(self) -> None:
        going = True
        while going:
            batch = [await self._waiting.get()]
            while not self._waiting.empty() and len(batch) < BATCH:
                batch.append(self._waiting.get_nowait())
            going = None not in batch
            made = [(e.slot, e.candidate.id, self._domain.text(e.candidate.genome)) for e in batch if e is not None]
            if made:
                await self._store_batch(made)

    async def _store_batch(self, made: Sequence[tuple[int, str, str]]) -> None:
        """Embed, measure against all that is there, write the figures down, store: in this order, so that a figure
        never counts its own candidate, and twice is once.

        made: slot, candidate and text.
        """
        numbers, ids, texts = (list(part) for part in zip(*made, strict=True))
        name, embedder = self._domain.name, self._vectors.embedder
        vectors = await asyncio.to_thread(embedder.embed, texts)
        found = await asyncio.to_thread(self._vectors.measure, ids, vectors, [name] * len(ids))
        rows = zip(numbers, ids, found, strict=True)
        keep_novelty(self._ledger, [novelty_as(self._run.id, slot, one, embedder.name, f) for slot, one, f in rows])
        await self._vectors.add(ids, vectors, [{"domain": name, "run": self._run.id, "slot": slot} for slot in numbers])

    async def _catch_up(self) -> None:
        """Measure and store what this run had evaluated and remembered before, and had not stored."""
        end = runs.steps_done(self._ledger, self._run) * self._run.plan.batch
        query = evaluated(self._ledger, self._vectors.embedder.name, self._run.id, end)
        known = await asyncio.to_thread(list, query)
        lost = set(self._vectors.missing(one.candidate for one in known))
        owed = [(o.slot, o.candidate, o.text) for o in known if not o.measured or o.candidate in lost]
        for start in range(0, len(owed), BATCH):
            await self._store_batch(owed[start : start + BATCH])
