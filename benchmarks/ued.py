"""Training on mazes beside JaxUED: rollout and update, 32 environments x 256 steps, LSTM-256, 5 epochs, one device.

    python benchmarks/ued.py --source CLONE_OF_JAXUED            # ours and theirs, taking turns
    python benchmarks/ued.py                                     # ours alone

Wanted: steps a second at least 1.5 times JaxUED's for DR and PLR⊥, and 10 times for PAIRED (`--methods paired`, both
students counted; with `--updates 1 --calls 2` where time is short: one of its updates takes over a minute of CPU);
compile and first run at most half of its; a second start from the cache of compiled programs under 5 s. Told as ratios,
of wall time and of CPU time, because the machine may be shared: each row is one process, and rows take turns.

Alike: levels of up to 25 walls, a learning rate that falls to nothing, as many updates, and at the end of every call an
episode of 250 steps in each of eight named mazes, of which every step is drawn and fetched, with the levels learned in.
Not alike: JaxUED's PLR⊥ decides by chance what an update does, ours spaces it evenly; its teacher looks at the map
through 128 convolutions into an LSTM, ours through two layers: that is most of what PAIRED's ratio measures.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

PEER = Path(__file__).with_name("ued_peer.py")
STEPS = 32 * 256
"""Of one batch."""
MAZES = 8
"""Held-out ones that every call ends in."""


def train(method: str, updates: int, calls: int, compiled: Path) -> dict[str, Any]:
    """Ours, in this process: seconds of each call of `updates` updates; the first compiles."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from wunderkammer.domains.paired.held_out import held_out
    from wunderkammer.domains.paired.methods import method as method_of
    from wunderkammer.domains.paired.school import school_of
    from wunderkammer.domains.paired.settings import TrainingSettings
    from wunderkammer.domains.paired.training import run_block
    from wunderkammer.learners.compilation import keep_compiled
    from wunderkammer.learners.evaluation import trace

    began = time.perf_counter(), time.process_time()
    keep_compiled(compiled)
    # The peer learns from four of five batches of PLR⊥ once its buffer is half full; ours is filled to begin with.
    # Its teacher takes 50 actions a level: ours goal, agent, and 48 walls.
    settings = TrainingSettings(
        method=method,
        walls=25,
        replay=0.8,
        filled=0.0,
        updates=updates * calls,
        report=updates,
        test=updates,
        built=48,
        teacher_entropy=1e-3,
    )
    school = school_of(settings)
    school = replace(school, ppo=replace(school.ppo, anneal=settings.updates))
    chosen, seed = method_of(school), jax.random.key(0)
    mazes = jax.tree.map(lambda leaf: leaf[:MAZES], held_out(settings).levels)

    @partial(jax.jit, donate_argnums=0)
    def call(state: Any, turn: jax.Array) -> tuple[Any, Any]:
        state, figures = run_block(chosen, updates, seed, state, turn)
        episodes, found = trace(school.world, school.network, chosen.student(state), seed, mazes)
        begun = jax.vmap(lambda level: school.world.reset_to_level(seed, level)[0])(chosen.levels(state))
        drawn = jax.vmap(jax.vmap(school.world.render))(episodes), jax.vmap(school.world.render)(begun)
        return state, (figures, found, drawn)

    state, rows = jax.jit(chosen.init)(seed), []
    for number in range(calls):
        state, told = call(state, jnp.int32(number * updates))
        jax.tree.map(np.asarray, told)
        now = time.perf_counter(), time.process_time()
        steps = sum(chosen.cost(turn) for turn in range(number * updates, (number + 1) * updates))
        rows.append({"wall": now[0] - began[0], "cpu": now[1] - began[1], "steps": steps})
        began = now
    return summary(rows)


def summary(rows: list[dict[str, float]]) -> dict[str, Any]:
    """The first call, and steps a second of the fastest of the others."""
    later = rows[1:]
    return {
        "first_wall": rows[0]["wall"],
        "first_cpu": rows[0]["cpu"],
        "per_s": max(row["steps"] / row["wall"] for row in later),
        "per_cpu_s": max(row["steps"] / row["cpu"] for row in later),
    }


def child(*command: object) -> dict[str, Any]:
    """The last line of a program's output."""
    told = subprocess.run([sys.executable, *map(str, command)], capture_output=True, text=True, check=True).stdout
    return json.loads(told.strip().splitlines()[-1])


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--source", type=Path, help="a clone of JaxUED")
    options.add_argument("--methods", nargs="+", default=["dr", "robust-plr"])
    options.add_argument("--updates", type=int, default=4, help="in one call")
    options.add_argument("--calls", type=int, default=4)
    options.add_argument("--rounds", type=int, default=2)
    options.add_argument("--one", help=argparse.SUPPRESS)
    options.add_argument("--compiled", type=Path, help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(train(given.one, given.updates, given.calls, given.compiled)))
        return
    sizes = ("--updates", given.updates, "--calls", given.calls)
    for method in given.methods:
        rows: dict[str, list[dict[str, Any]]] = {"ours": [], "again": [], "theirs": []}
        for _ in range(given.rounds):
            with tempfile.TemporaryDirectory() as compiled:
                ours = (__file__, "--one", method, "--compiled", compiled, *sizes)
                rows["ours"].append(child(*ours))
                if given.source:
                    rows["theirs"].append(child(PEER, given.source, method, *sizes))
                rows["again"].append(child(*ours))
        print(method)
        for name, found in rows.items():
            if found:
                told = {figure: round(median(row[figure] for row in found), 1) for figure in found[0]}
                print(f"  {name:7}", json.dumps(told))
        if given.source:
            ours_, theirs = (rows[name] for name in ("ours", "theirs"))
            for figure in ours_[0]:
                ratios = [a[figure] / b[figure] for a, b in zip(ours_, theirs, strict=True)]
                print(f"  ours / theirs, {figure}: {median(ratios):.2f} ({min(ratios):.2f} to {max(ratios):.2f})")


if __name__ == "__main__":
    main()
