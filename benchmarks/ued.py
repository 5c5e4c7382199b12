"""Training on mazes beside JaxUED: rollout and update, 32 environments x 256 steps, LSTM-256, 5 epochs, one device.

    python benchmarks/ued.py --source CLONE_OF_JAXUED            # ours and theirs, taking turns
    python benchmarks/ued.py                                     # ours alone

Wanted: steps a second at least 1.5 times JaxUED's for DR and PLR⊥, and 10 times for PAIRED (`--methods paired`, both
students counted; with `--updates 1 --calls 2` where time is short: one of its updates takes over a minute of CPU);
compile and first run at most half of its; a second start from the cache of compiled programs under 5 s. Told as ratios,
of wall time and of CPU time, because the machine may be shared: each row is one process, and rows take turns.

Not alike yet: JaxUED's program examines its student once a call, in eight mazes of 250 steps, and draws them; ours here
does not. That favours ours, the more the fewer updates a call has.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median
from typing import Any

PEER = Path(__file__).with_name("ued_peer.py")
STEPS = 32 * 256
"""Of one batch."""


def train(method: str, updates: int, calls: int, compiled: Path) -> dict[str, Any]:
    """Ours, in this process: seconds of each call of `updates` updates; the first compiles."""
    import jax
    import jax.numpy as jnp

    from wunderkammer.domains.paired.settings import TrainingSettings
    from wunderkammer.domains.paired.training import Training
    from wunderkammer.learners.compilation import keep_compiled

    began = time.perf_counter(), time.process_time()
    keep_compiled(compiled)
    # The peer learns from four of five batches of PLR⊥ once its buffer is half full; ours is filled to begin with.
    # Its teacher takes 50 actions a level: ours goal, agent, and 48 walls.
    settings = TrainingSettings(
        method=method, replay=0.8, filled=0.0, report=updates, updates=updates * calls, test=updates, built=48,
        teacher_entropy=1e-3,
    )  # fmt: skip
    training = Training(settings, time.monotonic)
    state = training.begin()
    jax.block_until_ready(state)
    rows = []
    for call in range(calls):
        state, figures = training._run(training.seed, state, jnp.int32(call * updates))
        jax.block_until_ready(figures)
        now = time.perf_counter(), time.process_time()
        steps = training.steps[(call + 1) * updates - 1] - (training.steps[call * updates - 1] if call else 0)
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
