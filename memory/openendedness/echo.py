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
_RIDGE: Final = 1.0


class Echo:
    """An echo state network (Jaeger 2001): a fixed random recurrent layer of which only the reading is trained.

    h_i = (1 - a) h_{i-1} + a tanh(W x_i + U h_{i-1}); x_{i+g} = R_g [h_i, 1] + e, with R_g by ridge regression.
    Training it is solving one linear system, so that it can be trained anew for each history without an accelerator.
    """

    horizon = "all that came before"

    def __init__(self, cells: int = 48, seed: int = 0) -> None:
        self.cells = cells
        self.seed = seed
        self.name = f"echo-{cells}"

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        points = scaled(series)
        return forecast(points, self._states(points[:t]), t, later, self)

    def fitted(self, rows: Floats, targets: Floats) -> Floats:
        """The reading, shape (cells + 1, d)."""
        ridge = _RIDGE * np.eye(rows.shape[1])
        return np.asarray(np.linalg.solve(rows.T @ rows + ridge, rows.T @ targets))

    def predicted(self, rows: Floats, coefficients: Floats) -> Floats:
        return np.asarray(rows @ coefficients)

    def _states(self, points: Floats) -> Floats:
        """The network's states and a constant, shape (t, cells + 1)."""
        wide = points.shape[1]
        rng = np.random.default_rng([self.seed, wide, self.cells])
        inward = rng.standard_normal((wide, self.cells)) / np.sqrt(wide)
        around = rng.standard_normal((self.cells, self.cells))
        around *= _RADIUS / np.abs(np.linalg.eigvals(around)).max()
        state, found = np.zeros(self.cells), []
        for driven in points @ inward:
            state = (1 - _LEAK) * state + _LEAK * np.tanh(driven + state @ around)
            found.append(state)
        return np.concatenate([np.array(found).reshape(len(points), self.cells), np.ones((len(points), 1))], axis=1)
