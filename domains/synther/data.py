"""The data of a trial: what was collected, the part of it that is there to learn from, and noisy copies."""

from __future__ import annotations

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.synther.settings import WorldName
from wunderkammer.learners.experience import Transitions, of_table
from wunderkammer.worlds.control import Control
from wunderkammer.worlds.pendulum.world import Pendulum

WORLDS: dict[WorldName, Control] = {"pendulum": Pendulum()}


def world_of(name: WorldName) -> Control:
    """The world of this name."""
    return WORLDS[name]


def rows_of(full: Transitions, share: float, seed: int) -> tuple[Transitions, Transitions]:
    """A share of the rows, drawn by the seed, and the others."""
    order = np.random.default_rng((seed, 1)).permutation(full.steps)
    count = max(2, round(share * full.steps))
    return full.at(order[:count]), full.at(order[count:])


def noisy(found: Transitions, count: int, deviation: float, seed: int) -> Transitions:
    """So many copies with Gaussian noise on every column but the terminals. deviation: in those of the columns.

    Raises:
        ConfigError: there is nothing to copy.
    """
    if not found.steps:
        raise ConfigError("there are no rows to copy")
    rng = np.random.default_rng((seed, 2))
    table = found.table()
    size = deviation * table.std(0)
    size[-1] = 0.0
    chosen = table[rng.integers(len(table), size=count)]
    copied = chosen + (size * rng.standard_normal(chosen.shape)).astype(np.float32)
    return limited(of_table(copied, found.observation.shape[1], found.action.shape[1]))


def limited(found: Transitions) -> Transitions:
    """The same, with actions cut off where no action goes on."""
    return found._replace(action=np.clip(found.action, -1.0, 1.0))
