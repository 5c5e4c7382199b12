"""What a step costs in checkpoints, early and late in a long run, and whether the run's memory grows.

    python benchmarks/checkpoints.py             # 5,000 steps of 8 slots, without models and without vector memory
    python benchmarks/checkpoints.py --vectors   # with it: exact novelty keeps a vector of every candidate in memory

The search graph over the garden of the tests, with the ledger and the checkpoints of a real run (SQLite, WAL). Each
line is the mean over the 50 steps that end there. Bytes are those of checkpoints and pending writes; `saving` is the
time that the graph waited for them, `step` that of the whole step. Memory is the resident set of this process.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import os
import sqlite3
import sys
import tempfile
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests"))
from stage.garden import Garden, Mute, Weather
from wunderkammer.apps.checkpoints import FILE_NAME, checkpoints
from wunderkammer.apps.recollection import Recollection
from wunderkammer.core.events import Event, Remembered, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import load
from wunderkammer.graphs import search
from wunderkammer.graphs.bench import lay
from wunderkammer.memory import runs
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import address_of, joined

WINDOW = 50
NOTHING = Spent(calls=0, prompt_tokens=0, completion_tokens=0, cost=0, errors=0, in_flight=0)


class Unasked:
    """A gateway whose embedder nobody calls: hashed vectors are made here."""

    embed = None


@dataclass
class Gauge:
    """Reads clock, CPU, database and memory where a window begins and where it ends."""

    home: Path
    marks: tuple[int, ...]
    rows: list[dict[str, float]] = field(default_factory=list)
    saving: float = 0.0
    """Seconds spent in the saver so far."""
    _began: tuple[float, ...] = ()

    def tell(self, event: Event) -> None:
        if not isinstance(event, Remembered):
            return
        done = event.step + 1
        if done + WINDOW in self.marks:
            self._began = self._read()
        if done in self.marks:
            then, now = self._began, self._read()
            wall, cpu, saving, size = ((b - a) / WINDOW for a, b in zip(then, now, strict=True))
            self.rows.append(
                {
                    "step": done,
                    "bytes/step": round(size),
                    "saving ms": round(1000 * saving, 2),
                    "step ms": round(1000 * wall, 2),
                    "step CPU ms": round(1000 * cpu, 2),
                    "RSS MB": round(resident() / 1e6, 1),
                }
            )

    def timed(self, save: Callable[..., Awaitable[Any]]) -> Callable[..., Awaitable[Any]]:
        """The same, with its time counted."""

        async def saving(*given: Any, **named: Any) -> Any:
            began = time.perf_counter()
            try:
                return await save(*given, **named)
            finally:
                self.saving += time.perf_counter() - began

        return saving

    def _read(self) -> tuple[float, ...]:
        with closing(sqlite3.connect(self.home / FILE_NAME)) as link:
            sizes = link.execute(
                "SELECT (SELECT sum(length(checkpoint) + length(metadata)) FROM checkpoints)"
                " + (SELECT coalesce(sum(length(value)), 0) FROM writes)"
            )
            (size,) = sizes.fetchone()
        return time.perf_counter(), time.process_time(), self.saving, size


def resident() -> int:
    """Bytes of this process in memory, garbage collected first."""
    gc.collect()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


async def run(home: Path, steps: int, batch: int, marks: tuple[int, ...], *, vectors: bool) -> list[dict[str, float]]:
    """One long run; a row per mark."""
    settings = load(home=home, embedder="hashed")
    plan = SearchPlan(domain="garden", steps=steps, batch=batch, lag=2)
    row = runs.Run("long", plan.domain, plan, {}, None, 0, time.time())
    garden = Garden(Weather(evaluated=deque(maxlen=1)))  # else the garden itself would remember
    gauge = Gauge(home, marks)
    async with AsyncExitStack() as stack:
        ledger = await stack.enter_async_context(joined(address_of(home)))
        saver = await stack.enter_async_context(checkpoints(settings))
        for name in ("aput", "aput_writes"):
            setattr(saver, name, gauge.timed(getattr(saver, name)))
        runs.begin(ledger, row)
        await ledger.flush()
        notice: Any = lambda entries: None  # noqa: E731
        if vectors:
            memory = await stack.enter_async_context(Recollection(settings, garden, Unasked(), row, ledger))
            notice = memory.notice
        bench = lay(
            row,
            garden,
            ledger,
            Mute(),
            Artifacts(home / "artifacts"),
            due=0,
            spent=lambda: NOTHING,
            tell=gauge.tell,
            notice=notice,
        )
        config = {"configurable": {"thread_id": row.id}, "recursion_limit": 5 * steps + 100}
        await search.build(saver).ainvoke(search.from_step(0), config, context=bench, durability="sync")
    return gauge.rows


@contextmanager
def folder() -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as name:
        yield Path(name)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--marks", type=int, nargs="*", default=[100, 1_000, 2_000, 3_000, 4_000, 5_000])
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--vectors", action="store_true")
    options = parser.parse_args()
    marks = tuple(sorted(options.marks))
    with folder() as home:
        rows = asyncio.run(run(home, marks[-1], options.batch, marks, vectors=options.vectors))
    table = Table(*rows[0])
    for row in rows:
        table.add_row(*(f"{value:,}" for value in row.values()))
    Console().print(table)
    print(json.dumps(rows))


if __name__ == "__main__":
    main()
