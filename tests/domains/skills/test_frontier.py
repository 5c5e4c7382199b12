"""Where success crosses one half."""

from __future__ import annotations

from math import exp
from random import Random

import pytest

from wunderkammer.domains.skills.frontier import Frontier


def answers(middle: float, steep: float, n: int, rng: Random, low: float = 0.0, high: float = 1.0) -> Frontier:
    frontier = Frontier()
    for _ in range(n):
        d = rng.uniform(low, high)
        right = rng.random() < 1 / (1 + exp(steep * (d - middle)))
        frontier.add(d, int(right), int(not right))
    return frontier


@pytest.mark.parametrize("middle", [0.2, 0.45, 0.7])
def test_a_planted_frontier_is_found(middle: float) -> None:
    crossing = answers(middle, 15, 600, Random(1)).crossing()
    assert crossing == pytest.approx(middle, abs=0.05)


def test_separated_answers_have_a_frontier_between_them() -> None:
    frontier = Frontier()
    for d in (0.0, 0.1, 0.2, 0.3):
        frontier.add(d, 3, 0)
    for d in (0.5, 0.6, 0.7, 0.8):
        frontier.add(d, 0, 3)
    crossing = frontier.crossing()
    assert crossing is not None
    assert 0.3 < crossing < 0.5


def test_no_frontier_is_made_up() -> None:
    never, always, few, above = Frontier(), Frontier(), Frontier(), Frontier()
    for d in (0.1, 0.3, 0.5):
        never.add(d, 0, 4)
        always.add(d, 4, 0)
        above.add(d, 1, 3)
    few.add(0.2, 1, 1)
    assert [f.crossing() for f in (never, always, few)] == [None, None, None]
    assert [f.state() for f in (Frontier(), never, always, few)] == ["", "never 0/12", "always 12/12", "few 1/2"]
    assert above.crossing() is None
    assert above.state() == "below 3/12"


def test_success_that_grows_with_difficulty_has_no_frontier() -> None:
    assert answers(0.5, -15, 400, Random(2)).crossing() is None


def test_merging_adds_the_counts() -> None:
    one, two = answers(0.5, 10, 50, Random(3)), answers(0.5, 10, 70, Random(4))
    successes = one.successes + two.successes
    one.merge(two)
    assert (one.answers, one.successes) == (120, successes)
