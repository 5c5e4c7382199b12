"""Data for offline learners: the whole replay of a soft actor-critic that learns from nothing."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.synther.data import world_of
from wunderkammer.domains.synther.examining import examine, normalised
from wunderkammer.domains.synther.settings import REPLAY, SyntherSettings
from wunderkammer.learners import experience, sac
from wunderkammer.learners.conduct import Tell, conduct
from wunderkammer.learners.experience import Transitions
from wunderkammer.learners.sac import Playing, Sac
from wunderkammer.worlds.control import Control
from wunderkammer.worlds.world import Key


def collect(
    settings: SyntherSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Play and learn, and leave `replay.npz` and `curve.json` in `out`; what the last policy returns."""
    world = world_of(settings.world)
    learner = Sac(hidden=(settings.collector,) * 2, first=settings.explored)
    seed = jax.random.key(settings.seed)
    play = jax.jit(partial(_played, learner, world), static_argnums=3)

    def begin() -> Playing:
        return learner.start(seed, world, settings.collected)

    def block(at: Playing, turn: jax.Array, steps: int) -> tuple[Playing, dict[str, jax.Array]]:
        at, returned = play(seed, at, turn, steps)
        return at, {"returned": returned}

    at, rows = conduct(checkpoint, settings.id, begin, block, settings.collected, tell, now, "collecting")
    experience.write(Transitions(*map(np.asarray, at.replay)), out / REPLAY)
    (out / "curve.json").write_text(json.dumps(rows), "utf-8")
    returned = examine(world, partial(sac.act, at.learned.actor), settings.starts)
    return {"returned": returned, "normalised": normalised(world, returned), "rows": settings.collected}


def _played(
    learner: Sac, world: Control, seed: Key, at: Playing, turn: jax.Array, steps: int
) -> tuple[Playing, jax.Array]:
    """A block of steps, and the mean return of the episodes that ended in it."""

    def once(at: Playing, turn: jax.Array) -> tuple[Playing, jax.Array]:
        return learner.play(jax.random.fold_in(seed, turn), world, at)

    at, told = jax.lax.scan(once, at, turn + jnp.arange(steps))
    return at, jnp.nanmean(told)
