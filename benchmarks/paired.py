"""PAIRED's training speed beside JaxUED's: the same machine, the same batch, the same students, one after the other.

    python benchmarks/paired.py --jaxued CHECKOUT --updates 2 --out paired.json

CHECKOUT is a copy of github.com/DramaCow/jaxued; nothing of it is needed for anything else, and its metrics service is
replaced by a stopwatch. Both sides: 32 environments × 256 steps for each of two students with LSTM-256, 5 epochs, and
teachers that take 50 actions a level. Ours uses the teacher network that is our default. JaxUED examines its student
within the program that trains it; it is told to do so once a call, in one maze, and what that costs is counted.

Figures: student steps per second, both students counted, by the clock and per second of CPU; on a busy machine the
second is the one to compare. `first_s` is the first call, compiling included; compile cost is what it has above the
later ones. Stated before the first run: at least 10 × the steps per second, and at most half of the first call.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

ENVS, STEPS, ACTIONS = 32, 256, 50
PER_UPDATE = 2 * ENVS * STEPS
THEIRS = {
    "project": "", "run_name": "", "group_name": "", "seed": 0, "mode": "train", "checkpoint_save_interval": 0,
    "eval_freq": 1, "eval_num_attempts": 1, "eval_levels": ["SixteenRooms"], "num_train_envs": ENVS,
    "student_num_steps": STEPS, "student_lr": 1e-4, "student_max_grad_norm": 0.5, "student_num_minibatches": 1,
    "student_gamma": 0.995, "student_epoch_ppo": 5, "student_clip_eps": 0.2, "student_gae_lambda": 0.98,
    "student_entropy_coeff": 1e-3, "student_critic_coeff": 0.5, "adv_random_z_dimension": 16,
    "adv_zero_out_random_z": True, "adv_num_steps": ACTIONS, "adv_lr": 1e-4, "adv_max_grad_norm": 0.5,
    "adv_num_minibatches": 1, "adv_gamma": 0.995, "adv_epoch_ppo": 5, "adv_clip_eps": 0.2, "adv_gae_lambda": 0.98,
    "adv_entropy_coeff": 1e-3, "adv_critic_coeff": 0.5, "agent_view_size": 5,
}  # fmt: skip
"""Its defaults, but for how often it examines. Its flag for zeroing the noise is inverted: True leaves the noise on."""


class Stopwatch:
    """Times of calls, by the clock and of the CPU."""

    def __init__(self) -> None:
        self.marks = [(time.perf_counter(), time.process_time())]

    def mark(self, *_: object) -> None:
        """A call has ended."""
        self.marks.append((time.perf_counter(), time.process_time()))

    def figures(self) -> dict[str, float]:
        """Of the first call, and means of the later ones."""
        calls = [(b[0] - a[0], b[1] - a[1]) for a, b in zip(self.marks, self.marks[1:], strict=False)]
        clock, cpu = (sum(call[which] for call in calls[1:]) / (len(calls) - 1) for which in (0, 1))
        return {
            "first_s": calls[0][0],
            "first_cpu_s": calls[0][1],
            "compile_cpu_s": calls[0][1] - cpu,
            "steps_per_s": PER_UPDATE / clock,
            "steps_per_cpu_s": PER_UPDATE / cpu,
        }


def ours(updates: int, form: str, method: str) -> dict[str, float]:
    """Our method, called once per update, as the study's job does it for several."""
    import jax

    from wunderkammer.domains.paired.methods import method as method_of
    from wunderkammer.domains.paired.school import school_of
    from wunderkammer.domains.paired.settings import TrainingSettings

    settings = TrainingSettings(
        method=method, envs=ENVS, steps=STEPS, built=ACTIONS - 2, form=form, entropy=1e-3, teacher_entropy=1e-3
    )
    training, watch = method_of(school_of(settings)), Stopwatch()
    update = jax.jit(training.update, donate_argnums=1)
    state = jax.jit(training.init)(jax.random.key(0))
    for turn in range(1 + updates):
        state, figures = update(jax.random.key(turn), state, turn)
        jax.block_until_ready(figures)
        watch.mark()
    return watch.figures()


def theirs(checkout: Path, updates: int) -> dict[str, float]:
    """JaxUED's script, whose reports go to a stopwatch."""
    watch = Stopwatch()
    sys.path.insert(0, str(checkout / "src"))
    sys.modules["wandb"] = _metrics(watch.mark)
    script = spec_from_file_location("maze_paired", checkout / "examples" / "maze_paired.py")
    assert script is not None
    assert script.loader is not None
    module = module_from_spec(script)
    script.loader.exec_module(module)
    module.main({**THEIRS, "num_updates": 1 + updates})
    return watch.figures()


def _metrics(report: Callable[..., None]) -> ModuleType:
    """What the script needs of its metrics service."""
    service = ModuleType("wandb")

    def init(config: dict[str, Any], **_: object) -> None:
        service.config = config  # type: ignore[attr-defined]

    for name, function in {"init": init, "log": report, "define_metric": _nothing, "Image": _nothing}.items():
        setattr(service, name, function)
    service.Video = _nothing  # type: ignore[attr-defined]
    return service


def _nothing(*_: object, **__: object) -> None:
    return None


def in_a_process_of_its_own(side: str, arguments: argparse.Namespace) -> dict[str, float]:
    """One side, measured where nothing else has been compiled."""
    command = [sys.executable, __file__, "--side", side, "--updates", str(arguments.updates)]
    command += ["--form", arguments.form, "--method", arguments.method]
    if arguments.jaxued:
        command += ["--jaxued", str(arguments.jaxued)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    return json.loads(done.stdout.splitlines()[-1])  # type: ignore[no-any-return]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--jaxued", type=Path, help="its checkout; without it only ours is measured")
    parser.add_argument("--updates", type=int, default=2, help="after the first")
    parser.add_argument("--form", choices=("plain", "recurrent"), default="plain", help="our teacher's network")
    parser.add_argument("--method", choices=("paired", "paired-stable", "minimax"), default="paired")
    parser.add_argument("--side", choices=("ours", "theirs"), help="measure one side in this process")
    parser.add_argument("--out", type=Path)
    arguments = parser.parse_args()
    if arguments.side == "ours":
        print(json.dumps(ours(arguments.updates, arguments.form, arguments.method)))
        return
    if arguments.side == "theirs":
        print(json.dumps(theirs(arguments.jaxued, arguments.updates)))
        return
    sides = ["ours", "theirs"] if arguments.jaxued else ["ours"]
    found = {side: in_a_process_of_its_own(side, arguments) for side in sides}
    print(json.dumps(found, indent=2))
    if len(found) == 2:
        for name in found["ours"]:
            print(f"{name}: ours / theirs = {found['ours'][name] / found['theirs'][name]:.2f}")
    if arguments.out:
        arguments.out.write_text(json.dumps(found, indent=2), "utf-8")


if __name__ == "__main__":
    main()
