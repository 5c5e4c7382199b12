"""Does hardening repair more than it was taught, on a real model, and what does it cost?

    python benchmarks/hardening.py --seeds 3 --home /tmp/hardening --out hardening.json

The target is the embedded SmolLM2-135M, the domain rainbow-skills, whose answers code marks. For each seed: two
archives are searched, one to learn from and one held out; a LoRA adapter is trained on right answers to the failures of
the first and to kin of them; the held-out elites, ordinary questions and a fresh search are put to the original and to
the repaired target. Everything is drawn from the seed. A seed that was finished is not run again, one that was
interrupted goes on. The trainer's environment is that of `wunder setup finetune`, or named in wunder.toml.

Stated before it was first run:

- *Held-out error falls*: the error rate over fresh answers (4 to each elite) to held-out elites, after minus before,
  paired by elite and pooled over the seeds, has a 95 % bootstrap interval whose upper end is below 0. Each seed is told
  too.
- *It stays useful*: perplexity on ordinary text, after over before, is at most 1.05 for each seed.
- Re-attack (error rate of a fresh search's elites, confirmed by fresh answers, beside the held-out archive's on the
  original, paired by cell), refusals of ordinary questions and the question set are reported without a threshold.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from pathlib import Path
from typing import Any

from langgraph.runtime import RunControl

from wunderkammer.apps.hardening.course import Course, new_hardening
from wunderkammer.apps.hardening.craft import craft
from wunderkammer.apps.hardening.figures import Looked, Paired, by_elite, mean_of, paired
from wunderkammer.apps.hardening.happenings import Done, Happening
from wunderkammer.apps.hardening.plan import HardenPlan, make_harden_plan
from wunderkammer.apps.hardening.reading import exam_of
from wunderkammer.apps.hardening.report import write_hardening
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.settings import Settings, load
from wunderkammer.memory import hardenings
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.ledger import opened

SEARCH: dict[str, Any] = {
    "domain": "rainbow-skills",
    "steps": 14,
    "batch": 8,
    "lag": 1,
    "seeds": 100,
    "options": {
        "samples": 2,
        "examples": 2,
        "temperature": 0.2,
        "max_tokens": 16,
        "max_difficulty": 0.4,
        "seed_difficulty": 0.15,
        "forms": ["code"],
    },
}
"""Every cell once by a seed question, then a few steps of search: two minutes on two cores."""

CHANGES: dict[str, Any] = {
    "attack": 2,
    "lessons.per_elite": 5,
    "lessons.most": 450,
    "lessons.chat": 0.1,
    "lessons.watched": 24,
    "exam.samples": 4,
    "exam.benign": 30,
}
LIMIT = 1.05
"""Perplexity ratio that is still useful."""


def plan_of(seed: int, rounds: int) -> HardenPlan:
    """The preset `cpu`, with what stands above."""
    return make_harden_plan("cpu", {"search": SEARCH, "seed": seed, "rounds": rounds, **CHANGES})


def begun(settings: Settings, plan: HardenPlan) -> Hardening:
    """The hardening of this plan, if there is one; else a new one."""
    with opened(ledger_address(settings)) as ledger:
        known = [one for one in hardenings.all_hardenings(ledger) if one.plan == plan.model_dump(mode="json")]
    return known[0] if known else new_hardening(plan, settings)


async def measure(settings: Settings, seed: int, rounds: int) -> dict[str, Any]:
    """Harden once; what the stages came to."""
    hardening, began = begun(settings, plan_of(seed, rounds)), time.monotonic()

    def tell(said: Happening) -> None:
        if isinstance(said, Done):
            print(f"  seed {seed}  {time.monotonic() - began:5.0f} s  round {said.round}  {said.words}", flush=True)

    ended = await Course(hardening, settings, craft, tell, RunControl()).conduct()
    print(f"  seed {seed}: {ended.status}, {ended.reason}", flush=True)
    if ended.status != "finished":
        raise SystemExit(f"seed {seed} is {ended.status}: {ended.reason}; run this again to go on")
    files = write_hardening(settings, hardening.id)
    with opened(ledger_address(settings)) as ledger:
        stages = {f"{kept.round} {kept.name}": dict(kept.body) for kept in hardenings.stages_of(ledger, hardening.id)}
    return {"seed": seed, "rounds": rounds, "hardening": hardening.id, "page": str(files[0]), "stages": stages}


def held_out(result: dict[str, Any], number: int) -> dict[str, float]:
    """Error rate of fresh answers by held-out elite; the seed is part of the name."""
    exam = exam_of(result["stages"][f"{number} examine"])
    return {f"{result['seed']} {name}": value for name, value in by_elite(exam.held_out, "figure").items()}


def by_cell(result: dict[str, Any], number: int) -> dict[str, float]:
    """Error rate of fresh answers by cell: of the held-out archive on the original (0), or of a round's re-attack."""
    if number == 0:
        looked = list(exam_of(result["stages"]["0 examine"]).held_out)
    else:
        looked = [Looked.model_validate(one) for one in result["stages"][f"{number} reattack"]["confirmed"]]
    return {f"{result['seed']} {one.cell}": one.figure for one in looked if one.cell and one.figure is not None}


def show(results: list[dict[str, Any]], number: int) -> None:
    """The table of one round."""
    print(f"\nround {number}: error rates of fresh answers")
    print(f"{'seed':>6}  {'held out before':>15} {'after':>6}  {'difference':>24}  {'fresh search, by cell':>34}")
    pooled: list[tuple[dict[str, float], dict[str, float]]] = [({}, {}), ({}, {})]
    for result in results:
        pairs = [
            (held_out(result, 0), held_out(result, number)),
            (by_cell(result, 0), by_cell(result, number)),
        ]
        for (before, after), whole in zip(pairs, pooled, strict=True):
            whole[0].update(before)
            whole[1].update(after)
        print(_row(str(result["seed"]), *(paired(before, after) for before, after in pairs)))
    gap, fresh = (paired(before, after) for before, after in pooled)
    print(_row("pooled", gap, fresh))
    print("held-out error falls:", "holds" if gap is not None and gap.falls else "REFUTED")
    ratios = []
    for result in results:
        exam, first = exam_of(result["stages"][f"{number} examine"]), exam_of(result["stages"]["0 examine"])
        use = exam.utility
        if use is None or use.perplexity_ratio is None:
            continue
        ratio = use.perplexity_ratio
        ratios.append(ratio.mean)
        refusals = [mean_of(list(by_elite(one.benign, "declined").values())) for one in (first, exam)]
        said = " → ".join(f"{one.mean:.3f}" if one else "–" for one in refusals)
        change = use.accuracy_change
        print(
            f"seed {result['seed']}: perplexity ratio {ratio.mean:.4f} [{ratio.low:.4f}, {ratio.high:.4f}], "
            f"refusals {said}, questions right {use.accuracy:.3f}" + (f" ({change.mean:+.3f})" if change else "")
        )
    print(f"perplexity ratio ≤ {LIMIT}:", "holds" if ratios and max(ratios) <= LIMIT else "REFUTED")


def _row(name: str, gap: Paired | None, fresh: Paired | None) -> str:
    if gap is None:
        return f"{name:>6}  nothing was measured"
    row = f"{name:>6}  {gap.before:15.3f} {gap.after:6.3f}  {gap.difference:+.3f} [{gap.low:+.3f}, {gap.high:+.3f}]"
    if fresh is None:
        return row
    return (
        f"{row}  {fresh.before:.3f} → {fresh.after:.3f} {fresh.difference:+.3f} [{fresh.low:+.3f}, {fresh.high:+.3f}]"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--home", type=Path, required=True, help="keeps runs, jobs, adapters and reports")
    parser.add_argument("--config", type=Path, help="wunder.toml; default: the nearest one upwards")
    parser.add_argument("--out", type=Path, default=Path("hardening.json"))
    options = parser.parse_args()
    settings = load(options.config, home=options.home.resolve(), embedder="hashed")
    results: list[dict[str, Any]] = json.loads(options.out.read_text()) if options.out.exists() else []
    for seed in range(1, options.seeds + 1):
        if any((one["seed"], one["rounds"]) == (seed, options.rounds) for one in results):
            continue
        results.append(asyncio.run(measure(settings, seed, options.rounds)))
        partial = options.out.with_suffix(".part")
        partial.write_text(json.dumps(results, indent=1))
        partial.replace(options.out)
    chosen = [one for one in results if one["rounds"] == options.rounds]
    for number in range(1, options.rounds + 1):
        show(chosen, number)


if __name__ == "__main__":
    main()
