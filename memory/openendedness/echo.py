"""An observer by a small recurrent network: what the order of artifacts so far says of the next."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from wunderkammer.memory.openendedness.forecast import forecast
from wunderkammer.memory.openendedness.projection import scaled
from wunderkammer.memory.openendedness.series import Floats, Series

_RADIUS: Final = 0.9
_LEAK: Final = 0.5
_RIDGE: Final = 300.0
"""Of the reading: what is read must show in hundreds of states, for cells are nearly as many as artifacts."""
_OFFSETS: Final = 3


class Echo:
    """An echo state network (Jaeger 2001): a fixed random recurrent layer of which only the reading is trained.

    h_i = (1 - a) h_{i-1} + a tanh(W x_i + U h_{i-1}); x_{i+g} = b x_i + c m_i + R_g [h_i, 1] + e, with m_i the mean of
    all up to i, two numbers b and c by ridge regression, and R_g by another of what they leave. 48 cells cannot say
    again what stood in 256 directions: where artifacts are is handed through, and the network adds where they go.
    Training it is solving two linear systems, so that it can be trained anew for each history without an accelerator.
    """

    horizon = "all that came before"

    def __init__(self, cells: int = 48, seed: int = 0) -> None:
        self.cells = cells
        self.seed = seed
        self.name = f"echo-{cells}-through"

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        points = scaled(series)
        return forecast(points, self._features(points[:t]), t, later, self, offsets=_OFFSETS)

    def fitted(self, rows: Floats, targets: Floats) -> Floats:
        """The reading and below it b and c, shape (cells + 3, d)."""
        states, through = self._parts(rows)
        inner = np.einsum("nsd,nrd->sr", through, through) + through.shape[2] * np.eye(2)
        shares = np.linalg.solve(inner, np.einsum("nsd,nd->s", through, targets))
        left = targets - np.einsum("nsd,s->nd", through, shares)
        reading = np.linalg.solve(states.T @ states + _RIDGE * np.eye(states.shape[1]), states.T @ left)
        return np.concatenate([reading, np.repeat(shares[:, None], targets.shape[1], axis=1)])

    def predicted(self, rows: Floats, coefficients: Floats) -> Floats:
        states, through = self._parts(rows)
        return np.asarray(states @ coefficients[:-2] + np.einsum("nsd,s->nd", through, coefficients[-2:, 0]))

    def _parts(self, rows: Floats) -> tuple[Floats, Floats]:
        """States and a constant, shape (n, cells + 1); the artifact and the mean, shape (n, 2, d)."""
        states = self.cells + 1
        return rows[:, :states], rows[:, states:].reshape(len(rows), 2, -1)

    def _features(self, points: Floats) -> Floats:
        """The network's states, a constant, the artifact and the mean up to it, shape (t, cells + 1 + 2 d)."""
        count, wide = points.shape
        rng = np.random.default_rng([self.seed, wide, self.cells])
        inward = rng.standard_normal((wide, self.cells)) / np.sqrt(wide)
        around = rng.standard_normal((self.cells, self.cells))
        around *= _RADIUS / np.abs(np.linalg.eigvals(around)).max()
        state, found = np.zeros(self.cells), []
        for driven in points @ inward:
            state = (1 - _LEAK) * state + _LEAK * np.tanh(driven + state @ around)
            found.append(state)
        means = np.cumsum(points, axis=0) / np.arange(1, count + 1)[:, None]
        states = np.array(found).reshape(count, self.cells)
        return np.concatenate([states, np.ones((count, 1)), points, means], axis=1)
