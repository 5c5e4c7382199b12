"""Targets and references from outside in the football of this house: told level by level, refused, or named."""

from __future__ import annotations

import numpy as np
import pytest

from stage import strangers
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.engine import JaxFootball
from wunderkammer.domains.madrid.matches import regrets
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.worlds.football import hosted

OPTIONS = MadridOptions(players=2, target="runner", references=("lost", "runner"), repeats=2, steps=8)
SIDES = {"left": ((-0.97, 0.0), (-0.2, 0.1)), "right": ((0.97, 0.0), (0.3, -0.2))}
LEVELS = [Scenario(**SIDES, ball=(x, 0.35), reference="lost") for x in (0.0, 0.8)]


@pytest.fixture
def football(monkeypatch: pytest.MonkeyPatch) -> JaxFootball:
    strangers.offer(monkeypatch, ["runner", "lost", "narrow"])
    return JaxFootball(OPTIONS)


def test_an_action_that_is_none_is_a_fault_of_its_level_and_no_loss(football: JaxFootball) -> None:
    near, far = regrets(football, "runner", LEVELS, [1, 2])
    assert not near.fault
    assert far.fault


def test_what_comes_of_a_level_owes_nothing_to_its_neighbours(football: JaxFootball) -> None:
    together = football.play("runner", "runner", LEVELS, [5, 6])
    alone = football.play("runner", "runner", LEVELS[1:], [6])
    assert together.value.shape == (2, 2)
    for name, values in together.left.items():
        assert np.array_equal(values[1:], alone.left[name]), name


def test_whoever_does_not_fit_is_refused_before_any_match(
    football: JaxFootball, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hosted, "judged", lambda *_: pytest.fail("a match was played"))
    with pytest.raises(ConfigError, match="narrow cannot act on what 2 players see"):
        football.play("narrow", "runner", LEVELS, [1, 2])


def test_a_function_that_fails_ends_the_run_by_name(football: JaxFootball) -> None:
    calls = iter(range(3))

    def breaks(_: np.ndarray, luck: np.ndarray) -> np.ndarray:
        if next(calls) == 2:
            raise TypeError("tired")
        return np.ones(luck.shape)

    football._known["breaks"] = hosted.Outside("breaks", breaks)
    with pytest.raises(ConfigError, match="breaks failed on what its players saw: TypeError: tired"):
        football.play("breaks", "runner", LEVELS, [1, 2])
