"""Success by axis and agreement, against counts made by hand."""

from __future__ import annotations

import pytest

from wunderkammer.apps.report import Agreement, Evaluation, Rate

AXES = {"risk": ("r1", "r2", "r3"), "style": ("s1", "s2")}
HITS = {("r1", "s1"): True, ("r1", "s2"): False, ("r2", "s1"): True}


def test_rates_by_axis_count_judged_cells_alone() -> None:
    found = Evaluation.of("judge", "wins", HITS, AXES)
    counted = {(rate.axis, rate.value): (rate.successes, rate.n) for rate in found.by_axis}
    assert counted == {("risk", "r1"): (1, 2), ("risk", "r2"): (1, 1), ("style", "s1"): (2, 2), ("style", "s2"): (0, 1)}
    assert found.overall is not None
    assert (found.overall.successes, found.overall.n) == (2, 3)
    assert Evaluation.of("judge", "wins", {}, AXES).overall is None


def test_a_rate_lies_in_its_interval() -> None:
    for hits in ([True], [False] * 4, [True, False, True]):
        rate = Rate.of(hits)
        assert 0 <= rate.low <= rate.rate <= rate.high <= 1
        assert rate.high - rate.low > 0.3  # so few elites prove little


def test_agreement_and_kappa() -> None:
    cells = [(str(i),) for i in range(50)]
    first = {cell: i < 25 for i, cell in enumerate(cells)}
    second = {cell: i < 20 or 25 <= i < 35 for i, cell in enumerate(cells)}
    found = Agreement.of("a", "b", first, second)
    assert (found.both, found.only_first, found.only_second, found.neither) == (20, 5, 10, 15)
    assert found.share == pytest.approx(0.7)
    assert found.kappa == pytest.approx(0.4)  # the textbook example of Cohen's kappa


def test_agreement_without_variance_has_no_kappa() -> None:
    same = dict.fromkeys([("a",), ("b",)], True)
    assert Agreement.of("a", "b", same, same).kappa is None
    assert Agreement.of("a", "b", same, {}).share is None
