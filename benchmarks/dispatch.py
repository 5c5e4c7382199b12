"""What dispatching costs: a job that does nothing, and a thousand jobs that wait.

    python benchmarks/dispatch.py                    # local processes
    python benchmarks/dispatch.py --with ray         # beside another dispatcher of ours, as wunder.toml would choose it

`one job` is the time from `submit` to `wait` having returned, for a module whose `main` is empty, less the time that
this Python takes to start and end (`python -c pass`), by pairs; `here` is the part until `submit` has returned. A
thousand jobs are submitted behind one that holds every core: memory is the resident set of this process.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console
from rich.table import Table

from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.dispatcher import Dispatcher

MODULE = "benchmark_nothing"
SOURCE = '''"""A job that sleeps as long as it is told, and not at all if it is not."""

import time


def main(desk):
    if "seconds" in desk.args:
        time.sleep(desk.args["seconds"])
'''
CORES = 2


@dataclass(frozen=True)
class Turn:
    """One empty job, in seconds."""

    bare: float
    here: float
    whole: float

    @property
    def beyond(self) -> float:
        return self.whole - self.bare


async def empty(here: Dispatcher, seed: int) -> Turn:
    """Run a job that does nothing."""
    began = time.perf_counter()
    await asyncio.to_thread(subprocess.run, [sys.executable, "-c", "pass"], check=True)
    bare = time.perf_counter() - began
    job = Job(module=MODULE, seed=seed, needs=Resources(memory_gib=0.1))
    began = time.perf_counter()
    await here.submit(job)
    submitted = time.perf_counter() - began
    found = (await here.wait([job.id]))[job.id]
    if found.status != "done":
        raise SystemExit(f"{here.name}: {found.reason}")
    return Turn(bare, submitted, time.perf_counter() - began)


@dataclass(frozen=True)
class Crowd:
    """Many jobs that wait."""

    submit_s: float
    list_s: float
    bytes_each: float
    """By which this process grew."""
    processes: int
    """Of the home, while they waited."""


async def crowd(here: Dispatcher, home: Path, count: int) -> Crowd:
    """Submit many jobs behind one that holds every core, list them, and cancel what there is."""
    blocker = Job(module=MODULE, args={"seconds": 600}, needs=Resources(cores=CORES, memory_gib=0.1))
    await here.submit(blocker)
    while (await here.standing(blocker.id)).status == "queued":
        await asyncio.sleep(0.05)
    jobs = [Job(module=MODULE, seed=seed, args={"of": "the crowd"}) for seed in range(count)]
    await here.submit(jobs[0])  # whatever is loaded once, is loaded now
    before, began = resident(), time.perf_counter()
    for job in jobs[1:]:
        await here.submit(job)
    submitted, after = time.perf_counter() - began, resident()
    began = time.perf_counter()
    standings = await here.all()
    listed = time.perf_counter() - began
    waiting = sum(one.status == "queued" for one in standings)
    if waiting != count:
        raise SystemExit(f"{waiting} of {count} jobs wait")
    running = processes(home)
    for job in reversed(jobs):
        await here.cancel(job.id)
    await here.cancel(blocker.id)
    return Crowd(submitted, listed, (after - before) / count, running)


def resident() -> int:
    """Bytes of this process."""
    pages = Path("/proc/self/statm").read_text("ascii").split()[1]
    return int(pages) * os.sysconf("SC_PAGE_SIZE")


def processes(home: Path) -> int:
    """How many processes have the home's path among their words."""
    found = 0
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            found += str(home).encode() in file.read_bytes()
        except OSError:  # gone meanwhile
            continue
    return found


async def measure(name: str, turns: int, count: int) -> tuple[list[Turn], Crowd]:
    """All of it for one dispatcher, in a home of its own."""
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        settings = Settings(home=home, jobs=JobSettings(dispatcher=name, cores=CORES))  # type: ignore[arg-type]  # pydantic checks the name
        here = dispatcher(settings)
        await empty(here, -1)  # compiles what was never imported
        found = [await empty(here, seed) for seed in range(turns)]
        many = await crowd(here, home, count)
        await asyncio.sleep(6)  # until nobody writes into the home any more
    return found, many


def report(names: Sequence[str], found: Sequence[tuple[list[Turn], Crowd]], count: int) -> None:
    """The table."""
    table = Table("", *names)

    def row(what: str, values: Sequence[str]) -> None:
        table.add_row(what, *values)

    def spread(values: Sequence[float]) -> str:
        low, *_, high = sorted(values)
        return f"{statistics.median(values) * 1000:.0f} ({low * 1000:.0f} to {high * 1000:.0f})"

    row("python -c pass, ms", [spread([turn.bare for turn in turns]) for turns, _ in found])
    row("one job beyond that, ms", [spread([turn.beyond for turn in turns]) for turns, _ in found])
    row("of it until submitted, ms", [spread([turn.here for turn in turns]) for turns, _ in found])
    row(f"{count} jobs that wait: submit, s", [f"{many.submit_s:.2f}" for _, many in found])
    row("list them, s", [f"{many.list_s:.2f}" for _, many in found])
    row("memory for each, bytes", [f"{many.bytes_each:.0f}" for _, many in found])
    row("processes meanwhile", [str(many.processes) for _, many in found])
    Console().print(table)
    print("load average:", " ".join(f"{load:.1f}" for load in os.getloadavg()), "on", os.cpu_count(), "cores")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--with", dest="others", action="append", default=[], choices=("ray", "slurm"))
    parser.add_argument("--turns", type=int, default=20)
    parser.add_argument("--jobs", type=int, default=1000)
    options = parser.parse_args()
    names = ("local", *options.others)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"{MODULE}.py").write_text(SOURCE, "utf-8")
        sys.path.insert(0, folder)
        found = [asyncio.run(measure(name, options.turns, options.jobs)) for name in names]
    report(names, found, options.jobs)


if __name__ == "__main__":
    main()
