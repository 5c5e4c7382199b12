"""The live stream: what runs write into the ledger, read once for all who listen.

Runs are other processes, so their events are read from the ledger: by one poller, and only while somebody listens. What
a tick brings is put into words once and handed to everybody in one piece: 200 listeners cost 200 writes a tick, however
many events it had.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from time import monotonic
from typing import Any

from sqlalchemy import func, or_, select

from wunderkammer.apps.web.filling import Filling
from wunderkammer.apps.web.listener import Listener, Over, message
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.tables import events, runs

FASTEST, SLOWEST = 0.2, 1.0
"""Seconds between two looks: while things happen, and while nothing does."""
MOST_AT_ONCE = 2_000
"""Events of one look."""
MOST_BEFORE = 300
"""Events that are told again to one who comes back; who missed more is told of a gap."""
LATE_S = 5.0
"""How long a number that was skipped is waited for: PostgreSQL numbers rows before they are committed."""
FIGURES = ("remembered", "spent", "ended", "chosen", "acted", "concluded", "resumed")
"""Kinds of events that say how far a run has come."""
log = logging.getLogger(__name__)


class Hub:
    """Tails the ledger's events for all listeners together."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self._listeners: set[Listener] = set()
        self._poller: asyncio.Task[None] | None = None
        self._last = 0
        self._late: dict[int, float] = {}
        self._fillings: dict[str, Filling | None] = {}
        self.gaps = 0
        """Gaps that were told of since the start."""

    def __len__(self) -> int:
        return len(self._listeners)

    @asynccontextmanager
    async def listening(self, run: str | None, after: int | None = None) -> AsyncIterator[Listener]:
        """Listen to a run, or to how all runs come on. after: the last event that is known; None: the latest few too.

        What a run told before comes first, then what it tells from now on, nothing twice.
        """
        if not self._listeners:
            self._last = await asyncio.to_thread(self._newest)
        listener = Listener(run)
        upto = self._last
        self._listeners.add(listener)
        if self._poller is None:
            self._poller = asyncio.create_task(self._poll(), name="events of the ledger")
            self._poller.add_done_callback(_told_why)
        try:
            if run is not None:
                await self._tell_before(listener, run, after, upto)
            yield listener
        finally:
            self._listeners.discard(listener)
            self.gaps += listener.gaps
            if run is not None and all(other.run != run for other in self._listeners):
                self._fillings.pop(run, None)
            if not self._listeners and self._poller:
                self._poller.cancel()
                self._poller = None

    def close(self) -> None:
        """Let everybody take what waits, and no more."""
        for listener in self._listeners:
            listener.end()

    async def messages(self, run: str | None, after: int | None = None) -> AsyncIterator[bytes]:
        """The same as server-sent events."""
        async with self.listening(run, after) as listener:
            try:
                while True:
                    yield await listener.take()
            except Over:
                return

    # ---- what was told before ------------------------------------------------------------------------------------

    async def _tell_before(self, listener: Listener, run: str, after: int | None, upto: int) -> None:
        rows = await asyncio.to_thread(self._before, run, after or 0, upto)
        if after is not None and len(rows) > MOST_BEFORE:
            listener.give(message("gap", {"after": upto}, upto), upto)
        else:
            listener.give(_in_words(rows[-MOST_BEFORE:]) or b": nothing yet\n\n", upto)

    def _before(self, run: str, after: int, upto: int) -> list[Any]:
        if run not in self._fillings:
            self._fillings[run] = self._filling(run)
        query = select(events).where(events.c.run == run, events.c.seq > after, events.c.seq <= upto)
        return self.ledger.rows(query.order_by(events.c.seq.desc()).limit(MOST_BEFORE + 1))[::-1]

    def _filling(self, run: str) -> Filling | None:
        """None of what is no search, or of a domain that is not installed."""
        if not self.ledger.rows(select(runs.c.id).where(runs.c.id == run)):
            return None
        try:
            return Filling.of(self.ledger, find_run(self.ledger, run))
        except ConfigError:
            return None

    def _newest(self) -> int:
        return int(self.ledger.rows(select(func.max(events.c.seq)))[0][0] or 0)

    # ---- what is told now ----------------------------------------------------------------------------------------

    async def _poll(self) -> None:
        pause = FASTEST
        try:
            while True:
                await asyncio.sleep(pause)
                try:
                    rows, explored = await asyncio.to_thread(self._fresh)
                except WunderError as fault:  # a database that is away may come back
                    log.warning("the live stream waits: %s", fault)
                    pause = SLOWEST
                    continue
                self._hand_out(rows, explored)
                pause = FASTEST if rows else min(SLOWEST, pause * 1.5)
        finally:
            self.close()

    def _fresh(self) -> tuple[list[Any], dict[str, bytes]]:
        """Events that are new, and for runs that are watched what their new steps were made of."""
        wanted = events.c.seq > self._last
        if self._late:
            wanted = or_(wanted, events.c.seq.in_(sorted(self._late)))
        rows = self.ledger.rows(select(events).where(wanted).order_by(events.c.seq).limit(MOST_AT_ONCE))
        self._note_late([row.seq for row in rows])
        explored: dict[str, bytes] = {}
        for row in rows:
            filling = self._fillings.get(row.run)
            if filling is not None and row.kind == "remembered":
                told = ({"at": row.at, **event.model_dump(mode="json")} for event in filling.step(row.body["step"]))
                explored[row.run] = explored.get(row.run, b"") + b"".join(message("told", one) for one in told)
        return rows, explored

    def _note_late(self, numbers: Sequence[int]) -> None:
        if self.ledger.engine.dialect.name == "postgresql":
            now, fresh = monotonic(), [n for n in numbers if n > self._last]
            known = set(fresh)
            skipped = (n for n in range(self._last + 1, fresh[-1]) if n not in known) if fresh else ()
            waited = {n: since for n, since in self._late.items() if now - since < LATE_S}
            self._late = {n: since for n, since in {**waited, **dict.fromkeys(skipped, now)}.items() if n not in known}
            for n in numbers:
                self._late.pop(n, None)
        self._last = max([self._last, *numbers])

    def _hand_out(self, rows: Sequence[Any], explored: Mapping[str, bytes]) -> None:
        if not rows:
            return
        by_run: dict[str, list[Any]] = {}
        for row in rows:
            by_run.setdefault(row.run, []).append(row)
        parts = {run: explored.get(run, b"") + _in_words(told) for run, told in by_run.items()}
        onward = b"".join(message("progress", _progress(run, told), self._last) for run, told in by_run.items())
        for listener in self._listeners:
            part = onward if listener.run is None else parts.get(listener.run)
            if part:
                listener.give(part, self._last)


def _in_words(rows: Iterable[Any]) -> bytes:
    """Events of one run as they leave, each with its number."""
    return b"".join(
        message("told", {"at": row.at, **row.body, "kind": row.kind}, row.seq) for row in rows if row.kind != "ticked"
    )


def _progress(run: str, told: Sequence[Any]) -> dict[str, Any]:
    """The latest word of each kind that says how far a run has come."""
    return {"run": run, "at": told[-1].at, **{row.kind: row.body for row in told if row.kind in FIGURES}}


def _told_why(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and task.exception():
        log.error("the live stream has ended", exc_info=task.exception())
