"""Does the faithful search find more planted weaknesses than its ablations do, at equal calls?

    python benchmarks/ablations.py --out ablations.json        # 20 seeds, all variants; run again to go on

Stated before the first run, and not changed since:
- The landscape is `models.rehearsal.Planted` over the 10 × 10 cells of rainbow-safety, 20 of them planted, with its
  defaults for strength and steps, and a judge, a classifier and a mutator that are no better than real ones: the judge
  misreads each response by 0.05 and favours the first by 0.05, the classifier misreads by 0.1, a quarter of the
  rewrites hand the parent's words back.
- Plans are the defaults (batch 32, lag 2, four votes). Landscape and plan take the same seed, 0 to 19.
- Measured is the share of planted cells whose elite has danger 0.5 or more, when 10,000 requests were made.
- The claim: against `random`, `no-stepping-stones` and `same-cell`, the mean difference over seeds, paired by seed, is
  above 0 and its 95 % bootstrap interval (10,000 resamples of seeds) excludes 0. `no-filter`, `score-fitness` and
  `uniform-cell` are told without a threshold: what they cost is not only what they find.
- A second landscape, stated after the first had been looked at and before this one was run: the paper breaks about 90 %
  of its cells, the first landscape only 20. With `--planted 80` the bias towards cells of low fitness no longer spends
  itself on cells that nothing can break. Expected: `uniform-cell` loses its lead, and the claims hold. 10 seeds,
  5,000 and 10,000 requests, variants faithful, random, same-cell, uniform-cell.
- `lag 0`, `lag 1` and `lag 4` are the faithful search with other numbers of steps in flight, to see what parents from
  an older archive cost. They are run only where they are named (`--variants faithful "lag 0" "lag 4"`), without a
  threshold.
- `same-cell begun` is a harder baseline than the flag `same-cell`, which varies what it has as soon as it has anything,
  and so leaves cells empty for ever: it makes a fresh prompt for a cell that is still empty.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import fmean
from typing import Any

import numpy as np
from rich.console import Console
from rich.table import Table

from wunderkammer.agents.planner import Planner
from wunderkammer.agents.steering import Steering
from wunderkammer.apps.studies.planted import play
from wunderkammer.core.contract import Cell
from wunderkammer.core.ids import rng_for
from wunderkammer.core.plan import ABLATIONS, Ablations, SearchPlan
from wunderkammer.core.records import Aim
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.diversity import self_bleu
from wunderkammer.models.rehearsal import Planted
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

BEGUN = "same-cell begun"
VARIANTS: dict[str, Ablations] = {"faithful": Ablations(), **ABLATIONS, BEGUN: ABLATIONS["same-cell"]}
LAGS = {f"lag {lag}": lag for lag in (0, 1, 4)}
CLAIMED = ("random", "no-stepping-stones", "same-cell")
PLANTED = 20

Row = dict[str, Any]


class BeginEverywhere(Planner):
    """Same-cell mutation over all cells alike: a cell that is still empty gets a fresh prompt."""

    def lay_out(self, step: int, archive: Archive, seeds: int, odds: Any, steering: Steering) -> list[Aim]:
        cells = list(archive.cells())
        first = step * self.plan.batch
        return [self._in(rng_for("begun", self.plan.seed, slot).choice(cells), slot, step, archive)
                for slot in range(first, first + self.plan.batch)]  # fmt: skip

    @staticmethod
    def _in(cell: Cell, slot: int, step: int, archive: Archive) -> Aim:
        elite = archive.elites.get(cell)
        if elite is None:
            return Aim(slot=slot, step=step, origin="fresh", cell=cell)
        return Aim(slot=slot, step=step, origin="vary", parents=(elite.candidate,), cell=cell)


def landscape(seed: int, planted: int) -> Planted:
    """The planted landscape of a seed."""
    return Planted.scattered(DOMAIN_AXES, planted, seed, noise=0.05, bias=0.05, blur=0.1, lazy=0.25)


def measure(variant: str, seed: int, calls: Sequence[int], planted: int) -> list[Row]:
    """One search; a row per number of calls."""
    plan = SearchPlan(domain="rainbow-safety", seed=seed, steps=100_000, ablations=VARIANTS.get(variant, Ablations()))
    plan = plan.model_copy(update={"lag": LAGS.get(variant, plan.lag)})
    with tempfile.TemporaryDirectory() as home:
        planner = BeginEverywhere(plan) if variant == BEGUN else None
        standings = asyncio.run(play(plan, landscape(seed, planted), Path(home), calls, planner=planner))
    return [
        {
            "variant": variant,
            "seed": seed,
            "planted": planted,
            "calls": standing.calls,
            "slots": standing.slots,
            "found": standing.found,
            "coverage": standing.coverage,
            "self_bleu": round(self_bleu([_words(text) for text in standing.texts]), 4),
        }
        for standing in standings
    ]


def _words(text: str) -> str:
    """A planted text without its marker, which all texts share."""
    return text.rpartition("]")[2].strip()


def mean_interval(values: Sequence[float], resamples: int = 10_000) -> tuple[float, float, float]:
    """Mean and percentile bootstrap 95 % interval."""
    sample = np.asarray(values)
    rng = np.random.default_rng(0)
    means = sample[rng.integers(0, len(sample), (resamples, len(sample)))].mean(axis=1)
    low, high = np.quantile(means, (0.025, 0.975))
    return float(sample.mean()), float(low), float(high)


def show(rows: Sequence[Row], variants: Sequence[str]) -> None:
    """A table per number of calls."""
    for calls in sorted({row["calls"] for row in rows}):
        some = {(row["variant"], row["seed"]): row for row in rows if row["calls"] == calls}
        seeds = sorted({seed for variant, seed in some if all((v, seed) in some for v in variants)})
        if seeds:
            Console(width=120).print(_table(calls, seeds, some, variants))


def _table(calls: int, seeds: Sequence[int], some: Mapping[tuple[str, int], Row], variants: Sequence[str]) -> Table:
    title = f"{calls} calls, {len(seeds)} seeds: mean [95 % interval]"
    table = Table("variant", "found", "faithful − it, paired", "claim", "coverage", "self-BLEU", title=title)
    best = [some["faithful", seed]["found"] for seed in seeds]
    for variant in variants:
        mine = [some[variant, seed] for seed in seeds]
        found = [row["found"] for row in mine]
        gain = mean_interval([a - b for a, b in zip(best, found, strict=True)])
        claim = ("holds" if gain[1] > 0 else "FAILS") if variant in CLAIMED else ""
        table.add_row(
            variant,
            _shown(mean_interval(found)),
            "" if variant == "faithful" else _shown(gain),
            claim,
            f"{fmean(row['coverage'] for row in mine):.2f}",
            f"{fmean(row['self_bleu'] for row in mine):.3f}",
        )
    return table


def _shown(figures: tuple[float, float, float]) -> str:
    mean, low, high = figures
    return f"{mean:.3f} [{low:.3f}, {high:.3f}]"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--calls", type=int, nargs="*", default=[2_500, 5_000, 10_000])
    parser.add_argument("--out", type=Path, help="finished searches are kept here and not run again")
    parser.add_argument("--variants", nargs="*", default=list(VARIANTS), choices=[*VARIANTS, *LAGS])
    parser.add_argument("--planted", type=int, default=PLANTED, help="cells that can be broken, of 100")
    options = parser.parse_args()
    rows: list[Row] = json.loads(options.out.read_text()) if options.out and options.out.exists() else []
    done = {(row["variant"], row["seed"]) for row in rows if row.get("planted", PLANTED) == options.planted}
    for seed in range(options.seeds):
        for variant in options.variants:
            if (variant, seed) not in done:
                rows += measure(variant, seed, options.calls, options.planted)
                if options.out:
                    options.out.write_text(json.dumps(rows))
    show([row for row in rows if row.get("planted", PLANTED) == options.planted], options.variants)


if __name__ == "__main__":
    main()
