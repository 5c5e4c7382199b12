"""Transitions as arrays: what offline learners learn from, and what a replay file holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple, TypeAlias
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError

Rows: TypeAlias = Any
"""An array of NumPy or JAX."""
D4RL = ("observations", "actions", "rewards", "next_observations", "terminals")
"""Names of the arrays in a file, as D4RL has them, in the order of `Transitions`."""
SHAPED = 2
"""Axes of observations and actions."""


class Transitions(NamedTuple):
    """So many single steps, in any order."""

    observation: Rows
    """(n, observation) float32."""
    action: Rows
    """(n, action) float32."""
    reward: Rows
    """(n,) float32."""
    after: Rows
    """(n, observation) float32: what was seen next."""
    terminal: Rows
    """(n,) float32: 1 where nothing comes after it, else 0."""

    @property
    def steps(self) -> int:
        """How many there are."""
        return len(self.reward)

    def at(self, rows: NDArray[np.integer] | slice) -> Transitions:
        """Some of them."""
        return Transitions._make(np.asarray(column)[rows] for column in self)

    def table(self) -> Rows:
        """(n, 2 · observation + action + 2): a row each, in the order of the fields."""
        return np.concatenate([column.reshape(self.steps, -1) for column in self], -1).astype(np.float32)


def of_table(table: Rows, observations: int, actions: int) -> Transitions:
    """Transitions from rows as `Transitions.table` gives them; terminal is what lies above one half."""
    ends = np.cumsum([observations, actions, 1, observations])
    observation, action, reward, after, terminal = np.split(np.asarray(table, np.float32), ends, axis=-1)
    return Transitions(observation, action, reward[:, 0], after, (terminal[:, 0] > 0.5).astype(np.float32))


def joined(*parts: Transitions) -> Transitions:
    """All of them, one part after the other."""
    return Transitions._make(np.concatenate(columns) for columns in zip(*parts, strict=True))


def write(found: Transitions, file: Path) -> None:
    """Keep them as a compressed `.npz` whose arrays have D4RL's names."""
    np.savez_compressed(file, **dict(zip(D4RL, found, strict=True)))


def read(file: Path) -> Transitions:
    """Transitions of an `.npz`.

    Raises:
        ConfigError: there is no such file, an array is missing, or shapes do not belong together.
    """
    try:
        with file.open("rb") as opened, np.load(opened, allow_pickle=False) as kept:
            lacking = [name for name in D4RL if name not in kept]
            if lacking:
                raise ConfigError(f"{file} has no array {', '.join(lacking)}; transitions are {', '.join(D4RL)}")
            found = Transitions._make(np.asarray(kept[name], np.float32) for name in D4RL)
    except (OSError, ValueError, BadZipFile, EOFError) as fault:
        raise ConfigError(f"{file} holds no transitions: {fault}") from fault
    return checked(found, str(file))


def checked(found: Transitions, where: str) -> Transitions:
    """The same; `ConfigError` where shapes do not belong together or a number is none."""
    found = found._replace(reward=found.reward.reshape(-1), terminal=found.terminal.reshape(-1))
    shapes = ", ".join(f"{name} {column.shape}" for name, column in zip(D4RL, found, strict=True))
    lengths = {len(column) for column in found}
    flat = found.observation.ndim == found.action.ndim == SHAPED
    if len(lengths) != 1 or not flat or found.observation.shape != found.after.shape:
        raise ConfigError(f"{where}: these arrays do not make transitions: {shapes}")
    if not lengths.pop():
        raise ConfigError(f"{where} holds no transitions: its arrays are empty")
    if not all(np.isfinite(column).all() for column in found):
        raise ConfigError(f"{where}: some numbers are not finite")
    return found
