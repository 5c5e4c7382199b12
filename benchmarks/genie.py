"""Worlds learned from video: the time of a training step against tinyworlds, and what rounds of sampling are worth.

    python benchmarks/genie.py steps --source CLONE_OF_TINYWORLDS [--device cuda --bf16 --compiled]
    python benchmarks/genie.py sampling WORLD --film FOLDER

`steps` builds each part twice at equal sizes (patch, width, heads, layers, feed-forward weights, about 1,000 codes) and
takes turns: a step of ours, a step of theirs, on the same batch, forward, backward and fused AdamW. Ours also clips the
gradient, settles the codebook and averages the weights. Neither counts loading clips; the dynamics of both begin with
tokens. On a processor seconds of CPU count, since other programs run beside. The peer needs einops.

`sampling` takes a trained world: rounds of MaskGIT per frame against decibels of the fourth frame and frames a second.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import torch
from torch.utils.flop_counter import FlopCounterMode

from wunderkammer.learners.video.course import Course, Machine, Schedule
from wunderkammer.learners.video.settings import WorldSettings
from wunderkammer.learners.video.squares import Squares
from wunderkammer.learners.video.world_model import WorldModel

PARTS = ("tokenizer", "action_model", "dynamics")
SCHEDULE = Schedule(steps=10_000, batch=0, rate=1e-3, warmup=100)
Step = Callable[[], object]


def ours(world: WorldModel, part: str, clips: torch.Tensor, machine: Machine) -> Step:
    """A training step of one of our parts on one batch."""
    with torch.no_grad():
        codes, actions = world.tokenizer.encode(clips), world.action_model.infer(clips)
    teach = {
        "tokenizer": lambda frames, _: world.tokenizer.lesson(frames),
        "action_model": world.action_model.lesson,
        "dynamics": lambda _, dice: world.dynamics.lesson(codes, actions, dice),
    }
    course = Course(part, getattr(world, part).train(), teach[part], SCHEDULE, machine)
    turn = iter(range(10_000))
    return lambda: course.step(next(turn), clips, 0)


def theirs(source: Path, settings: WorldSettings, part: str, clips: torch.Tensor, machine: Machine) -> Step:
    """A training step of the peer's part, as its scripts make it, with its own optimiser."""
    sys.path.insert(0, str(source))
    from models.dynamics import DynamicsModel
    from models.latent_actions import LatentActionModel
    from models.video_tokenizer import VideoTokenizer
    from utils.optimizer_utils import create_optimizer

    side = (settings.side, settings.side)
    sizes = {"embed_dim": settings.width, "num_heads": settings.heads, "hidden_dim": 4 * settings.width}
    frames = clips.permute(0, 1, 4, 2, 3).float() / 127.5 - 1
    batch, time_, tokens = *clips.shape[:2], settings.tokens
    codes = torch.randint(4, (batch, time_, tokens, 5), device=clips.device)
    latents = codes.float() * 2 / 3 - 1
    targets = (codes * 4 ** torch.arange(5, device=clips.device)).sum(-1)
    actions = torch.randint(2, (batch, time_ - 1, 3), device=clips.device).float() * 2 - 1
    coders = {"num_blocks": settings.coder_layers, **sizes}
    model, call = {
        "tokenizer": lambda: (
            VideoTokenizer(side, settings.patch, latent_dim=5, num_bins=4, **coders),
            lambda it: it(frames)[0],
        ),
        "action_model": lambda: (
            LatentActionModel(side, 8, settings.action_patch, **coders),
            lambda it: it(frames)[0],
        ),
        "dynamics": lambda: (
            DynamicsModel(side, settings.patch, num_blocks=settings.layers, conditioning_dim=3, **sizes),
            lambda it: it(latents, conditioning=actions, targets=targets)[2],
        ),
    }[part]()
    model = model.to(clips.device).train()
    optimisers = create_optimizer(model, SimpleNamespace(learning_rate=1e-3, optimizer="adamw"))
    loss_of = machine.ready(lambda: call(model))

    def step() -> None:
        with machine.numbers():
            loss = loss_of()
        loss.backward()
        for optimiser in optimisers:
            optimiser.step()
            optimiser.zero_grad(set_to_none=True)

    step.parameters = sum(weight.numel() for weight in model.parameters())  # type: ignore[attr-defined]  # noted on it
    return step


def seconds(step: Step, device: str, count: int) -> float:
    """Of one of `count` steps: of CPU, or until the GPU is done."""
    if device == "cuda":
        torch.cuda.synchronize()
        began = time.perf_counter()
    else:
        began = time.process_time()
    for _ in range(count):
        step()
    if device == "cuda":
        torch.cuda.synchronize()
        return (time.perf_counter() - began) / count
    return (time.process_time() - began) / count


def operations(step: Step) -> int:
    """Floating point operations of a step, multiplications and additions of matrices alone."""
    with FlopCounterMode(display=False) as counter:
        step()
    return int(counter.get_total_flops())


def compare(given: argparse.Namespace) -> None:
    """The table of training steps."""
    sizes = {name: getattr(given, name) for name in ("side", "patch", "width", "heads", "layers", "frames")}
    settings = WorldSettings(**sizes, action_patch=given.patch, codes=1024)
    machine, plain = Machine(given.device, given.bf16, given.compiled), Machine(given.device, given.bf16)
    clips = torch.from_numpy(next(Squares(given.side).batches(0, given.batch, given.frames))).to(given.device)
    torch.manual_seed(0)
    rows = []
    for part in PARTS:
        flops = operations(ours(WorldModel(settings).to(given.device), part, clips, plain))
        world = WorldModel(settings).to(given.device)
        steps = {"ours": ours(world, part, clips, machine)}
        counts = {"ours": sum(weight.numel() for weight in getattr(world, part).parameters())}
        if given.source:
            steps["tinyworlds"] = theirs(given.source, settings, part, clips, machine)
            counts["tinyworlds"] = steps["tinyworlds"].parameters  # type: ignore[attr-defined]  # as noted
        for step in steps.values():  # the first are slower: compilation, memory, moments of the optimiser
            seconds(step, given.device, 3)
        found: dict[str, list[float]] = {name: [] for name in steps}
        for _ in range(given.turns):
            for name, step in steps.items():
                found[name].append(seconds(step, given.device, given.count))
        median = {name: statistics.median(times) for name, times in found.items()}
        row: dict[str, Any] = {"part": part, "parameters": counts, "ms": {n: 1e3 * s for n, s in median.items()}}
        row["ms_range"] = {name: [1e3 * min(times), 1e3 * max(times)] for name, times in found.items()}
        row["tokens_per_s"] = given.batch * given.frames * settings.tokens / median["ours"]
        if given.peak:
            row["share_of_peak"] = flops / median["ours"] / given.peak
        rows.append(row)
        print(json.dumps(row), flush=True)
    print(f"\n{'part':<14}{'ours, ms':>10}{'tinyworlds':>12}{'times':>8}")
    for row in rows:
        ms = row["ms"]
        other = ms.get("tinyworlds", float("nan"))
        print(f"{row['part']:<14}{ms['ours']:>10.1f}{other:>12.1f}{other / ms['ours']:>8.2f}")


def sample(given: argparse.Namespace) -> None:
    """The table of rounds."""
    from wunderkammer.domains.genie import intervals, likeness
    from wunderkammer.worlds.film.film import Film

    world = WorldModel.load(given.world, given.device)
    held = Film(given.film).held_out(given.clips, 5, split="validation")
    clips, first = torch.from_numpy(held.frames), held.frames[:, 0]
    actions = world.infer(clips)
    print(f"{'rounds':>6}{'temperature':>13}{'PSNR4, dB':>11}{'95 %':>16}{'frames/s':>10}")
    copied = intervals.mean(likeness.decibels(first, held.frames[:, -1]), held.levels)
    print(f"{'copy':>6}{'':>13}{copied.value:>11.2f}{copied.low:>8.2f}{copied.high:>8.2f}")
    for steps in given.rounds:
        for heat in given.temperatures:
            dice = torch.Generator(world.device).manual_seed(0)
            rolled = world.rollout(clips[:, :1], actions, dice, steps=steps, temperature=heat)
            found = intervals.mean(likeness.decibels(rolled[:, -1].cpu().numpy(), held.frames[:, -1]), held.levels)
            speed = pace(world, first[0], steps, heat)
            print(
                f"{steps:>6}{heat:>13g}{found.value:>11.2f}{found.low:>8.2f}{found.high:>8.2f}{speed:>10.1f}",
                flush=True,
            )


def pace(world: WorldModel, frame: np.ndarray, steps: int, heat: float, count: int = 24) -> float:
    """Frames a second of one who plays, past the length of a window; by CPU seconds on a processor."""
    changed = WorldModel(world.settings.model_copy(update={"maskgit_steps": steps, "temperature": heat}))
    changed.load_state_dict(world.state_dict())
    session = changed.to(world.device).eval().start(frame)
    session.walk([0, 1])
    return 1 / seconds(lambda: session.step(1), world.device.type, count)


def main() -> None:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(required=True)
    steps = commands.add_parser("steps")
    steps.set_defaults(go=compare)
    steps.add_argument("--source", type=Path)
    steps.add_argument("--peak", type=float, help="operations a second of the device, for example 989e12")
    sizes = {"side": 32, "patch": 4, "width": 64, "heads": 4, "layers": 4, "frames": 16, "batch": 4}
    for name, default in {**sizes, "turns": 5, "count": 2, "threads": 1}.items():
        steps.add_argument(f"--{name}", type=int, default=default)
    for name in ("bf16", "compiled"):
        steps.add_argument(f"--{name}", action="store_true")
    sampling = commands.add_parser("sampling")
    sampling.set_defaults(go=sample)
    sampling.add_argument("world", type=Path)
    sampling.add_argument("--film", type=Path, required=True)
    sampling.add_argument("--clips", type=int, default=128)
    sampling.add_argument("--rounds", type=int, nargs="+", default=[1, 2, 4, 8, 16, 25])
    sampling.add_argument("--temperatures", type=float, nargs="+", default=[0.0, 0.5, 1.0, 2.0])
    sampling.add_argument("--threads", type=int, default=1)
    for command in (steps, sampling):
        command.add_argument("--device", default="cpu", choices=["cpu", "cuda"])
    given = options.parse_args()
    torch.set_num_threads(given.threads)
    torch.set_flush_denormal(True)
    given.go(given)


if __name__ == "__main__":
    main()
