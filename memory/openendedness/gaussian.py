"""A Gaussian over errors of prediction in many directions, from few of them: shrunk to what has predicted best."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from wunderkammer.memory.openendedness.projection import EPSILON
from wunderkammer.memory.openendedness.series import Floats

_SHRINKAGES: Final = (0.001, 0.01, 0.03, 0.1, 0.2, 0.35, 0.5, 0.7, 0.85, 1.0)


@dataclass(frozen=True)
class Gaussian:
    """N(0, a I + (1 - λ) S), with S the mean outer product of n errors and a = λ tr(S) / d + ε².

    Shrinkage to the isotropic after Ledoit and Wolf 2004, with λ chosen by likelihood instead of by their formula.
    """

    level: float
    """a."""
    directions: Floats
    """Unit vectors, shape (r, d)."""
    spread: Floats
    """Variance along each beyond the level, shape (r,)."""

    @classmethod
    def of(cls, errors: Floats, shrinkage: float) -> Gaussian:
        """From errors of shape (n, d)."""
        return cls._shrunk(*_axes(errors), shrinkage)

    @classmethod
    def _shrunk(cls, directions: Floats, values: Floats, shrinkage: float) -> Gaussian:
        level = shrinkage * float(values.sum()) / directions.shape[1] + EPSILON**2
        return cls(level, directions, (1 - shrinkage) * values)

    def nats(self, errors: Floats) -> Floats:
        """What errors cost at precision ε, shape (n,)."""
        d = errors.shape[1]
        inside = (errors @ self.directions.T) ** 2
        gain = self.spread / (self.level * (self.level + self.spread))
        distance = (errors**2).sum(axis=1) / self.level - inside @ gain
        volume = d * np.log(self.level) + np.log1p(self.spread / self.level).sum()
        return np.asarray(0.5 * (distance + volume + d * np.log(2 * np.pi)) - d * np.log(EPSILON))


def likeliest(errors: Floats, held_out: Floats) -> tuple[float, Floats]:
    """The shrinkage under which errors foretell later ones best, and what each of the later ones costs then."""
    axes = _axes(errors)
    costs = [Gaussian._shrunk(*axes, shrinkage).nats(held_out) for shrinkage in _SHRINKAGES]
    best = int(np.argmin([cost.sum() for cost in costs]))
    return _SHRINKAGES[best], costs[best]


def _axes(errors: Floats) -> tuple[Floats, Floats]:
    """Principal directions, shape (r, d), and the mean square along each, from the smaller of the two products."""
    n, d = errors.shape
    if n >= d:
        values, vectors = np.linalg.eigh(errors.T @ errors / n)
        return np.asarray(vectors.T), np.maximum(values, 0.0)
    values, vectors = np.linalg.eigh(errors @ errors.T / n)
    keep = values > 1e-9 * max(float(values[-1]), 1e-12)
    values, vectors = values[keep], vectors[:, keep]
    return np.asarray((errors.T @ vectors / np.sqrt(n * values)).T), np.asarray(values)
