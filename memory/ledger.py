"""The ledger: an append-only account of everything that was tried, in any database that SQLAlchemy speaks.

Writes are queued in memory and leave in groups, on one thread of their own; `flush` returns when all that was put
before it is on disk. What a killed process had not flushed it had not promised either: the slot is simply run again,
and its rows carry the same keys.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import Any

from sqlalchemy import Table, select
from sqlalchemy.exc import DBAPIError

from wunderkammer.core.calls import Call
from wunderkammer.core.errors import LedgerError
from wunderkammer.memory import tables
from wunderkammer.memory.database import connect, in_one_line, insert_new, prepare, shown

GROUP_SECONDS = 0.02
"""How long a row may wait for company. Long enough for dozens of calls in one commit, short enough to lose little."""

Row = Mapping[str, Any]


class Ledger:
    """One open ledger; see `joined` and `opened`.

    patience_s: how long another program may keep an SQLite file locked before that is a fault.
    """

    def __init__(self, address: str, patience_s: float = 30) -> None:
        self.place = shown(address)
        self.engine = connect(address, patience_s)
        self._waiting: dict[Table, list[Row]] = {}
        self._writer = ThreadPoolExecutor(1, thread_name_prefix="ledger")
        self._alarm: asyncio.TimerHandle | None = None
        self._fault: Exception | None = None
        self._answered: dict[str, Call] = {}
        self.failed_calls = 0
        """Calls recorded by this process that ended in an error."""
        with self._translated(), self.engine.begin() as link:
            prepare(link, self.place)

    # ---- writing -------------------------------------------------------------------------------------------------

    def put(self, table: Table, row: Row) -> None:
        """Queue a row. A row whose key is already there changes nothing."""
        if self._fault:
            raise self._fault
        self._waiting.setdefault(table, []).append(row)
        if self._alarm is None:
            with contextlib.suppress(RuntimeError):  # no loop runs in plain scripts: they call `flush_now`
                self._alarm = asyncio.get_running_loop().call_later(GROUP_SECONDS, self._ring)

    async def flush(self) -> None:
        """Return when everything put so far is durable; a `LedgerError` says why it cannot be."""
        self._silence()
        batch, self._waiting = self._waiting, {}
        await asyncio.get_running_loop().run_in_executor(self._writer, self._write, batch)
        if self._fault:
            raise self._fault

    def flush_now(self) -> None:
        """`flush` for code without an event loop."""
        self._silence()
        batch, self._waiting = self._waiting, {}
        self._writer.submit(self._write, batch).result()
        if self._fault:
            raise self._fault

    def _ring(self) -> None:
        self._alarm = None
        batch, self._waiting = self._waiting, {}
        self._writer.submit(self._write, batch)

    def _silence(self) -> None:
        if self._alarm:
            self._alarm.cancel()
            self._alarm = None

    def _write(self, batch: Mapping[Table, Sequence[Row]]) -> None:
        if not batch or self._fault:
            return
        try:
            with self._translated(), self.engine.begin() as link:
                for table, rows in batch.items():
                    link.execute(insert_new(self.engine, table), rows)
        except Exception as fault:
            self._fault = fault  # raised by the next put or flush, in the thread that can act on it

    # ---- reading -------------------------------------------------------------------------------------------------

    def rows(self, query: Any, values: Row | None = None) -> list[Any]:
        """All rows of a query. `values` fill its bound parameters: a query that is asked often is best made once."""
        with self._translated(), self.engine.connect() as link:
            return list(link.execute(query, values))

    def stream(self, query: Any, size: int = 1000) -> Iterator[Any]:
        """The rows of a query, a few at a time: memory does not grow with their number."""
        with self._translated(), self.engine.connect() as link:
            yield from link.execution_options(yield_per=size).execute(query)

    # ---- calls (core.calls.Recorder) -----------------------------------------------------------------------------

    def record(self, call: Call) -> None:
        self.failed_calls += call.status == "error"
        self.put(tables.calls, call.__dict__)  # a frozen value: its fields are the columns

    def recall(self, call_id: str) -> Call | None:
        return self._answered.get(call_id)

    async def cached(self, request: str) -> Call | None:
        query = select(tables.calls).where(tables.calls.c.request == request, tables.calls.c.status == "ok").limit(1)
        found = await asyncio.to_thread(self.rows, query)
        return Call(**found[0]._mapping) if found else None

    def remember_calls(self, run: str, from_slot: int) -> int:
        """Make the answered calls of a run's unfinished slots known to `recall`; returns how many."""
        query = select(tables.calls).where(
            tables.calls.c.run == run, tables.calls.c.slot >= from_slot, tables.calls.c.status == "ok"
        )
        self._answered = {row.id: Call(**row._mapping) for row in self.rows(query)}
        return len(self._answered)

    def forget_calls(self, before_slot: int) -> None:
        """Drop what `recall` knows of slots that are behind us."""
        if self._answered:
            self._answered = {i: c for i, c in self._answered.items() if c.slot >= before_slot}

    # ---- life ----------------------------------------------------------------------------------------------------

    async def close(self) -> None:
        try:
            await self.flush()
        finally:
            self._writer.shutdown()
            self.engine.dispose()

    async def __aenter__(self) -> Ledger:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except DBAPIError as fault:
            raise LedgerError(in_one_line(str(fault.orig), self.place)) from fault


@contextlib.contextmanager
def opened(address: str) -> Iterator[Ledger]:
    """A ledger for code without an event loop."""
    ledger = Ledger(address)
    try:
        yield ledger
        ledger.flush_now()
    finally:
        ledger._writer.shutdown()
        ledger.engine.dispose()


@contextlib.asynccontextmanager
async def joined(address: str) -> AsyncIterator[Ledger]:
    """A ledger for code in an event loop; opening it (which may wait for a lock) does not hold the loop up."""
    ledger = await asyncio.to_thread(Ledger, address)
    async with ledger:
        yield ledger


def address_of(home: Path) -> str:
    """The default ledger of a home folder."""
    return f"sqlite:///{home / 'ledger.db'}"
