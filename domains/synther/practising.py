"""One policy learned from rows alone, real or made, and what it returns in the true world."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.synther.data import noisy, rows_of, world_of
from wunderkammer.domains.synther.examining import examine, normalised
from wunderkammer.domains.synther.settings import MADE_OF, SyntherSettings
from wunderkammer.learners import weights
from wunderkammer.learners.conduct import Tell, conduct
from wunderkammer.learners.experience import Transitions, joined
from wunderkammer.learners.offline import Iql, Offline, Studied, Td3Bc, act
from wunderkammer.worlds.world import Key


def practise(
    settings: SyntherSettings,
    full: Transitions,
    made: Transitions | None,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
) -> dict[str, Any]:
    """Learn, and leave `policy.safetensors` and `curve.json` in `out`; what the policy returns in the world.

    Raises:
        ConfigError: the diet has made rows in it, and there are none.
    """
    world, rows = world_of(settings.world), diet(settings, full, made)
    mean, deviation = rows.observation.mean(0), rows.observation.std(0) + 1e-3
    told = jax.tree.map(
        jnp.asarray,
        rows._replace(observation=(rows.observation - mean) / deviation, after=(rows.after - mean) / deviation),
    )
    learner = learner_of(settings)
    seed = jax.random.fold_in(jax.random.key(settings.seed), 5)
    learn = jax.jit(partial(learned, learner), static_argnums=4)

    def begin() -> Studied:
        return learner.start(seed, world.observations, world.actions)

    def block(at: Studied, turn: jax.Array, updates: int) -> tuple[Studied, dict[str, jax.Array]]:
        return learn(seed, told, at, turn, updates), {}

    at, _ = conduct(checkpoint, settings.id, begin, block, settings.updates, tell, now, "learning")
    returned = examine(world, lambda seen: act(at.actor, (seen - mean) / deviation), settings.starts)
    scale = json.dumps({"mean": mean.tolist(), "deviation": deviation.tolist()})
    weights.write(at.actor, out / "policy.safetensors", {"scale": scale})
    return {"returned": returned, "normalised": normalised(world, returned), "rows": rows.steps}


def diet(settings: SyntherSettings, full: Transitions, made: Transitions | None) -> Transitions:
    """The rows that are learned from."""
    if settings.diet in MADE_OF and made is None:
        raise ConfigError(f"diet {settings.diet}: there are no made rows")
    subset, _ = rows_of(full, settings.share, settings.seed)
    match settings.diet:
        case "subset":
            return subset
        case "full":
            return full
        case "noise":
            return joined(subset, noisy(subset, settings.made, settings.noise, settings.seed))
        case "synther":
            assert made is not None
            return joined(subset, made)
        case _:
            assert made is not None
            return made


def learner_of(settings: SyntherSettings) -> Offline:
    """The learner that the settings name."""
    kind: type[Td3Bc] | type[Iql] = Td3Bc if settings.learner == "td3bc" else Iql
    return kind(hidden=(settings.hidden,) * 2, batch=settings.lessons)


def learned(learner: Offline, seed: Key, rows: Transitions, at: Studied, turn: jax.Array, updates: int) -> Studied:
    """A block of updates, each on rows drawn anew."""

    def once(at: Studied, turn: jax.Array) -> tuple[Studied, None]:
        to_rows, to_update = jax.random.split(jax.random.fold_in(seed, turn))
        chosen = jax.random.randint(to_rows, (learner.batch,), 0, rows.reward.shape[0])
        return learner.update(to_update, at, jax.tree.map(lambda column: column[chosen], rows)), None

    return jax.lax.scan(once, at, turn + jnp.arange(updates))[0]
