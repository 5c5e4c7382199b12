"""How good made rows are: like the real ones column by column and pair by pair, true to the world, and not copies."""

from __future__ import annotations

from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.stats import ks_2samp

from wunderkammer.learners.experience import Transitions
from wunderkammer.worlds.control import Control

LOOKED_AT = 4000
"""Rows that neighbours are looked for of."""
Table = NDArray[np.float32]


class Untruth(NamedTuple):
    """What the true world says of rows that claim to come from it: medians over rows of what the next observation and
    the reward are off by, in deviations of the real ones."""

    dynamics: float
    reward: float


def marginal(real: Table, made: Table) -> float:
    """In [0, 1]: one minus the Kolmogorov-Smirnov distance, mean over columns."""
    apart = [ks_2samp(one, other).statistic for one, other in zip(real.T, made.T, strict=True)]
    return float(1 - np.mean(apart))


def correlation(real: Table, made: Table) -> float:
    """In [0, 1]: one minus half of what correlations differ by, mean over pairs of columns that change at all."""
    changing = (real.std(0) > 1e-6) & (made.std(0) > 1e-6)
    if changing.sum() < 2:
        return 1.0
    first, second = (np.corrcoef(table[:, changing], rowvar=False) for table in (real, made))
    pairs = np.triu_indices(int(changing.sum()), 1)
    return float(1 - np.abs(np.asarray(first) - np.asarray(second))[pairs].mean() / 2)


def untruth(world: Control, real: Transitions, made: Transitions) -> Untruth:
    """Each made observation and action, tried in the true world. real: rows whose deviations are the units."""
    tried = jax.jit(jax.vmap(lambda seen, action: world.step(world.restore(seen), action)))
    found = tried(made.observation, made.action)
    seen = np.abs(np.asarray(found.observation) - made.after) / np.maximum(real.after.std(0), 1e-6)
    reward = np.abs(np.asarray(found.reward) - made.reward) / max(float(real.reward.std()), 1e-6)
    return Untruth(float(np.median(seen.mean(1))), float(np.median(reward)))


def apartness(learned: Table, fresh: Table, made: Table) -> dict[str, float]:
    """Whether made rows are copies: `novelty`, the median distance of made rows to the nearest learned one over that of
    fresh real rows (1: as new as those), and `copies`, the share of made rows that are nearer to a learned one than all
    but 1 % of fresh real rows are (.01: no more than chance). In deviations of the learned columns.

    learned, fresh, made: (n, columns); fresh rows are real ones that were not learned from.
    """
    deviation = np.where(learned.std(0) > 1e-6, learned.std(0), 1.0)
    tree = cKDTree(learned / deviation)
    real, _ = tree.query(fresh[:LOOKED_AT] / deviation)
    own, _ = tree.query(made[:LOOKED_AT] / deviation)
    return {
        "novelty": float(np.median(own) / max(float(np.median(real)), 1e-9)),
        "copies": float((own < np.quantile(real, 0.01)).mean()),
    }


def quality(
    world: Control | None, learned: Transitions, real: Transitions, fresh: Transitions, made: Transitions
) -> dict[str, float]:
    """All figures. world: None where the true one is not known. real: what they are held against. fresh: those of them
    that were not learned from; there may be none."""
    tables = real.table(), made.table()
    figures = {"marginal": marginal(*tables), "correlation": correlation(*tables)}
    if world is not None:
        off = untruth(world, real, made)
        figures |= {"dynamics": off.dynamics, "reward_error": off.reward}
    if fresh.steps:
        figures |= apartness(learned.table(), fresh.table(), made.table())
    return figures
