"""A soft actor-critic that learns while it lives: from what it sees, or half of that and half of rows made of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import fmean
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.synther.data import limited, world_of
from wunderkammer.domains.synther.examining import examine, normalised
from wunderkammer.domains.synther.making import Sampler, drawn, generator
from wunderkammer.domains.synther.settings import SyntherSettings
from wunderkammer.learners import experience, sac, weights
from wunderkammer.learners.conduct import Tell, conduct
from wunderkammer.learners.diffusion.rows import RowDiffusion, Scale
from wunderkammer.learners.experience import Transitions
from wunderkammer.learners.sac import Playing, Sac
from wunderkammer.worlds.control import Control
from wunderkammer.worlds.world import Key


def live(
    settings: SyntherSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Live, and leave `policy.safetensors` and `curve.json` in `out`.

    Returns: `normalised` and `returned` at the end; `early`, the mean of the normalised return over all examinations,
    the first of which comes when the random steps are over.
    """
    world = world_of(settings.world)
    learner = Sac(hidden=(settings.hidden,) * 2, first=settings.dawn, batch=settings.lessons, updates=settings.ratio)
    seed = jax.random.fold_in(jax.random.key(settings.seed), 11)
    play = jax.jit(partial(_played, learner, world), static_argnums=4)
    diffusion = generator(settings, settings.lifetime, 2 * world.observations + world.actions + 2)
    dream = Dream(diffusion, jax.jit(diffusion.learn, static_argnums=4), jax.jit(diffusion.sample, static_argnums=2))

    def begin() -> Playing:
        return learner.start(seed, world, settings.lifetime)

    def block(at: Playing, turn: jax.Array, steps: int) -> tuple[Playing, dict[str, jax.Array]]:
        made = None
        if settings.diet == "lived-synther" and int(turn) >= settings.dawn:
            key = jax.random.fold_in(jax.random.fold_in(seed, 12), turn)
            made = dream.of(key, at.replay, int(turn), settings.made, world)
        at = play(seed, at, made, turn, steps)
        found = examine(world, partial(sac.act, at.learned.actor), settings.starts)
        return at, {"returned": jnp.float32(found), "normalised": jnp.float32(normalised(world, found))}

    words = "living"
    at, rows = conduct(
        checkpoint, settings.id, begin, block, settings.lifetime, tell, now, words, most=settings.renewed
    )
    (out / "curve.json").write_text(json.dumps(rows), "utf-8")
    weights.write(at.learned.actor, out / "policy.safetensors", {})
    awake = [row["normalised"] for row in rows if row["turn"] >= settings.dawn]
    return {"early": fmean(awake), "normalised": rows[-1]["normalised"], "returned": rows[-1]["returned"]}


def _played(
    learner: Sac, world: Control, seed: Key, at: Playing, made: Transitions | None, turn: jax.Array, steps: int
) -> Playing:
    """A block of steps."""

    def once(at: Playing, turn: jax.Array) -> tuple[Playing, None]:
        return learner.play(jax.random.fold_in(seed, turn), world, at, made)[0], None

    return jax.lax.scan(once, at, turn + jnp.arange(steps))[0]


@dataclass(frozen=True)
class Dream:
    """A generator with its programs compiled."""

    diffusion: RowDiffusion
    learn: Callable[..., Any]
    sample: Sampler

    def of(self, key: Key, replay: Transitions, count: int, made: int, world: Control) -> Transitions:
        """So many rows made of the first `count` of a replay, by weights that begin from nothing."""
        table = Transitions(*map(np.asarray, replay)).table()
        scale = Scale.of(table[:count], 1)
        at, there = self.diffusion.start(jax.random.fold_in(key, 1)), jnp.asarray(scale.there(table))
        at, _ = self.learn(key, at, there, jnp.int32(0), self.diffusion.steps, jnp.int32(count))
        rows = scale.back(drawn(self.sample, at.average, jax.random.fold_in(key, 2), made))
        return Transitions(*map(jnp.asarray, limited(experience.of_table(rows, world.observations, world.actions))))
