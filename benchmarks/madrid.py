"""MADRID: what the search costs beside its matches, and whether it finds more than chance does.

    python benchmarks/madrid.py --overhead                      # batch 256, an ordinary run
    python benchmarks/madrid.py --proof --seeds 5 --levels 2000 # three methods, elites looked at again
    python benchmarks/madrid.py --harden --target FILE --levels 2000 # search, fine-tune, search again

Overhead. An ordinary run (ledger, archive, vectors, events) of batch 256 with nothing in flight beside the step in
hand. Of its steps, after the first, which compiles: the share of the wall time and of the CPU time that passed outside
the jitted matches. Written down beforehand: at most 10 % of the wall time. On a machine that others use too, the share
of CPU time says more.

Proof. Each method is given as many levels, in as many ordinary runs as there are seeds:

- madrid: MAP-Elites, forms gaussian, aimed and carried; `cma` beside it, if asked for: CMA-ME through pyribs;
- targeted: the same archive, and fresh random levels for the cells that the search aims at;
- random: fresh random levels and no archive: of each cell, the level that came last is looked at.
- "random, kept" is told too and is no part of the claim: the archive that its levels would have made.

Whatever each holds for a cell at the end is played again by fresh draws, 64 matches of the reference and 64 of the
target, and only that counts. The figure of a run is the mean over its cells; intervals are bootstrapped over runs and
their cells. Written down before any run of seeds 0 to 4 (2,048 levels each), which missed the first by .007:

1. mean regret, looked at again: madrid above targeted above random, 95 % intervals apart;
2. at least 95 % of the cells filled by madrid, in every run;
3. at least 5 vulnerabilities in the archives of madrid, all runs together.

Most of the spread in these intervals is of cells, which are alike for all methods. Written down after those runs and
before any other, for `--first 10 --seeds 5 --levels 4096`:

4. regret of a cell, looked at again, madrid less targeted and targeted less random of the same seed, over cells that
   both filled: both means above 0, by 95 % intervals.

Hardening. A search; the target fine-tuned by PPO on the elites of at least `--worst` regret, a quarter of them held
out; and the same search, with another seed, against what became of it. The paper leaves open what comes of it; written
down beforehand:

1. the regret on the levels held out falls: the 95 % interval of after − before, level by level, is below 0;
2. the mean regret of the second archive, played again, is below that of the first, 95 % intervals over cells apart;
3. nothing is forgotten: on random levels, against each of three bots, the share of matches won less the share lost is
   no lower than before by more than the sum of both half widths.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from langgraph.runtime import RunControl
from rich.console import Console
from rich.table import Table

from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.contract import Cell, Entry
from wunderkammer.core.events import Event, Remembered
from wunderkammer.core.ids import content_id
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import Settings, load
from wunderkammer.domains.madrid import matches
from wunderkammer.domains.madrid.engine import JaxFootball, engine
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.school import School
from wunderkammer.domains.madrid.schooling import SchoolSettings
from wunderkammer.domains.madrid.sections import elites_of
from wunderkammer.domains.madrid.vulnerabilities import ADVERSARIAL, found_in
from wunderkammer.learners.compilation import keep_compiled
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import entries
from wunderkammer.worlds.football.players import named

Found = Entry[Scenario]
RESAMPLES = 4_000


@dataclass
class Watch:
    """Time within the matches, and when each step was remembered: wall and CPU seconds."""

    inside: list[float] = field(default_factory=lambda: [0.0, 0.0])
    marks: list[tuple[float, float, float, float]] = field(default_factory=list)

    def mark(self) -> None:
        """Now, and what was inside by now."""
        self.marks.append((time.perf_counter(), time.process_time(), *self.inside))

    @contextmanager
    def over(self) -> Iterator[None]:
        """Everything that the block takes is inside."""
        wall, cpu = time.perf_counter(), time.process_time()
        try:
            yield
        finally:
            self.inside[0] += time.perf_counter() - wall
            self.inside[1] += time.process_time() - cpu


async def search(settings: Settings, plan: dict[str, Any], tell: Any) -> tuple[str, list[Found]]:
    """An ordinary run, and everything that it evaluated, in order."""
    run = new_run(make_plan({"domain": "madrid", **plan}), settings)
    ended = await Expedition(run, settings, tell, RunControl()).conduct()
    if ended.status != "finished":
        raise SystemExit(f"the run ended as {ended.status}: {ended.reason}")
    with opened(ledger_address(settings)) as ledger:
        return run.id, list(entries(ledger, find_run(ledger, run.id), Scenario))


# ---- overhead --------------------------------------------------------------------------------------------------------


def overhead(settings: Settings, asked: argparse.Namespace) -> dict[str, float]:
    """Shares of the time outside the matches, over all steps but the first."""
    watch = Watch()
    own_play, own_clip = JaxFootball.play, JaxFootball.clip

    def play(self: JaxFootball, *given: Any) -> Any:
        with watch.over():
            return own_play(self, *given)

    def clip(self: JaxFootball, *given: Any) -> Any:
        with watch.over():
            return own_clip(self, *given)

    def tell(event: Event) -> None:
        if isinstance(event, Remembered):
            watch.mark()

    options = {"target": asked.target, "references": asked.references, "players": asked.players}
    shape = {"steps": asked.steps, "batch": 256, "lag": 0, "seeds": 256, "temperature": 1.0}
    JaxFootball.play, JaxFootball.clip = play, clip  # type: ignore[method-assign]  # timed, for the block
    try:
        asyncio.run(search(settings, {**shape, "options": options}, tell))
    finally:
        JaxFootball.play, JaxFootball.clip = own_play, own_clip  # type: ignore[method-assign]  # as above
    first, last = np.array(watch.marks[0]), np.array(watch.marks[-1])
    wall, cpu, wall_inside, cpu_inside = (float(one) for one in last - first)
    levels = 256 * (len(watch.marks) - 1)
    return {
        "levels": levels,
        "wall s": wall,
        "share of the wall time outside": 1 - wall_inside / wall,
        "CPU s": cpu,
        "share of the CPU time outside": 1 - cpu_inside / cpu,
        "CPU ms a level outside": 1000 * (cpu - cpu_inside) / levels,
        "levels a CPU-minute, all told": 60 * levels / cpu,
        "levels a CPU-minute in the matches": 60 * levels / cpu_inside,
    }


# ---- proof -----------------------------------------------------------------------------------------------------------

METHODS: dict[str, dict[str, Any]] = {
    "madrid": {},
    "cma": {"proposer": "cma"},
    "targeted": {"method": "targeted"},
    "random": {"method": "random"},
}
CLAIMED = ("madrid", "targeted", "random")
"""From the best to the worst."""


def held(tried: list[Found], method: str) -> dict[str, dict[Cell, Scenario]]:
    """By name, what a method holds for each cell at its end."""
    if method != "random":
        return {method: {cell: entry.candidate.genome for cell, entry in elites_of(tried).items()}}
    placed = [entry for entry in tried if entry.outcome.score is not None]
    cells = [entry.model_copy(update={"outcome": _placed(entry)}) for entry in placed]
    latest = {entry.candidate.genome.cell: entry.candidate.genome for entry in placed}
    kept = {cell: entry.candidate.genome for cell, entry in elites_of(cells).items()}
    return {"random": latest, "random, kept": kept}


def _placed(entry: Found) -> Any:
    return entry.outcome.model_copy(update={"cell": entry.candidate.genome.cell})


def again(options: MadridOptions, levels: list[Scenario], salt: str) -> list[float]:
    """Regrets by fresh draws."""
    second = options.model_copy(update={"salt": salt, "repeats": 64})
    seeds = [
        int(content_id(level.left, level.right, level.ball, level.reference, salt), 16) % 2**32 for level in levels
    ]
    return [trial.regret for trial in matches.regrets(engine(second), options.target, levels, seeds)]


def interval(runs: list[list[float]]) -> tuple[float, float, float]:
    """The mean over runs of their means, with a bootstrapped 95 % interval: runs are drawn, and cells within them."""
    draw = np.random.default_rng(0)
    found = [np.array(run) for run in runs]
    means = np.array([[one[draw.integers(0, len(one), len(one))].mean() for _ in range(RESAMPLES)] for one in found])
    chosen = draw.integers(0, len(found), (RESAMPLES, len(found)))
    drawn = means[chosen, np.arange(RESAMPLES)[:, None]].mean(1)
    low, high = np.quantile(drawn, (0.025, 0.975))
    return float(np.mean([one.mean() for one in found])), float(low), float(high)


def apart(more: list[dict[Cell, float]], less: list[dict[Cell, float]]) -> list[list[float]]:
    """Run by run, differences over the cells that both filled."""
    return [[one[cell] - other[cell] for cell in one if cell in other] for one, other in zip(more, less, strict=True)]


def proof(settings: Settings, asked: argparse.Namespace) -> dict[str, Any]:
    """Every method and seed; what is finished is written to the log as it comes."""
    regrets: dict[str, list[list[float]]] = {}
    by_cell: dict[str, list[dict[Cell, float]]] = {}
    stored: dict[str, list[list[float]]] = {}
    coverage: dict[str, list[float]] = {}
    archives: list[Found] = []
    for seed in range(asked.first, asked.first + asked.seeds):
        for method in asked.methods:
            began = time.perf_counter()
            options = {
                "target": asked.target, "references": asked.references, "players": asked.players, **METHODS[method],
            }  # fmt: skip
            steps = -(-asked.levels // asked.batch)
            shape = {"steps": steps, "batch": asked.batch, "lag": 0, "seed": seed, "temperature": 1.0}
            seeds = 0 if method == "random" else asked.batch
            name, tried = asyncio.run(search(settings, {**shape, "seeds": seeds, "options": options}, lambda _: None))
            scores = {entry.candidate.genome: entry.outcome.score or 0.0 for entry in tried}
            if method == "madrid":
                archives += elites_of(tried).values()
            for label, cells in held(tried, method).items():
                levels = list(cells.values())
                found = again(MadridOptions(**options), levels, f"proof {seed}")
                regrets.setdefault(label, []).append(found)
                by_cell.setdefault(label, []).append(dict(zip(cells, found, strict=True)))
                stored.setdefault(label, []).append([scores[level] for level in levels])
                coverage.setdefault(label, []).append(len(cells) / (160 * len(asked.references)))
                line = {"seed": seed, "method": label, "run": name, "levels": len(tried), "cells": len(cells),
                        "stored": float(np.mean(stored[label][-1])), "again": float(np.mean(found)),
                        "seconds": round(time.perf_counter() - began)}  # fmt: skip
                print(json.dumps(line), flush=True)
    kinds = found_in(archives)
    return {
        "regret again": {name: interval(runs) for name, runs in regrets.items()},
        "regret again, cell by cell": {
            f"{more} - {less}": interval(apart(by_cell[more], by_cell[less]))
            for more, less in pairwise(CLAIMED)
            if more in by_cell and less in by_cell
        },
        "regret as found": {name: interval(runs) for name, runs in stored.items()},
        "adversarial again": {
            name: float(np.mean([np.mean(np.array(run) >= ADVERSARIAL) for run in runs]))
            for name, runs in regrets.items()
        },
        "cells filled, least": {name: min(shares) for name, shares in coverage.items()},
        "vulnerabilities": {
            one.failure.name: [len(one.entries), *(round(x, 3) for x in one.share[:3])] for one in kinds
        },
        "adversarial elites of madrid": kinds[0].among if kinds else 0,
    }


# ---- hardening -------------------------------------------------------------------------------------------------------


def hardening(settings: Settings, asked: argparse.Namespace) -> dict[str, Any]:
    """One round."""
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.domains.madrid.hardening import FILE, HardeningSettings, job_of, levels_file
    from wunderkammer.memory.artifacts import Artifacts

    shape = {"steps": -(-asked.levels // asked.batch), "batch": asked.batch, "lag": 0, "seeds": asked.batch}
    target, archives, marks = asked.target, [], []
    stored: list[float] = []
    held_out: dict[str, Any] = {}
    for seed in (asked.first, asked.first + 1):
        options = {"target": target, "references": asked.references, "players": asked.players}
        plan = {**shape, "seed": seed, "temperature": 1.0, "options": options}
        _, tried = asyncio.run(search(settings, plan, lambda _: None))
        elites = list(elites_of(tried).values())
        stored.append(float(np.mean([one.outcome.score or 0.0 for one in elites])))
        archives.append(again(MadridOptions(**options), [one.candidate.genome for one in elites], "attack"))
        marks.append(examined(target, asked.players))
        print(json.dumps({"target": target, "cells": len(elites), **marks[-1]}), flush=True)
        if seed == asked.first:
            name = Artifacts(settings.home / "artifacts").keep(levels_file(elites, asked.worst), ".jsonl")
            job = job_of(HardeningSettings(target=target, players=asked.players, updates=asked.updates), name)
            see_through(settings, job, detach=False)
            folder = settings.home / "jobs" / job.id / "out"
            held_out = json.loads((folder / "result.json").read_text())
            target = str(folder / FILE)
    return {
        "held out": held_out,
        "cells": [len(one) for one in archives],
        "archive as found": stored,
        "archive played again": [interval([one]) for one in archives],
        "adversarial, played again": [float(np.mean(np.array(one) >= ADVERSARIAL)) for one in archives],
        "against bots": marks,
        "hardening verdict": hardened(held_out, archives, marks),
    }


def examined(target: str, players: int) -> dict[str, float]:
    """Matches of a network against three bots, from random levels."""
    school = School(SchoolSettings(players=players))
    return school.examine(named(target).parameters, target)


def hardened(held_out: dict[str, Any], archives: list[list[float]], marks: list[dict[str, float]]) -> dict[str, bool]:
    """The three thresholds of the docstring."""
    first, second = (interval([one]) for one in archives)
    old, new = marks
    bots = [name.removeprefix("won_") for name in old if name.startswith("won_")]

    def fell(bot: str) -> float:
        before, after = (found[f"won_{bot}"] - found[f"lost_{bot}"] for found in (old, new))
        return before - after

    return {
        "held-out regret falls": held_out["after − before, level by level, high"] < 0,
        "the second archive is below the first": second[2] < first[1],
        "nothing is forgotten": all(fell(bot) <= old[f"margin_{bot}"] + new[f"margin_{bot}"] for bot in bots),
    }


def verdict(found: dict[str, Any]) -> dict[str, bool]:
    """The three thresholds of the docstring."""
    madrid, targeted, chance = (found["regret again"][name] for name in ("madrid", "targeted", "random"))
    return {
        "madrid above targeted above random, intervals apart": madrid[1] > targeted[2] and targeted[1] > chance[2],
        "the same, cell by cell": all(low > 0 for _, low, _ in found["regret again, cell by cell"].values()),
        "at least 95 % of the cells filled": found["cells filled, least"]["madrid"] >= 0.95,
        "at least 5 vulnerabilities": len(found["vulnerabilities"]) >= 5,
    }


def show(found: dict[str, Any]) -> None:
    """As a table."""
    table = Table("", "")
    for name, value in found.items():
        table.add_row(name, f"{value:.4g}" if isinstance(value, float | int) else json.dumps(value, indent=1))
    Console().print(table)


def main() -> None:
    """Measure, print."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--overhead", action="store_true")
    read.add_argument("--proof", action="store_true")
    read.add_argument("--harden", action="store_true")
    read.add_argument("--worst", type=float, default=0.3, help="least regret of the levels that are learned from")
    read.add_argument("--updates", type=int, default=60, help="of PPO, in the fine-tuning")
    read.add_argument("--seeds", type=int, default=5)
    read.add_argument("--first", type=int, default=0, help="seed of the first run; others follow")
    read.add_argument("--levels", type=int, default=2000)
    read.add_argument("--batch", type=int, default=256)
    read.add_argument("--steps", type=int, default=4, help="of the run whose overhead is measured")
    read.add_argument("--players", type=int, default=5)
    defaults = MadridOptions()
    read.add_argument("--target", default=defaults.target)
    read.add_argument("--references", nargs="+", default=list(defaults.references))
    read.add_argument("--methods", nargs="+", default=["madrid", "targeted", "random"], choices=list(METHODS))
    read.add_argument("--home", type=Path, help="where the runs are kept; default: nowhere")
    read.add_argument("--json", type=Path, help="write the figures to a file, too")
    asked = read.parse_args()
    with tempfile.TemporaryDirectory() as nowhere:
        home = asked.home or Path(nowhere)
        keep_compiled(Path(tempfile.gettempdir()) / "wunderkammer-compiled")
        settings = load(home=home, embedder="hashed")
        found: dict[str, Any] = {}
        if asked.overhead:
            found |= overhead(settings, asked)
        if asked.proof:
            figures = proof(settings, asked)
            found |= {**figures, "verdict": verdict(figures)}
        if asked.harden:
            found |= hardening(settings, asked)
    show(found)
    if asked.json:
        asked.json.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main()
