"""What fewer steps of the sampler cost: quality of made rows and time, from the same generators.

    python benchmarks/made_rows.py --seeds 3
    python benchmarks/made_rows.py --seeds 3 --heun 16 128 --width 512

Each seed collects the pendulum's data anew and learns a generator of a twentieth of them, as `wunder study synther
--preset cpu` does; rows are then drawn from it with each number of steps. Nothing here chooses what the study uses.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from collections import defaultdict
from dataclasses import replace
from pathlib import Path
from statistics import fmean

import jax
import numpy as np

from wunderkammer.domains.synther.collecting import collect
from wunderkammer.domains.synther.data import limited, rows_of, world_of
from wunderkammer.domains.synther.making import GENERATOR, drawn, generator, upsample
from wunderkammer.domains.synther.quality import quality
from wunderkammer.domains.synther.settings import SyntherSettings
from wunderkammer.learners import experience, weights
from wunderkammer.learners.diffusion.rows import Scale

FIGURES = ("marginal", "correlation", "dynamics", "reward_error", "novelty", "copies", "seconds")


def main() -> None:
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--seeds", type=int, default=3)
    read.add_argument("--first", type=int, default=7100, help="the first seed")
    read.add_argument("--heun", type=int, nargs="+", default=[8, 16, 32, 64, 128], help="steps of the sampler")
    read.add_argument("--width", type=int, default=256)
    read.add_argument("--steps", type=int, default=10_000, help="of the generator's training")
    read.add_argument("--rows", type=int, default=10_000, help="that are made")
    asked = read.parse_args()
    found: dict[int, list[dict[str, float]]] = defaultdict(list)
    for seed in range(asked.first, asked.first + asked.seeds):
        settings = SyntherSettings(
            seed=seed, collector=128, width=asked.width, steps=asked.steps, rate=1e-3, made=asked.rows, heun=2
        )
        for heun, row in of_seed(settings, asked.heun):
            found[heun].append(row)
            print(seed, heun, {name: round(figure, 4) for name, figure in row.items()}, flush=True)
    print("\n| steps | " + " | ".join(FIGURES) + " |\n|" + "---|" * (len(FIGURES) + 1))
    for heun, rows in found.items():
        print(f"| {heun} | " + " | ".join(spread([row[name] for row in rows]) for name in FIGURES) + " |")


def of_seed(settings: SyntherSettings, steps: list[int]):
    """Steps and figures, one after the other."""
    with tempfile.TemporaryDirectory() as place:
        folder, quiet = Path(place), lambda *_, **__: None
        collect(settings, folder / "a", folder, quiet, time.monotonic)
        full = experience.read(folder / "replay.npz")
        learned, fresh = rows_of(full, settings.share, settings.seed)
        upsample(settings, settings.seed, settings.id, learned, folder / "b", folder, quiet, time.monotonic)
        table = learned.table()
        diffusion, scale = generator(settings, *table.shape), Scale.of(table, 1)
        params = weights.read(folder / GENERATOR, jax.eval_shape(diffusion.denoiser.init, jax.random.key(0)))
    world = world_of(settings.world)
    for heun in steps:
        own = replace(diffusion, edm=replace(diffusion.edm, steps=heun))
        sample = jax.jit(own.sample, static_argnums=2)
        drawn(sample, params, jax.random.key(1), settings.made)  # compiled before it is timed
        began = time.perf_counter()
        rows = scale.back(drawn(sample, params, jax.random.key(settings.seed), settings.made))
        seconds = time.perf_counter() - began
        made = limited(experience.of_table(rows, world.observations, world.actions))
        yield heun, {**quality(world, learned, full, fresh, made), "seconds": seconds}


def spread(values: list[float]) -> str:
    """The mean, and the least and the greatest."""
    return f"{fmean(values):.3g} ({min(values):.3g} to {np.max(values):.3g})"


if __name__ == "__main__":
    main()
