"""Curves: inside their frame, honest about zero, and no heavier for a longer run."""

from __future__ import annotations

import re

import pytest

from wunderkammer.apps.report import Point, RunReport
from wunderkammer.apps.report.chart import BOTTOM, LEFT, MOST_POINTS, RIGHT, TOP, columns, curve, curves, thinned


def points(n: int) -> list[Point]:
    return [Point(step=i, seconds=i, filled=i, qd_score=i / 2, accepted=i % 3) for i in range(n)]


@pytest.mark.parametrize("values", [[0.0, 1.0], [5.0, 5.0], [0.0, 0.0], [-2.0, 3.5], [1e9, 2e9], [1e-6, 3e-6]])
def test_lines_stay_in_the_frame(values: list[float]) -> None:
    drawn = curve("t", "c", range(len(values)), values, "end")
    places = [(float(x), float(y)) for x, y in re.findall(r"(-?[\d.]+),(-?[\d.]+)", drawn.line)]
    assert len(places) == len(values)
    assert all(LEFT <= x <= RIGHT and TOP - 0.1 <= y <= BOTTOM + 0.1 for x, y in places)
    assert 2 <= len(drawn.up) <= 6
    assert all(TOP - 0.1 <= tick.at <= BOTTOM + 0.1 for tick in drawn.up)


def test_the_axis_begins_at_zero() -> None:
    assert curve("t", "c", [0, 1], [90.0, 100.0], "end").up[0].label == "0"


def test_long_runs_are_thinned_to_their_ends() -> None:
    few = thinned(points(10_000))
    assert len(few) == MOST_POINTS
    assert (few[0].step, few[-1].step) == (0, 9_999)
    assert thinned(points(5)) == points(5)
    assert columns("t", "c", points(10_000)).line.count("M") <= MOST_POINTS


def test_one_step_is_no_curve_and_no_price_is_time(report: RunReport) -> None:
    assert curves(report.model_copy(update={"curve": report.curve[:1]})) == []
    assert [c.title for c in curves(report)][-1] == "Cost"
    free = tuple(p.model_copy(update={"cost": 0.0}) for p in report.curve)
    assert [c.title for c in curves(report.model_copy(update={"curve": free}))][-1] == "Time"
    assert "Coverage" not in [c.title for c in curves(report.model_copy(update={"axes": {}, "niches": ()}))]
