"""One meta-training from beginning to end: told as it goes, kept now and then, gone on with after a kill."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wunderkammer.domains.groove.drawing import SHOWN, sheet
from wunderkammer.domains.groove.settings import CURVE, LEVELS, OPTIMISER, PICTURE, GrooveSettings
from wunderkammer.domains.groove.training import MetaTrainer, State
from wunderkammer.learners import weights
from wunderkammer.learners.conduct import Tell, conduct
from wunderkammer.learners.encoder import Params

BLOCK, BLOCKS = 100, 20
"""The most windows of one call of the program; calls of a short training."""
SETTINGS = "settings"


def train(
    settings: GrooveSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Train an optimiser, and leave it in `out` with its curve and, as text and as a picture, the levels that were
    kept with the highest scores, or the last ones where none are kept.

    Killed at any moment and called again with the same checkpoint, it ends with the same optimiser.

    Raises:
        ConfigError: the checkpoint is of other settings.
    """
    trainer, seed = MetaTrainer(settings), jax.random.key(settings.seed)
    program = jax.jit(trainer.block, static_argnums=3)

    def begin() -> State:
        return jax.jit(trainer.begin)(jax.random.fold_in(seed, 0))

    def block(at: State, turn: jax.Array, windows: int) -> tuple[State, dict[str, jax.Array]]:
        return program(jax.random.fold_in(seed, 1), at, turn, windows)

    most = min(BLOCK, max(1, settings.windows // BLOCKS))
    at, rows = conduct(
        checkpoint, settings.id, begin, block, settings.windows, tell, now, "learning to teach", most=most
    )
    keep(settings, at.params, out / OPTIMISER)
    (out / CURVE).write_text(json.dumps(rows), "utf-8")
    _levels(trainer, at, out)
    last = rows[-1]
    late = rows[len(rows) // 2 :]
    return {
        "score": settings.score,
        "preset": settings.id,
        **{name: value for name, value in last.items() if name != "turn"},
        "life_return": float(np.mean([row["life_return"] for row in late])),
        "steps": settings.windows * settings.lives * settings.updates * settings.workers * settings.steps,
    }


def keep(settings: GrooveSettings, params: Params, file: Path) -> None:
    """An optimiser in a file, with the settings that it was trained with."""
    weights.write(params, file, {SETTINGS: settings.model_dump_json()})


def _levels(trainer: MetaTrainer, at: State, out: Path) -> None:
    """What is shown of the curriculum."""
    source = trainer.curriculum.levels
    scores = np.asarray(at.buffer.scores)
    kept = np.argsort(-scores)[: min(SHOWN, int(np.isfinite(scores).sum()))]
    found = jax.tree.map(lambda leaf: leaf[kept], at.buffer.levels) if len(kept) else at.courses
    count = min(SHOWN, len(jax.tree.leaves(found)[0]))
    levels = [jax.tree.map(lambda leaf: leaf[place], found.level) for place in range(count)]  # noqa: B023
    told = [f"[Level-{place + 1}]\n{source.text(level)}\n" for place, level in enumerate(levels)]
    (out / LEVELS).write_text("\n".join(told), "utf-8")
    (out / PICTURE).write_bytes(sheet(source.world, levels))
