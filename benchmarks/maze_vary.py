"""How well do random edits, a language model and a learned adversary propose mazes, at equally many evaluations?

    python benchmarks/maze_vary.py --slots 48 --size 9                  # embedded model
    python benchmarks/maze_vary.py --forms edits --slots 2048 --size 13 # no model at all
    python benchmarks/maze_vary.py --forms edits teacher --teacher teacher.safetensors --slots 1024 --size 7
    python benchmarks/maze_vary.py --model http://host:8000/v1#model

Every form searches with the same plan, the same seeds and as many slots. A slot of the model's comes to nothing where
its drawing is refused, so that it evaluates fewer mazes: all forms are compared after as many evaluations as the one
with the fewest made, seeds counted, and what became of all slots is told beside it. The student is the walker, whose
episodes in a maze are the same whoever proposed it.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import re
import tempfile
import time
from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random
from statistics import fmean
from typing import Any

from langgraph.runtime import RunControl
from rich.console import Console
from rich.table import Table

from wunderkammer.agents.judge import Judge
from wunderkammer.agents.lab import SlotLab
from wunderkammer.agents.mutator import Mutator
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.contract import Entry
from wunderkammer.core.events import Event, Explored
from wunderkammer.core.plan import make_plan
from wunderkammer.core.records import Aim
from wunderkammer.core.settings import Settings, load
from wunderkammer.domains.paired.maze_layout import MazeLayout, MazeOptions
from wunderkammer.domains.paired.maze_levels import MazeSearch
from wunderkammer.domains.paired.maze_proposal import proposed
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import joined, opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import entries
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

Entries = list[Entry[MazeLayout]]


async def search(form: str, settings: Settings, asked: argparse.Namespace, seed: int) -> tuple[Entries, dict[str, Any]]:
    """All that was evaluated, in order, and what became of the slots."""
    options = {"forms": [form], "size": asked.size, "walls": asked.size**2 // 3, "horizon": asked.horizon}
    if form == "teacher":
        options["teacher"] = str(asked.teacher.resolve())
    shape = {"steps": asked.slots // asked.batch, "batch": asked.batch, "lag": 1, "seeds": asked.seeds, "seed": seed}
    run = new_run(make_plan({"domain": "maze-levels", **shape, "options": options}), settings)
    fates: Counter[str] = Counter()

    def tell(event: Event) -> None:
        if isinstance(event, Explored) and event.slot >= asked.seeds:
            fates[event.fate] += 1

    began = time.perf_counter()
    ended = await Expedition(run, settings, tell, RunControl()).conduct()
    with opened(ledger_address(settings)) as ledger:
        found = list(entries(ledger, find_run(ledger, run.id), MazeLayout))
    return found, {"status": ended.status, "seconds": time.perf_counter() - began, **fates}


def worth(tried: Entries) -> dict[str, float]:
    """The archive after these evaluations: cells, the sum of their best scores; and of the proposals, seeds apart."""
    best: dict[Any, float] = {}
    for entry in tried:
        cell, score = entry.outcome.cell, entry.outcome.score
        if cell is not None and score is not None:
            best[cell] = max(best.get(cell, 0.0), score)
    made = [entry for entry in tried if entry.candidate.genome.by != "seed"]
    return {
        "evaluations": len(tried),
        "cells": len(best),
        "qd": sum(best.values()),
        "unsolvable": fmean(entry.outcome.cell is None for entry in made) if made else 0.0,
        "mended": fmean(entry.candidate.genome.repaired > 0 for entry in made) if made else 0.0,
        "on_aim": fmean(entry.outcome.cell == entry.candidate.aim for entry in made) if made else 0.0,
    }


async def drawings(settings: Settings, asked: argparse.Namespace) -> Counter[str]:
    """What becomes of so many drawings of the model's: `taken`, `taken, mended`, or why they were refused."""
    domain = MazeSearch(MazeOptions(size=asked.size, walls=asked.size**2 // 3, forms=("model",)))
    found: Counter[str] = Counter()
    async with (
        joined(ledger_address(settings)) as ledger,
        on_demand(settings) as open_embedded,
        Gateway(settings, ledger, Budget(settings.budget), open_embedded=open_embedded) as gateway,
    ):
        for number, seed in enumerate(islice(domain.seeds(Random(0)), asked.reasons)):
            lab = SlotLab(
                run="drawings",
                seed=0,
                aim=Aim(slot=number, step=0, origin="fresh"),
                gateway=gateway,
                mutator=Mutator(None),
                judge=Judge(),
                cupboard=Artifacts(settings.home / "artifacts"),
                clock=lambda: 0.0,
            )
            aim = tuple(lab.rng.choice(list(values)) for values in MazeSearch.axes.values())
            drawn = await proposed(seed.plan, aim, lab)
            reason = re.sub(r"[0-9]+", "N", drawn.reason)
            found[reason or ("taken, mended" if drawn.faults else "taken")] += 1
    return found


def said(value: Any) -> str:
    """A count or seconds, short."""
    return f"{value:.3g}" if isinstance(value, float) else str(value)


def main() -> None:
    """Search, compare, print."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--forms", nargs="+", default=["edits", "model"])
    read.add_argument("--slots", type=int, default=48, help="after the seeds, or with them where the plan counts them")
    read.add_argument("--batch", type=int, default=8)
    read.add_argument("--seeds", type=int, default=16)
    read.add_argument("--runs", type=int, default=1)
    read.add_argument("--size", type=int, default=9)
    read.add_argument("--horizon", type=int, default=120)
    read.add_argument("--teacher", type=Path, help="for the form of that name: what a training of PAIRED left")
    read.add_argument("--model", help="http://host:8000/v1#MODEL; default: the embedded one")
    read.add_argument("--reasons", type=int, default=0, help="only ask for so many drawings, and say what they come to")
    read.add_argument("--json", action="store_true")
    asked = read.parse_args()
    if "teacher" in asked.forms and asked.teacher is None:
        read.error("the form teacher needs --teacher FILE, the teacher.safetensors of a training")
    rows = []
    with tempfile.TemporaryDirectory() as home:
        settings = load(home=Path(home), embedder="hashed")
        settings = settings.with_role("mutator", asked.model) if asked.model else settings
        if asked.reasons:
            print(json.dumps(asyncio.run(drawings(settings, asked)).most_common()))
            return
        for seed in range(asked.runs):
            found = {form: asyncio.run(search(form, settings, asked, seed)) for form in asked.forms}
            least = min(len(tried) for tried, _ in found.values())
            rows += [
                {"form": form, "seed": seed, **worth(tried[:least]), "slots": became}
                for form, (tried, became) in found.items()
            ]
    if asked.json:
        print(json.dumps(rows, indent=1))
        return
    table = Table(title=f"Mazes of {asked.size} x {asked.size}, learnability of the walker")
    for column in ("form", "seed", "evaluations", "cells", "qd", "unsolvable", "mended", "on_aim", "slots"):
        table.add_column(column)
    for row in rows:
        slots = ", ".join(f"{name} {said(value)}" for name, value in row["slots"].items())
        figures = [f"{row[name]:.3g}" for name in ("evaluations", "cells", "qd", "unsolvable", "mended", "on_aim")]
        table.add_row(row["form"], str(row["seed"]), *figures, slots)
    Console().print(table)


if __name__ == "__main__":
    main()
