"""The chaser on vmas's football: what it does with what it sees, and that it plays nothing else."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.worlds.football.vmas_chaser import IDLE, chaser

STAY, BACK, AHEAD, DOWN, UP = 0, 3, 6, 1, 2
LUCK = np.full((1, 2), 0.5)


def shown(*places: tuple[float, float], ball: tuple[float, float]) -> np.ndarray:
    """What players at rest see; the goal to the right is at (1.51, 0)."""
    seen = np.zeros((1, len(places), 16 + 8 * (2 * len(places) - 1)))
    goal = np.array([1.51, 0.0])
    for at, place in enumerate(np.array(places)):
        seen[0, at, 2:4] = place - ball
        seen[0, at, 6:8] = np.array(ball) - goal
        seen[0, at, 12:14] = place - goal
    return seen


def test_who_is_behind_the_ball_pushes_it_and_who_is_before_it_runs_round_it() -> None:
    keeper = (-1.43, 0.0)
    assert chaser(shown(keeper, (-0.1, 0.0), ball=(0.0, 0.0)), LUCK)[0, 1] == AHEAD
    assert chaser(shown(keeper, (0.1, 0.001), ball=(0.0, 0.0)), LUCK)[0, 1] == BACK + UP


def test_the_keeper_follows_the_ball_before_its_goal_and_the_others_fall_back() -> None:
    acts = chaser(shown((-1.43, 0.0), (0.9, 0.0), (0.5, 0.5), ball=(0.8, 0.5)), np.full((1, 3), 0.5))[0]
    assert acts[0] == UP
    assert acts[1] == BACK + UP


def test_sometimes_a_player_does_nothing() -> None:
    seen = shown((-1.43, 0.3), (-0.1, 0.0), ball=(0.0, 0.0))
    assert chaser(seen, np.full((1, 2), IDLE / 2)).tolist() == [[STAY, STAY]]


def test_what_another_football_shows_is_refused() -> None:
    with pytest.raises(ValueError, match="made for the 40 features of vmas's football"):
        chaser(np.zeros((1, 2, 48)), LUCK)
