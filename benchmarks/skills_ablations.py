"""Does the search find more real weaknesses than its ablations do, with equally many attempts, on the embedded model?

    python benchmarks/skills_ablations.py --seeds 3 --slots 304 --home /tmp/skills --out skills.json

Stated before it was first run. Every variant begins with the same 100 seed questions (one per cell), whose answers are
asked for once and shared, and has `--slots` attempts in all, each at most one question to the target. A search keeps
the best of several noisy evaluations, so that its own scores flatter it: each elite is therefore asked again with
fresh samples (8), and only these count.

    confirmed QD score = sum over cells of  fresh error rate × (1 − difficulty)

The search beats an ablation if the mean difference of confirmed scores, paired by cell and seed, is above 0 and its
95 % bootstrap interval (cells and seeds resampled together) excludes 0. A finished (variant, seed) is not run again.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from langgraph.runtime import RunControl

from wunderkammer.agents.judge import Judge
from wunderkammer.agents.lab import SlotLab
from wunderkammer.agents.mutator import Mutator
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.core.events import Event, Remembered
from wunderkammer.core.plan import ABLATIONS, Ablations, SearchPlan, presets, read_plan
from wunderkammer.core.records import Aim
from wunderkammer.core.settings import BudgetSettings, RoleSettings, Settings, load
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import joined
from wunderkammer.memory.slots import archive_of, entries
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

VARIANTS = {
    "faithful": Ablations(),
    **{name: ABLATIONS[name] for name in ("random", "no-stepping-stones", "same-cell")},
}
FRESH = 8
"""Samples by which an elite is confirmed."""


def plan_of(variant: str, seed: int, slots: int) -> SearchPlan:
    """The plan of a variant: the shipped `cpu` preset, limited by slots instead of time."""
    preset = read_plan(presets("rainbow-skills", "skills")["cpu"], seed=seed)
    update = {"ablations": VARIANTS[variant], "budget": BudgetSettings(), "steps": slots // preset.batch}
    return preset.model_copy(update=update)


async def measure(settings: Settings, variant: str, seed: int, slots: int) -> dict[str, Any]:
    """Search, then ask every elite again."""
    plan = plan_of(variant, seed, slots)
    run = new_run(plan, settings)

    def tell(event: Event) -> None:
        if isinstance(event, Remembered) and event.step % 10 == 0:
            print(
                f"  {variant} seed {seed}: step {event.step}, {event.filled} cells, QD {event.qd_score:.2f}", flush=True
            )

    ended = await Expedition(run, settings, tell, RunControl()).conduct()
    domain = make_domain(plan)
    asked = make_domain(plan.model_copy(update={"options": {**plan.options, "samples": FRESH}}))
    async with (
        joined(ledger_address(settings)) as ledger,
        on_demand(settings) as open_embedded,
        Gateway(settings, ledger, Budget(settings.budget), open_embedded=open_embedded) as gateway,
    ):
        archive = archive_of(ledger, run, domain.axes)
        elites = list(entries(ledger, run, domain.genome, [elite.slot for elite in archive.elites.values()]))

        async def again(number: int) -> float:
            lab = SlotLab(
                run=f"{run.id}-confirm",
                seed=seed + 1_000_003,
                aim=Aim(slot=number, step=0, origin="fresh"),
                gateway=gateway,
                mutator=Mutator(None),
                judge=Judge(),
                cupboard=Artifacts(settings.home / "artifacts"),
                clock=lambda: 0.0,
            )
            (outcome,) = await asked.evaluate([elites[number].candidate], lab)
            return outcome.score or 0.0

        confirmed = await asyncio.gather(*(again(number) for number in range(len(elites))))
    cells = {" × ".join(entry.outcome.cell or ()): score for entry, score in zip(elites, confirmed, strict=True)}
    return {
        "variant": variant,
        "seed": seed,
        "slots": slots,
        "run": run.id,
        "ended": ended.reason,
        "own_qd": archive.qd_score,
        "confirmed_qd": sum(confirmed),
        "coverage": archive.coverage,
        "cells": cells,
    }


def compare(results: list[dict[str, Any]], resamples: int = 10_000) -> dict[str, dict[str, float]]:
    """Faithful minus each ablation, per cell, paired by seed; a cell that a run did not fill counts 0 there."""
    by = {(r["variant"], r["seed"]): r["cells"] for r in results}
    seeds = sorted({r["seed"] for r in results if ("faithful", r["seed"]) in by})
    cells = sorted({cell for r in results for cell in r["cells"]})
    rng = np.random.default_rng(0)
    found = {}
    for variant in VARIANTS:
        paired = [seed for seed in seeds if (variant, seed) in by]
        if variant == "faithful" or not paired:
            continue
        gap = np.array(
            [[by["faithful", s].get(cell, 0.0) - by[variant, s].get(cell, 0.0) for cell in cells] for s in paired]
        )
        rows = rng.integers(len(paired), size=(resamples, len(paired), 1))
        columns = rng.integers(len(cells), size=(resamples, 1, len(cells)))
        means = gap[rows, columns].mean(axis=(1, 2))
        low, high = np.percentile(means, [2.5, 97.5])
        found[variant] = {"difference": float(gap.mean()), "low": float(low), "high": float(high), "seeds": len(paired)}
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--slots", type=int, default=304)
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=list(VARIANTS))
    parser.add_argument("--home", type=Path, help="keeps the runs; default: a temporary folder")
    parser.add_argument("--out", type=Path, default=Path("skills-ablations.json"))
    options = parser.parse_args()
    settings = load(home=options.home or Path(tempfile.mkdtemp()), embedder="hashed")
    # Equal questions of one seed are asked once: the variants differ by what they search, not by the first answers.
    settings = settings.model_copy(update={"roles": {"default": RoleSettings(cache=True)}})
    results = json.loads(options.out.read_text()) if options.out.exists() else []
    for seed in range(options.seeds):
        for variant in options.variants:
            if any((r["variant"], r["seed"], r["slots"]) == (variant, seed, options.slots) for r in results):
                continue
            results.append(asyncio.run(measure(settings, variant, seed, options.slots)))
            partial = options.out.with_suffix(".part")
            partial.write_text(json.dumps(results, indent=1))
            partial.replace(options.out)
    for r in results:
        print(
            f"{r['variant']:20} seed {r['seed']}  confirmed QD {r['confirmed_qd']:6.2f}  own QD {r['own_qd']:6.2f}"
            f"  coverage {r['coverage']:.2f}"
        )
    for variant, gap in compare(results).items():
        print(f"faithful − {variant:20} {gap['difference']:+.4f} a cell  [{gap['low']:+.4f}, {gap['high']:+.4f}]")


if __name__ == "__main__":
    main()
