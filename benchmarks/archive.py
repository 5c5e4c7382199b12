"""The archive beside pyribs' CategoricalArchive, and how long a long run takes to resume.

    python benchmarks/archive.py                 # adds per second at batch 1 and 1,000
    python benchmarks/archive.py --resume 100000 # the bench of a run that has so many candidates behind it

Both archives do the same work: find the cell of a pair of categories, compare, keep an id where the objective is
higher. Objectives rise as a search's do, so that elites are replaced now and then. Both must end with the same elites.
"""

from __future__ import annotations

import argparse
import asyncio
import gc
import json
import tempfile
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from wunderkammer.apps.expedition import make_domain
from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Candidate, Outcome, Verdict
from wunderkammer.core.events import Remembered, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim
from wunderkammer.domains.rainbow.safety import RainbowSafety
from wunderkammer.domains.rainbow.teaming import Probe
from wunderkammer.graphs.bench import lay
from wunderkammer.memory import accounts, runs, slots
from wunderkammer.memory.archive import Archive, Trial
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import Ledger, address_of, opened

AXES = RainbowSafety.axes
CALLS_PER_SLOT = 7

Cells = list[tuple[str, ...]]


def draw(count: int, seed: int) -> tuple[Cells, np.ndarray]:
    """Cells and objectives of so many candidates."""
    rng = np.random.default_rng(seed)
    values = [list(axis) for axis in AXES.values()]
    cells = [tuple(axis[i] for axis, i in zip(values, at, strict=True)) for at in rng.integers(0, 10, (count, 2))]
    return cells, rng.normal(np.linspace(0, 1, count), 0.3)


def ours(cells: Cells, objectives: list[float], batch: int) -> tuple[float, dict[tuple[str, ...], float]]:
    """Seconds to make trials of all and to add them; the elites' scores."""
    archive = Archive(AXES)
    began = time.perf_counter()
    if batch == 1:
        for slot, (cell, score) in enumerate(zip(cells, objectives, strict=True)):
            archive.add(Trial(slot, "id", cell, score, score))
    else:
        for at in range(0, len(cells), batch):
            numbered = enumerate(zip(cells[at : at + batch], objectives[at : at + batch], strict=True), at)
            archive.add_all([Trial(slot, "id", cell, score, score) for slot, (cell, score) in numbered])
    return time.perf_counter() - began, {cell: elite.score or 0.0 for cell, elite in archive.elites.items()}


def theirs(cells: Cells, objectives: np.ndarray, batch: int) -> tuple[float, dict[tuple[str, ...], float]]:
    """The same with pyribs; its arrays are made before the clock starts."""
    from ribs.archives import CategoricalArchive

    archive = CategoricalArchive(solution_dim=(), categories=[list(v) for v in AXES.values()], solution_dtype=np.int64,
                                 objective_dtype=np.float64, measures_dtype=object)  # fmt: skip
    measures, ids = np.array(cells, dtype=object), np.arange(len(cells))
    began = time.perf_counter()
    if batch == 1:
        for at in range(len(cells)):
            archive.add_single(ids[at], objectives[at], measures[at])
    else:
        for at in range(0, len(cells), batch):
            part = slice(at, at + batch)
            archive.add(ids[part], objectives[part], measures[part])
    seconds = time.perf_counter() - began
    held = archive.data(["measures", "objective"], return_type="tuple")
    return seconds, {tuple(cell): float(score) for cell, score in zip(*held, strict=True)}


def race(count: int, batch: int, rounds: int) -> dict[str, float]:
    """Adds per second of both, taking turns; medians, and the median of the ratios."""
    mine, peer = [], []
    for seed in range(rounds):
        cells, objectives = draw(count, seed)
        scores = objectives.tolist()
        gc.collect()
        a, elites = ours(cells, scores, batch)
        gc.collect()
        b, same = theirs(cells, objectives, batch)
        assert elites == same, "the two archives differ"
        mine.append(count / a)
        peer.append(count / b)
    ratio = median(a / b for a, b in zip(mine, peer, strict=True))
    return {"batch": batch, "ours": round(median(mine)), "pyribs": round(median(peer)), "ratio": round(ratio, 2)}


def write_run(ledger: Ledger, run: runs.Run, count: int) -> None:
    """A run of so many slots, as a search writes it, every slot with its calls."""
    cells, objectives = draw(count, 0)
    runs.begin(ledger, run)
    holder: dict[tuple[str, ...], int] = {}
    for slot, (cell, score) in enumerate(zip(cells, objectives.tolist(), strict=True)):
        made = Candidate(domain=run.domain, genome=Probe(text=f"Candidate {slot}, {'word ' * 20}"), aim=cell)
        aim = Aim(slot=slot, step=slot // run.plan.batch, origin="vary", parents=(made.id,), cell=cell)
        outcome = Outcome(score=None, cell=cell, measures={"fitness": score}, notes={"response": "word " * 40})
        slots.keep_aims(ledger, run.id, [aim])
        slots.keep_candidate(ledger, made, made.genome.text)
        slots.keep_outcome(ledger, run.id, aim, fate="evaluated", candidate=made.id, outcome=outcome, arm=None)
        if cell in holder:
            votes = Verdict(votes=("challenger" if slot % 10 == 0 else "incumbent",) * 4)
            slots.keep_duel(ledger, run.id, slot, holder[cell], votes)
        holder[cell] = slot
        for call in range(CALLS_PER_SLOT):
            ledger.record(_call(run.id, slot, call))
        if slot % run.plan.batch == run.plan.batch - 1:
            runs.tell(ledger, run.id, _remembered(slot // run.plan.batch), key=str(slot // run.plan.batch))
        if slot % 5_000 == 0:
            ledger.flush_now()
    ledger.flush_now()


def _call(run: str, slot: int, number: int) -> Call:
    return Call(id=f"{slot}/{number}", run=run, slot=slot, role=("mutator", "target", "judge")[number % 3],
                server="http://127.0.0.1/v1", model="m", request=f"{slot}/{number}", texts=("word " * 20,),
                prompt_tokens=200, completion_tokens=40, seconds=0.05)  # fmt: skip


def _remembered(step: int) -> Remembered:
    return Remembered(step=step, filled=100, cells=100, qd_score=50.0, accepted=1, seconds=float(step))


async def resume(ledger: Ledger, run: runs.Run, home: Path) -> dict[str, float]:
    """Milliseconds of what stands between `wunder resume` and the first new slot, as `apps.expedition` does it."""
    took: dict[str, float] = {}

    def timed(what: str, work: Callable[[], Any]) -> None:
        began = time.perf_counter()
        work()
        took[what] = round(1000 * (time.perf_counter() - began), 1)

    timed("spending", lambda: accounts.spending(ledger, run.id))
    nothing = Spent(calls=0, prompt_tokens=0, completion_tokens=0, cost=0, errors=0, in_flight=0)
    timed(
        "lay",
        lambda: lay(
            run,
            make_domain(run.plan),
            ledger,
            None,  # no question is asked
            Artifacts(home / "artifacts"),
            due=run.plan.steps,
            spent=lambda: nothing,
            tell=lambda event: None,
            notice=lambda entries: None,
        ),
    )
    took["together"] = round(sum(took.values()), 1)
    return took


def measure_resume(count: int, rounds: int) -> dict[str, float]:
    """Medians over `rounds` resumptions of one run."""
    plan = SearchPlan(domain="rainbow-safety", steps=count // 32, batch=32)
    run = runs.Run("long", plan.domain, plan, {}, None, 0, time.time())
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder)
        with opened(address_of(home)) as ledger:
            write_run(ledger, run, plan.steps * plan.batch)
        took = []
        for _ in range(rounds):
            with opened(address_of(home)) as ledger:
                took.append(asyncio.run(resume(ledger, run, home)))
        megabytes = sum(file.stat().st_size for file in home.glob("ledger.db*")) / 1e6
    return {"candidates": count, "ledger_mb": round(megabytes), **{k: median(t[k] for t in took) for k in took[0]}}


def show(title: str, rows: Iterable[dict[str, float]]) -> None:
    """A table for people, then JSON for programs."""
    rows = list(rows)
    table = Table(*rows[0], title=title)
    for row in rows:
        table.add_row(*(f"{value:,}" for value in row.values()))
    Console().print(table)
    print(json.dumps(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--resume", type=int, metavar="CANDIDATES")
    options = parser.parse_args()
    if options.resume:
        show("Resuming, milliseconds", [measure_resume(options.resume, options.rounds)])
    else:
        show("Adds per second", [race(options.count, batch, options.rounds) for batch in (1, 1_000)])


if __name__ == "__main__":
    main()
