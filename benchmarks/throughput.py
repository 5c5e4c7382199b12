"""The whole search beside the bare AsyncOpenAI client, against one rehearsal server in a process of its own.

    python benchmarks/throughput.py                          # 50 ms: calls a second and CPU per call, taking turns
    python benchmarks/throughput.py --latency 0.5 --lag 0 1 2 4   # utilisation of the limit, by steps in flight

Everything is included: gateway, graph, checkpoints, ledger, archive, and the vector memory with the hashed embedder.
The run `no vectors` leaves that out (no setting does; the benchmark puts a deaf listener in its place). CPU is user and
system time of this process, start and end of each run included. Two bare clients are measured: `bare` asks one short
line each time; `bare, same words` sends the very requests that a search sends, with their few-shot examples, schemas
and log-probabilities.

Utilisation is the time-weighted mean of requests in flight as the server saw them, over the limit, from the moment when
the first `lag` + 2 steps were remembered to the moment when all but the last `lag` + 2 were.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Any
from unittest.mock import patch

from bare_client import bare, measure, reset, stats
from langgraph.runtime import RunControl
from rich.console import Console
from rich.table import Table

from wunderkammer.apps import expedition
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.studies.planted import play
from wunderkammer.core.contract import Entry
from wunderkammer.core.events import Event, Remembered
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import Settings, load
from wunderkammer.memory.accounts import spending
from wunderkammer.memory.ledger import opened
from wunderkammer.models.rehearsal import Planted, rehearsal_process
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

PLANTED = 20
IN_FLIGHT = 64

Row = dict[str, Any]


def settings_for(url: str, home: Path) -> Settings:
    """Every role at the rehearsal server, `IN_FLIGHT` requests at most."""
    settings = load(home=home, embedder="hashed")
    for role in ("mutator", "target", "judge", "classifier"):
        settings = settings.with_role(role, f"{url}#planted-{role}")
    settings = settings.with_role("scientist", f"{url}#planted-judge")
    servers = {name: server.model_copy(update={"concurrency": IN_FLIGHT}) for name, server in settings.servers.items()}
    return settings.model_copy(update={"servers": servers})


async def search(url: str, plan: SearchPlan) -> Row:
    """One run from nothing to its end: what it took, and how busy the server was in its middle."""
    edge, seen = plan.lag + 2, {}

    def tell(event: Event) -> None:
        if isinstance(event, Remembered) and event.step == edge:
            reset(url)
        if isinstance(event, Remembered) and event.step == plan.steps - edge - 1:
            seen.update(stats(url))

    with tempfile.TemporaryDirectory() as folder:
        settings = settings_for(url, Path(folder))
        trip = Expedition(new_run(plan, settings), settings, tell, RunControl())
        wall, cpu = time.perf_counter(), time.process_time()
        ended = await trip.conduct()
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
        assert ended.status == "finished", ended
        with opened(ledger_address(settings)) as ledger:
            calls = sum(role.attempts for role in spending(ledger, trip.run.id))
    row = _row("search", calls, wall, cpu, seen["mean_in_flight"] if seen else 0.0)
    return row | {"slots/s": round(plan.steps * plan.batch / wall, 2)}


def _row(client: str, calls: int, wall: float, cpu: float, in_flight: float) -> Row:
    return {
        "client": client,
        "calls": calls,
        "calls/s": round(calls / wall, 1),
        "CPU ms/call": round(1000 * cpu / calls, 3),
        "utilisation": round(in_flight / IN_FLIGHT, 3),
    }


class Deaf:
    """A vector memory that is not there."""

    def __init__(self, *_: object) -> None: ...

    def notice(self, entries: list[Entry[Any]]) -> None: ...

    async def __aenter__(self) -> Deaf:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def without_vectors(url: str, plan: SearchPlan) -> Row:
    """The search without its vector memory."""
    with patch.object(expedition, "Recollection", Deaf):
        return asyncio.run(search(url, plan)) | {"client": "search, no vectors"}


def bare_row(url: str, calls: int, median_s: float) -> Row:
    """The bare client with short questions."""
    seen = asyncio.run(measure(url, "aiohttp", calls, IN_FLIGHT, median_s))
    return {"client": "bare", "calls": seen.calls, "calls/s": seen.calls_per_second,
            "CPU ms/call": seen.cpu_ms_per_call, "utilisation": seen.utilisation}  # fmt: skip


async def replay(url: str, bodies: Sequence[dict[str, Any]]) -> Row:
    """The bare client with the requests of a search."""
    waiting = iter(bodies)

    async with bare(url, "aiohttp") as client:

        async def work() -> None:
            for body in waiting:
                await client.chat.completions.create(**body)

        reset(url)
        wall, cpu = time.perf_counter(), time.process_time()
        await asyncio.gather(*(work() for _ in range(IN_FLIGHT)))
        wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    return _row("bare, same words", len(bodies), wall, cpu, stats(url)["mean_in_flight"])


def requests_of(plan: SearchPlan, count: int) -> list[dict[str, Any]]:
    """The first requests that a search of this plan makes."""
    bodies: list[dict[str, Any]] = []
    planted = Planted.scattered(DOMAIN_AXES, PLANTED, plan.seed)
    with tempfile.TemporaryDirectory() as home:
        asyncio.run(play(plan, planted, Path(home), [count], heard=bodies.append))
    return bodies[:count]


@contextmanager
def server(latency: float) -> Iterator[str]:
    with rehearsal_process("--planted", str(PLANTED), "--latency", str(latency), "--sigma", "0.5") as url:
        yield url


def compare(plan: SearchPlan, latency: float, calls: int, rounds: int) -> list[Row]:
    """All four, taking turns, after one short search that brings everything into memory."""
    bodies = requests_of(plan, calls)
    rows: list[Row] = []
    with server(latency) as url:
        asyncio.run(search(url, plan.model_copy(update={"steps": 1})))
        turns: list[Callable[[], Row]] = [
            lambda: bare_row(url, calls, latency),
            lambda: asyncio.run(search(url, plan)),
            lambda: asyncio.run(replay(url, bodies)),
            lambda: without_vectors(url, plan),
        ]
        for number in range(rounds):
            rows += [_told({"round": number, **turn()}) for turn in turns]
    return rows


def utilisation(plan: SearchPlan, latency: float, lags: Sequence[int], rounds: int) -> list[Row]:
    """The search by steps in flight, taking turns."""
    with server(latency) as url:
        asyncio.run(search(url, plan.model_copy(update={"steps": 1})))
        plans = [plan.model_copy(update={"lag": lag}) for lag in lags]
        return [
            _told({"round": number, "lag": p.lag, **asyncio.run(search(url, p))})
            for number in range(rounds)
            for p in plans
        ]


def _told(row: Row) -> Row:
    """The row, shown as it comes in: all of them take minutes."""
    print(json.dumps(row), file=sys.stderr, flush=True)
    return row


def ratios(rows: Sequence[Row]) -> Table:
    """Medians, and medians of each round's ratio to the two bare clients."""
    clients = list(dict.fromkeys(row["client"] for row in rows))
    by = {(row["round"], row["client"]): row for row in rows}
    numbers = sorted({row["round"] for row in rows})
    table = Table("client", "calls", "calls/s", "CPU ms/call", "rate ÷ bare", "CPU ÷ bare", "CPU ÷ same words")
    for client in clients:
        mine = [by[number, client] for number in numbers]

        def ratio(field: str, other: str, mine: Sequence[Row] = mine) -> str:
            return f"{median(row[field] / by[row['round'], other][field] for row in mine):.2f}"

        table.add_row(
            client,
            f"{median(row['calls'] for row in mine):.0f}",
            f"{median(row['calls/s'] for row in mine):.0f}",
            f"{median(row['CPU ms/call'] for row in mine):.2f}",
            ratio("calls/s", "bare"),
            ratio("CPU ms/call", "bare"),
            ratio("CPU ms/call", "bare, same words"),
        )
    return table


def by_lag(rows: Sequence[Row]) -> Table:
    """Medians by steps in flight."""
    table = Table("lag", "utilisation", "calls/s", "CPU ms/call", "rounds")
    for lag in dict.fromkeys(row["lag"] for row in rows):
        mine = [row for row in rows if row["lag"] == lag]
        fields = ("utilisation", "calls/s", "CPU ms/call")
        table.add_row(str(lag), *(f"{median(row[f] for row in mine):.3g}" for f in fields), str(len(mine)))
    return table


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--latency", type=float, default=0.05, help="median seconds, log-normal, σ 0.5")
    parser.add_argument("--lag", type=int, nargs="*", help="measure utilisation for these instead")
    parser.add_argument("--steps", type=int, default=24)
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--calls", type=int, default=2_000, help="of the bare clients")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    plan = SearchPlan(domain="rainbow-safety", steps=options.steps, batch=options.batch, lag=4)
    if options.lag:
        rows = utilisation(plan, options.latency, options.lag, options.rounds)
        table = by_lag(rows)
    else:
        rows = compare(plan, options.latency, options.calls, options.rounds)
        table = ratios(rows)
    Console(width=120).print(table)


if __name__ == "__main__":
    main()
