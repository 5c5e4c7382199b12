"""The archive of MADRID: where the ball is, by whose standard the target is measured."""

from __future__ import annotations

from collections.abc import Sequence

from wunderkammer.core.contract import Cell
from wunderkammer.worlds.football.pitch import FIELD_X, FIELD_Y

COLUMNS, ROWS = 16, 10
"""Of the 160 cells for each reference. The paper gives their number and not how they are cut."""
_DX, _DY = 2 * FIELD_X / COLUMNS, 2 * FIELD_Y / ROWS

XS = tuple(f"x {-FIELD_X + _DX * (at + 0.5):+.2f}" for at in range(COLUMNS))
"""From left to right, each by its middle."""
YS = tuple(f"y {FIELD_Y - _DY * (at + 0.5):+.2f}" for at in range(ROWS))
"""From the top down, as one sees the pitch."""


def axes_of(references: Sequence[str]) -> dict[str, Sequence[str]]:
    """Rows before columns, so that a grid of squares lies as the pitch does."""
    return {"ball y": YS, "ball x": XS, "reference": tuple(references)}


def cell_of(ball: Sequence[float], reference: str) -> Cell:
    """Where a level belongs. ball: x and y."""
    column = min(COLUMNS - 1, max(0, int((ball[0] + FIELD_X) / _DX)))
    row = min(ROWS - 1, max(0, int((FIELD_Y - ball[1]) / _DY)))
    return YS[row], XS[column], reference


def window(cell: Cell) -> tuple[tuple[float, float], tuple[float, float]]:
    """Within which x and which y the ball of a cell lies; a thousandth inside, so that rounding leaves it there."""
    row, column = YS.index(cell[0]), XS.index(cell[1])
    left, top = -FIELD_X + _DX * column, FIELD_Y - _DY * row
    edge = 0.001
    return (left + edge, left + _DX - edge), (top - _DY + edge, top - edge)


def middle(cell: Cell) -> tuple[float, float]:
    """The middle of a cell: x and y."""
    (left, right), (low, high) = window(cell)
    return (left + right) / 2, (low + high) / 2
