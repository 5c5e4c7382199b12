"""What a match tells of itself where only places are seen: the ball is with whoever touched it last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.floating]

MOVING = 0.1
"""Share of the top speed below which nobody is held to run anywhere."""


class Touches:
    """Follows one match. Lengths and speeds are in one unit, the same along x and y; left attacks towards greater x."""

    def __init__(self, players: int, reach: float, fastest: float) -> None:
        """players: of a side; reach: of the ball's middle from a player's, at a touch; fastest: a player's speed."""
        self.players, self.reach, self.slow = players, reach, MOVING * fastest
        self.last: int | None = None
        """The side that touched the ball last: 0 left, 1 right."""
        self._heading = np.zeros((2 * players, 2))
        self._kept, self._lost, self._exposed, self._turns = (np.zeros(2) for _ in range(4))

    def see(self, places: Points, velocities: Points, ball: Points) -> None:
        """A step: (2 players, 2) each, left's first, a side's keeper before the others; (2,)."""
        away = np.linalg.norm(places - ball, axis=1)
        if away.min() <= self.reach:
            side = int(away.argmin() >= self.players)
            if self.last is not None and side != self.last:
                self._lost[self.last] += 1
            self.last = side
        if self.last is not None:
            self._kept[self.last] += 1
            other = 1 - self.last
            sign = 1 - 2 * other
            outfield = sign * places.reshape(2, self.players, 2)[other, 1:, 0]
            self._exposed[other] += (outfield > sign * ball[0]).all()
        runs = np.linalg.norm(velocities, axis=1) > self.slow
        back = runs & ((velocities * self._heading).sum(axis=1) < 0)
        self._turns += back.reshape(2, -1).sum(axis=1)
        self._heading = np.where(runs[:, None], velocities, self._heading)

    def figures(self, side: int, score: int) -> dict[str, float]:
        """So far, by names of `summary.OF_A_SIDE` and `own_goal`; what places do not tell, as shots, is left out.

        score: left's goals less right's, 0 or the first.
        """
        conceded = score < 0 if side == 0 else score > 0
        return {
            "own_goal": float(conceded and self.last == side),
            "possession": float(self._kept[side]),
            "lost": float(self._lost[side]),
            "exposed": float(self._exposed[side]),
            "turns": float(self._turns[side]),
        }
