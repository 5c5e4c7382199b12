"""Rows made of rows: a diffusion learns a data set, makes as many as are wanted, and is examined (Lu et al. 2023)."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.synther.clouds import clouds
from wunderkammer.domains.synther.data import limited, noisy, rows_of, world_of
from wunderkammer.domains.synther.quality import quality, untruth
from wunderkammer.domains.synther.settings import CLOUDS, MADE, Generating, Source, SyntherSettings
from wunderkammer.learners import experience, weights
from wunderkammer.learners.conduct import Tell, conduct
from wunderkammer.learners.diffusion.denoiser import Denoiser
from wunderkammer.learners.diffusion.edm import Edm
from wunderkammer.learners.diffusion.rows import RowDiffusion, Scale, Training
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.experience import Transitions

GENERATOR = "generator.safetensors"
NARROW, WIDE, MANY = 256, 1_024, 800_000
"""Rows of a training step, rows of one where there are many, and how many that is (Lu et al. 2023)."""
AT_ONCE = 5_000
"""Rows that are made together."""
Sampler = Callable[[Params, jax.Array, int], jax.Array]
"""A compiled `RowDiffusion.sample`."""
WORDS = "learning what rows look like"


def make(
    settings: SyntherSettings,
    full: Transitions,
    source: Source,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
) -> dict[str, Any]:
    """Learn the source, and leave `made.npz`, `generator.safetensors`, `clouds.svg` and `curve.json` in `out`.

    Returns how good the rows are, and how good noisy copies of the same rows would be."""
    world = world_of(settings.world)
    learned, fresh = (full, full.at(slice(0))) if source == "full" else rows_of(full, settings.share, settings.seed)
    made, curve = upsample(settings, settings.seed, settings.id, learned, checkpoint, out, tell, now)
    experience.write(made, out / MADE)
    (out / "curve.json").write_text(json.dumps(curve), "utf-8")
    copies = noisy(learned, made.steps, settings.noise, settings.seed)
    shown = {f"learned from: {learned.steps} rows": learned, "made": made, "noisy copies": copies, "all real": full}
    (out / CLOUDS).write_text(clouds(shown), "utf-8")
    off = untruth(world, full, copies)
    return {
        "made": made.steps,
        "learned": learned.steps,
        **quality(world, learned, full, fresh, made),
        "noise_dynamics": off.dynamics,
        "noise_reward_error": off.reward,
    }


def upsample(
    settings: Generating,
    seed: int,
    preset: str,
    learned: Transitions,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
) -> tuple[Transitions, list[dict[str, float]]]:
    """Rows like those learned from, as many as `made` says, and the curve of the training. The generator stays in
    `out`. preset: of everything that decides what is learned."""
    table = learned.table()
    scale = Scale.of(table, 1)
    diffusion = generator(settings, *table.shape)
    key, there = jax.random.fold_in(jax.random.key(seed), 7), jnp.asarray(scale.there(table))
    learn = jax.jit(diffusion.learn, static_argnums=4)

    def begin() -> Training:
        return diffusion.start(jax.random.fold_in(key, 1))

    def block(at: Training, turn: jax.Array, steps: int) -> tuple[Training, dict[str, jax.Array]]:
        at, loss = learn(key, at, there, turn, steps)
        return at, {"loss": loss}

    at, curve = conduct(checkpoint, preset, begin, block, settings.steps, tell, now, WORDS)
    weights.write(at.average, out / GENERATOR, {"scale": json.dumps([part.tolist() for part in scale])})
    rows = scale.back(
        drawn(jax.jit(diffusion.sample, static_argnums=2), at.average, jax.random.fold_in(key, 2), settings.made, tell)
    )
    return limited(experience.of_table(rows, learned.observation.shape[1], learned.action.shape[1])), curve


def generator(settings: Generating, rows: int, columns: int) -> RowDiffusion:
    """What the settings describe, for tables of so many rows and columns."""
    denoiser = Denoiser(columns, settings.width, settings.layers)
    batch = settings.batch or (WIDE if rows >= MANY else NARROW)
    return RowDiffusion(denoiser, Edm(steps=settings.heun), settings.steps, batch, settings.rate)


def drawn(
    sample: Sampler, params: Params, key: jax.Array, count: int, tell: Tell = lambda *_, **__: None
) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
    """(count, columns): standardised rows, some thousand at once."""
    size = min(AT_ONCE, count)
    parts = []
    for turn in range(-(-count // size)):
        parts.append(np.asarray(sample(params, jax.random.fold_in(key, turn), size)))
        tell(min((turn + 1) * size, count), count, "making rows")
    return np.concatenate(parts)[:count]
