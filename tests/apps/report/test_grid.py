"""The layout of squares: which axis goes where, what is next to what, and how far the colours reach."""

from __future__ import annotations

import pytest

from wunderkammer.apps.report import Holder, Niche
from wunderkammer.apps.report.grid import STEPS, Range, lay_out, range_of


def niche(*cell: str, fitness: float | None = 0.5) -> Niche:
    return Niche(cell=cell, elite=Holder(id="-".join(cell), text="t", fitness=fitness))


def test_the_shortest_axis_is_held_fixed() -> None:
    axes = {"kind": ("where", "who"), "topic": ("t1", "t2", "t3"), "length": ("l1", "l2", "l3", "l4")}
    found = lay_out(axes, [niche("who", "t2", "l4")])
    assert found is not None
    assert (found.down, found.across) == ("topic", "length")
    assert [grid.over for grid in found.grids] == [(("kind", "where"),), (("kind", "who"),)]
    filled = [(g, r, c) for g, grid in enumerate(found.grids) for r, (_, row) in enumerate(grid.rows)
              for c, square in enumerate(row) if square.niche]  # fmt: skip
    assert filled == [(1, 1, 3)]


def test_four_axes_hold_two_fixed() -> None:
    axes = {"a": ("1", "2"), "b": ("1", "2", "3"), "c": ("1", "2", "3"), "d": ("1", "2")}
    found = lay_out(axes, [])
    assert found is not None
    assert (found.down, found.across, len(found.grids)) == ("b", "c", 4)


def test_one_axis_runs_down_and_none_is_nothing() -> None:
    found = lay_out({"a": ("1", "2")}, [niche("2")])
    assert found is not None
    assert [[square.number for square in row] for _, row in found.grids[0].rows] == [[-1], [0]]
    assert lay_out({}, []) is None


def test_neighbours_skip_empty_squares() -> None:
    axes = {"a": ("1", "2"), "b": ("1", "2", "3")}
    found = lay_out(axes, [niche("1", "1"), niche("1", "3"), niche("2", "3")])
    assert found is not None
    assert found.neighbours == {0: {"right": 1}, 1: {"left": 0, "down": 2}, 2: {"up": 1}}


@pytest.mark.parametrize(
    ("value", "step"), [(0.0, 0), (0.5, 5), (0.999, 9), (1.0, 9), (None, None), (float("nan"), None)]
)
def test_steps_of_the_scale(value: float | None, step: int | None) -> None:
    assert Range(0, 1).step(value) == step


def test_the_scale_reaches_as_far_as_the_values() -> None:
    assert range_of([0.2, None, 0.9]) == Range(0, 1)
    assert range_of([-3.0, 12.0, float("inf")]) == Range(-3, 12)
    assert range_of([]) == Range(0, 1)
    assert Range(2, 2).step(2) == STEPS - 1
