"""JaxUED's own example, run as it is for a few calls of its program; tells seconds as `ued.py` does.

    python benchmarks/ued_peer.py CLONE_OF_JAXUED dr --updates 4 --calls 4

Its example is a script that logs to Weights & Biases; a module of that name that only takes the time stands in for it.
"""

from __future__ import annotations

import argparse
import json
import runpy
import sys
import time
import types
from pathlib import Path
from typing import Any

from ued import STEPS, summary

EXAMPLES = {"dr": "maze_dr.py", "robust-plr": "maze_plr.py", "paired": "maze_paired.py"}


class Config(dict[str, Any]):
    """What `wandb.config` is to the example."""

    def as_dict(self) -> dict[str, Any]:
        return dict(self)


def watch(rows: list[dict[str, float]], steps: int) -> types.ModuleType:
    """A module that takes the time whenever the example logs."""
    module: Any = types.ModuleType("wandb")
    since = [time.perf_counter(), time.process_time()]

    def init(config: dict[str, Any], **_: object) -> Any:
        module.config = Config(config)
        return types.SimpleNamespace(config=module.config)

    def log(*_: object, **__: object) -> None:
        now = time.perf_counter(), time.process_time()
        rows.append({"wall": now[0] - since[0], "cpu": now[1] - since[1], "steps": float(steps)})
        since[:] = now

    module.init, module.log = init, log
    module.define_metric = lambda *_, **__: None
    module.Video = module.Image = lambda *_, **__: None
    return module


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("source", type=Path)
    options.add_argument("method", choices=EXAMPLES)
    options.add_argument("--updates", type=int, default=4)
    options.add_argument("--calls", type=int, default=4)
    given = options.parse_args()
    rows: list[dict[str, float]] = []
    students = 2 if given.method == "paired" else 1
    sys.modules["wandb"] = watch(rows, given.updates * students * STEPS)
    sys.path.insert(0, str(given.source / "src"))
    script = given.source / "examples" / EXAMPLES[given.method]
    sys.argv = [script.name, "--eval_freq", str(given.updates), "--num_updates", str(given.updates * given.calls)]
    sys.argv += ["--eval_num_attempts", "1", "--checkpoint_save_interval", "0"]
    if given.method == "robust-plr":
        sys.argv += ["--minimum_fill_ratio", "0.0"]
    if given.method == "paired":
        sys.argv += ["--adv_zero_out_random_z"]  # its flag is inverted: this leaves the teacher's noise on
    stdout, sys.stdout = sys.stdout, sys.stderr
    runpy.run_path(str(script), run_name="__main__")
    sys.stdout = stdout
    print(json.dumps(summary(rows)))


if __name__ == "__main__":
    main()
