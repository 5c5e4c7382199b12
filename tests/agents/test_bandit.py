"""The bandit goes where late pulls yielded most, looks elsewhere now and then, and leaves what fails alone."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from wunderkammer.agents.bandit import Pull, spent, weigh

ARMS = ["search a", "search b", "study c"]


def pulls(*some: tuple[str, float], cost: float = 0.01) -> list[Pull]:
    return [Pull(arm, gain, cost) for arm, gain in some]


def test_everything_is_tried_once_in_order() -> None:
    assert weigh(ARMS, [])[0].arm == "search a"
    assert weigh(ARMS, pulls(("search a", 100)))[0].arm == "search b"
    assert weigh(ARMS, pulls(("search a", 100), ("search b", 0)))[0].arm == "study c"


def test_it_goes_where_most_is_yielded_for_the_cost() -> None:
    history = [Pull("search a", 10, 0.10), Pull("search b", 8, 0.02), Pull("study c", 0, 0.02)]

    assert weigh(ARMS, history)[0].arm == "search b"


def test_what_has_grown_dull_is_left() -> None:
    history = pulls(("search b", 5), ("study c", 1), *[("search a", gain) for gain in (40, 20, 8, 2, 1, 0, 0, 0)])

    assert weigh(ARMS, history)[0].arm == "search b"


def test_what_begins_to_yield_is_followed() -> None:
    """Two arms at the same rate of late: the one that rises is worth more."""
    rising = pulls(("search b", 4), *[("search a", gain) for gain in (0, 0, 1, 3, 8)])
    level = pulls(("search b", 4), *[("search a", gain) for gain in (5, 5, 5, 5, 5)])
    rates = [next(w.rate for w in weigh(ARMS, h) if w.arm == "search a") for h in (rising, level)]

    assert rates[0] > rates[1]


def test_who_was_given_up_is_looked_at_again() -> None:
    history = pulls(("search a", 10), ("search b", 0), ("study c", 0), cost=0.001)
    seen = set()
    for _ in range(60):
        arm = weigh(ARMS, history)[0].arm
        seen.add(arm)
        history.append(Pull(arm, 10.0 if arm == "search a" else 0.0, 0.001))

    assert seen == set(ARMS)


def test_failures_earn_longer_and_longer_rests() -> None:
    history = [Pull("search b", 0, 0.01), Pull("study c", 0, 0.01), Pull("search a", 0, 0.01, failed=True)]
    others = [Pull("search b", 0, 0.01), Pull("study c", 0, 0.01)]

    def damping(some: list[Pull]) -> float:
        return next(weight.damping for weight in weigh(ARMS, some) if weight.arm == "search a")

    assert damping(history) == 0
    assert damping(history + others[:1]) == 1
    twice = [*history, *others[:1], Pull("search a", 0, 0.01, failed=True)]
    assert damping(twice + others) == 0
    assert damping(twice + others + others[:1]) == 1
    assert damping([*twice, *others, *others[:1], Pull("search a", 5, 0.01)]) == 1


def test_nothing_is_ridden_for_ever() -> None:
    history = [*pulls(("search b", 9), ("study c", 9)), *[Pull("search a", 10, 0.001)] * 30]
    value = {weight.arm: weight for weight in weigh(ARMS, history)}

    assert value["search a"].damping == pytest.approx(0.9**18)
    assert weigh(ARMS, history)[0].arm != "search a"


def test_it_is_spent_when_nothing_yields_any_more() -> None:
    rich = pulls(*[(arm, 50.0) for arm in ARMS])
    dull = [Pull(arm, 0.0, 0.001) for arm in ARMS for _ in range(25)]

    assert not spent(weigh(ARMS, rich), rich)
    assert spent(weigh(ARMS, rich + dull), rich + dull)


def test_the_same_history_gives_the_same_choice() -> None:
    history = pulls(("search a", 3), ("search b", 2), ("study c", 4), ("search a", 1))

    assert weigh(ARMS, history) == weigh(list(ARMS), list(history))


def test_on_worlds_with_known_curves_it_beats_even_spending() -> None:
    """A short form of `benchmarks/planner.py`, on seeds that neither tuned nor reported it."""
    sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks"))
    try:
        import planner
    finally:
        sys.path.pop(0)
    found = planner.shares(range(500, 506))

    assert sum(found["bandit"]) / 6 > 0.88
    assert sum(found["bandit"]) > sum(found["evenly"])
