"""The ceiling: what AsyncOpenAI alone reaches against a server that is never the bottleneck.

Run `python benchmarks/bare_client.py`. The rehearsal server is a process of its own; CPU is that of this process. The
figures of everything else (gateway, graph, ledger) are told as ratios to these, measured in the same run.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
import urllib.request
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from openai import AsyncOpenAI, DefaultAioHttpClient
from rich.console import Console
from rich.table import Table

from wunderkammer.models.rehearsal import rehearsal_process

TRANSPORTS = ("default", "aiohttp")


@dataclass(frozen=True)
class Throughput:
    """What a client did against a server of known latency."""

    client: str
    calls: int
    in_flight: int
    """Limit of the client."""
    median_s: float
    """Median latency that the server was told to have."""
    calls_per_second: float
    cpu_ms_per_call: float
    """User and system time of the client's process."""
    utilisation: float
    """Time-weighted mean of requests in flight as the server saw them, over the limit."""


@asynccontextmanager
async def bare(url: str, transport: str) -> AsyncIterator[AsyncOpenAI]:
    """The official client with one of `TRANSPORTS`, without retries."""
    http = DefaultAioHttpClient() if transport == "aiohttp" else None
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=60, http_client=http) as client:
        yield client


async def drive(client: AsyncOpenAI, calls: int, in_flight: int) -> tuple[float, float]:
    """Make `calls` different calls with `in_flight` workers; (wall seconds, CPU seconds)."""
    numbers = iter(range(calls))

    async def work() -> None:
        for number in numbers:
            await client.chat.completions.create(
                model="rehearsal", messages=[{"role": "user", "content": f"Rewrite sentence number {number}."}]
            )

    wall, cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(work() for _ in range(in_flight)))
    return time.perf_counter() - wall, time.process_time() - cpu


async def measure(url: str, transport: str, calls: int, in_flight: int, median_s: float) -> Throughput:
    """One transport against a server that runs; connections are made before the clock starts."""
    async with bare(url, transport) as client:
        await drive(client, 2 * in_flight, in_flight)
        await asyncio.to_thread(reset, url)
        wall, cpu = await drive(client, calls, in_flight)
    seen = await asyncio.to_thread(stats, url)
    return Throughput(
        client=f"bare, {transport}",
        calls=calls,
        in_flight=in_flight,
        median_s=median_s,
        calls_per_second=round(calls / wall, 1),
        cpu_ms_per_call=round(1000 * cpu / calls, 3),
        utilisation=round(seen["mean_in_flight"] / in_flight, 4),
    )


def stats(url: str) -> dict[str, float]:
    """What the rehearsal server counted."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as reply:
        told: dict[str, float] = json.load(reply)
        return told


def reset(url: str) -> None:
    """Let the rehearsal server count anew."""
    urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats/reset", data=b"").close()


def compare(calls: int, in_flight: int, median_s: float, rounds: int) -> list[Throughput]:
    """Every transport in turn, `rounds` times; per transport the round with the least CPU (the least disturbed)."""
    with rehearsal_process("--latency", str(median_s), "--sigma", "0.5") as url:
        results = [
            asyncio.run(measure(url, transport, calls, in_flight, median_s))
            for _ in range(rounds)
            for transport in TRANSPORTS
        ]
    names = sorted({result.client for result in results})
    return [min((r for r in results if r.client == name), key=lambda r: r.cpu_ms_per_call) for name in names]


def show(results: Sequence[Throughput]) -> None:
    """A table for people, then one line of JSON for programs."""
    table = Table("client", "calls", "in flight", "median s", "calls/s", "CPU ms/call", "utilisation")
    for result in results:
        table.add_row(*(str(value) for value in asdict(result).values()))
    Console().print(table)
    print(json.dumps([asdict(result) for result in results]))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--calls", type=int, default=3000)
    parser.add_argument("--in-flight", type=int, default=64)
    parser.add_argument("--median", type=float, default=0.05, help="seconds")
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    show(compare(options.calls, options.in_flight, options.median, options.rounds))


if __name__ == "__main__":
    main()
