"""Matches by the referee's program, with a stand-in for the engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from stage import grf_engine, grf_weights
from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.grf.client import EngineDied, Referee

LEFT = [[-0.95, 0.0], *([-0.4 + 0.05 * at, -0.2 + 0.04 * at] for at in range(10))]
LEVEL = {"left": LEFT, "right": [[-x, -y] for x, y in LEFT], "ball": [0.5, 0.1]}


@pytest.fixture(scope="module")
def python(tmp_path_factory) -> Path:
    """An interpreter that finds the stand-in."""
    return grf_engine.interpreter(tmp_path_factory.mktemp("grf"))


@pytest.fixture(scope="module")
def weights(tmp_path_factory) -> Path:
    file: Path = tmp_path_factory.mktemp("weights") / "tizero.safetensors"
    save_file(grf_weights.weights(), file)
    return file


@pytest.fixture(scope="module")
def referee(python, weights) -> Iterator[Referee]:
    with Referee(python, weights) as one:
        yield one


def test_both_sides_play_and_the_seed_decides(referee):
    even, odd = referee.play(LEVEL, "tizero", "tizero", [2, 3], 128)

    assert (even["value"], odd["value"]) == (1, -1)
    assert even["own_goal"]  # the stand-in's ball is the beaten side's
    assert even["steps"] == 17
    assert even["features"]["possession"] == [0, 17]


def test_time_ends_a_match_without_a_goal(referee):
    (match,) = referee.play(LEVEL, "tizero", "tizero", [2], 5, trace=True)

    assert (match["value"], match["steps"], len(match["trace"])) == (0, 5, 5)
    assert match["trace"][0]["left"] == np.round(LEVEL["left"], 3).tolist()
    assert match["trace"][0]["right"] == np.round(LEVEL["right"], 3).tolist()  # turned twice
    assert match["trace"][0]["ball"] == [0.5, 0.1]


def test_a_stronger_bot_beats_it(referee):
    (match,) = referee.play(LEVEL, "tizero", "bot-0.5", [3], 128)

    assert match["value"] == 1


@pytest.mark.parametrize(
    ("left", "right", "said"),
    [
        ("bot-0.5", "bot-1", "let TiZero play one side"),
        ("bot-2", "tizero", "in \\[0, 1\\]"),
        ("someone", "tizero", "is no player here"),
    ],
)
def test_players_that_cannot_play_are_refused(referee, left, right, said):
    with pytest.raises(ConfigError, match=said):
        referee.play(LEVEL, left, right, [1], 5)


def test_a_level_of_ten_is_refused_before_a_match(referee):
    with pytest.raises(ConfigError, match="right: 11 pairs"):
        referee.play(LEVEL | {"right": LEFT[:10]}, "tizero", "tizero", [1], 5)


def test_an_engine_that_dies_is_no_result_and_the_next_match_has_another(referee):
    with pytest.raises(EngineDied, match="has ended"):
        referee.play(LEVEL | {"ball": [0.0, 0.4]}, "tizero", "tizero", [1], 5)

    assert referee.play(LEVEL, "tizero", "tizero", [2], 5)[0]["value"] == 0


def test_scores_that_are_no_numbers_are_no_result(python, tmp_path):
    broken = grf_weights.weights()
    broken["act.action_out.linear.bias"][:] = np.nan
    save_file(broken, tmp_path / "broken.safetensors")

    with Referee(python, tmp_path / "broken.safetensors") as referee, pytest.raises(EngineDied, match="not finite"):
        referee.play(LEVEL, "tizero", "tizero", [1], 5)


def test_what_is_not_there_is_told(tmp_path, python):
    with pytest.raises(ConfigError, match="make grf$"):
        Referee(tmp_path / "python")
    with pytest.raises(ConfigError, match="TIZERO"):
        Referee(python, tmp_path / "none")
    with Referee(python) as referee, pytest.raises(ConfigError, match="no weights were given"):
        referee.play(LEVEL, "tizero", "bot-1", [1], 5)
    with Referee(Path("/bin/false")) as referee, pytest.raises(ConfigError, match="does not start"):
        referee.play(LEVEL, "tizero", "bot-1", [1], 5)
