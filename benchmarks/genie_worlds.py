"""What learned worlds are good for: an agent that learns inside one, and a search for frames that make worlds.

    python benchmarks/genie_worlds.py dream WORLD --film FOLDER [--python PYTHON-OF-PROCGEN] [-o updates=300 …]
    python benchmarks/genie_worlds.py search WORLD --film FOLDER [--frames 512] [--seeds 3]
    python benchmarks/genie_worlds.py pace

`dream` learns by PPO inside the world, and examines what was learned there and in the true game, in the same unseen
levels (`domains/genie/dreamer.py`). It holds when both are true of the 95 % intervals over levels, 3 seeds:

1. `gain`, the share of levels solved in the true game less that of latent actions by chance, has a lower end above .10;
2. `gap`, the share solved in the world less that in the true game, has an upper end below .25.

Beside it, without a threshold: the share of who learned in the true game for as many steps.

`search` spends equal numbers of evaluations on `genie-worlds` by edits (MAP-Elites) and on frames of the film as they
are. It holds when of the differences between the two, seed by seed and bootstrapped over seeds, both have a lower end
above 0:

1. the number of cells that are filled;
2. the sum of max(0, score) over cells.

Beside it, without a threshold: the share of elites that are new (newness of at least 2). The last line of each is
`holds` or `does not hold`; the exit code is 0 either way.

`pace` asks whether frames should be rolled out one after another or several at once: CPU milliseconds a frame of an
untrained world of the `cpu` size, one thread, 24 rollouts (one frame to begin from) and 96 (four) at once; and how many
frames a second one sees who plays for longer than a window.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from pathlib import Path

import numpy as np
import torch
from langgraph.runtime import RunControl

from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import Settings, checked, load
from wunderkammer.domains.genie.worlds_prompt import Prompt
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import entries

GAIN, GAP, NEW = 0.10, 0.25, 2.0
BATCH = 32


def dreamt(given: argparse.Namespace) -> None:
    """The first question."""
    from wunderkammer.domains.genie.dreamer import dream
    from wunderkammer.domains.genie.dreaming import DreamOptions
    from wunderkammer.learners.video.world_model import WorldModel
    from wunderkammer.worlds.film.film import Film
    from wunderkammer.worlds.film.recording import GameFilm

    options = checked(DreamOptions, dict(one.split("=", 1) for one in given.option), "-o")
    world, film = WorldModel.load(given.world), Film(given.film)
    source = GameFilm(film.manifest.source, 0, world.settings.side, python=given.python)
    found = dream(world, film, source, options, given.keep)
    print(found.model_dump_json(indent=1, exclude={"curves"}))
    _say(found.gain.low > GAIN and found.gap.high < GAP)


def searched(given: argparse.Namespace) -> None:
    """The second."""
    rows = []
    for seed in range(given.seeds):
        with tempfile.TemporaryDirectory() as home:
            ways = {name: asyncio.run(_run(given, Path(home) / name, name, seed)) for name in ("search", "film")}
        rows.append(ways)
        print(json.dumps(ways), flush=True)
    holds = True
    for figure in ("cells", "sum"):
        apart = np.array([row["search"][figure] - row["film"][figure] for row in rows])
        drawn = np.random.default_rng(0).choice(apart, (2000, len(apart))).mean(1)
        low, high = np.quantile(drawn, [0.025, 0.975])
        holds &= bool(low > 0)
        print(f"{figure}: search - film {apart.mean():.2f} [{low:.2f}, {high:.2f}]")
    _say(holds)


async def _run(given: argparse.Namespace, home: Path, name: str, seed: int) -> dict[str, float]:
    """One run: what its archive comes to."""
    steps = given.frames // BATCH
    options = {
        "world": str(given.world.resolve()),
        "film": str(given.film.resolve()),
        "forms": ["edits"],
        "seed": seed,
        "frames": max(given.frames, 256),
        "clips_from": 1e9,
    }
    plan = {"domain": "genie-worlds", "steps": steps, "batch": BATCH, "lag": 1, "seed": seed, "options": options}
    settings: Settings = load(home=home, embedder="hashed")
    run = new_run(make_plan({**plan, "seeds": given.frames if name == "film" else 2 * BATCH}), settings)
    ended = await Expedition(run, settings, lambda _: None, RunControl()).conduct()
    if ended.status != "finished":
        raise SystemExit(f"{name}: {ended.reason}")
    best: dict[tuple[str, ...], tuple[float, float]] = {}
    with opened(address_of(home)) as ledger:
        for entry in entries(ledger, find_run(ledger, run.id), Prompt):
            found = entry.outcome
            if found.cell is not None and found.score is not None:
                one = (found.score, found.measures["newness"])
                best[found.cell] = max(best.get(found.cell, one), one)
    return {
        "cells": float(len(best)),
        "sum": round(sum(max(0.0, score) for score, _ in best.values()), 3),
        "new": round(float(np.mean([new >= NEW for _, new in best.values()])), 3),
    }


def pace(_: argparse.Namespace) -> None:
    """The third."""
    import time

    from wunderkammer.learners.video.settings import WorldSettings
    from wunderkammer.learners.video.world_model import WorldModel

    world = WorldModel(WorldSettings()).eval()
    side = world.settings.side
    frames = torch.from_numpy(np.random.default_rng(0).integers(0, 256, (96, 1, side, side, 3), np.uint8))
    for count in (24, 96, 24, 96):
        began = time.process_time()
        world.rollout(frames[:count], torch.zeros(count, 4, dtype=torch.int64), torch.Generator().manual_seed(0))
        print(f"{count} at once: {1e3 * (time.process_time() - began) / count / 4:.1f} ms a frame")
    session = world.start(frames[0, 0])
    session.walk([0, 1])
    for _ in range(3):
        began = time.process_time()
        session.walk([0, 1, 2, 3] * 8)
        print(f"one who plays: {32 / (time.process_time() - began):.1f} frames a second")


def _say(holds: bool) -> None:
    print("holds" if holds else "does not hold")


def main() -> None:
    """Read the command line."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = options.add_subparsers(required=True)
    for name, go in (("dream", dreamt), ("search", searched)):
        one = commands.add_parser(name)
        one.set_defaults(go=go)
        one.add_argument("world", type=Path)
        one.add_argument("--film", type=Path, required=True)
        if name == "dream":
            one.add_argument("--python", type=Path, default=Path())
            one.add_argument("--keep", type=Path)
            one.add_argument("-o", "--option", action="append", default=[])
        else:
            one.add_argument("--frames", type=int, default=512)
            one.add_argument("--seeds", type=int, default=3)
    commands.add_parser("pace").set_defaults(go=pace)
    given = options.parse_args()
    torch.set_num_threads(1)
    given.go(given)


if __name__ == "__main__":
    main()
