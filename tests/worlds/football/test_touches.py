"""What is told of a match by who touched the ball last."""

from __future__ import annotations

import numpy as np

from wunderkammer.worlds.football.touches import Touches

STILL = np.zeros((4, 2))
PLACES = np.array([[-0.9, 0.0], [-0.2, 0.0], [0.9, 0.0], [0.3, 0.0]])


def seen(*balls: tuple[float, float]) -> Touches:
    touches = Touches(2, 0.05, 1.0)
    for ball in balls:
        touches.see(PLACES, STILL, np.array(ball))
    return touches


def test_the_ball_is_with_whoever_touched_it_last_and_is_lost_when_the_other_side_touches_it() -> None:
    found = seen((0.0, 0.5), (-0.18, 0.0), (0.0, 0.0), (0.28, 0.0))
    left, right = (found.figures(side, 0) for side in (0, 1))
    assert (left["possession"], left["lost"]) == (2, 1)
    assert (right["possession"], right["lost"]) == (1, 0)


def test_a_defence_is_passed_while_none_but_the_keeper_is_behind_the_ball() -> None:
    found = seen((-0.18, 0.0), (0.2, 0.0), (0.4, 0.0), (0.5, 0.0))
    assert found.figures(1, 0)["exposed"] == 2
    assert found.figures(0, 0)["exposed"] == 0


def test_a_goal_of_the_other_side_is_an_own_goal_of_the_one_that_touched_it_last() -> None:
    found = seen((-0.18, 0.0), (-1.0, 0.0))
    assert [found.figures(0, score)["own_goal"] for score in (-1, 0, 1)] == [1, 0, 0]
    assert [found.figures(1, score)["own_goal"] for score in (-1, 0, 1)] == [0, 0, 0]


def test_who_turns_back_while_running_is_counted_and_who_trembles_is_not() -> None:
    touches = Touches(2, 0.05, 1.0)
    for speed in (0.5, 0.02, -0.02, -0.5, -0.5, 0.05):
        touches.see(PLACES, np.array([[0, 0], [speed, 0], [0, 0], [0, 0.05 * np.sign(speed)]]), np.array([0.0, 0.4]))
    assert touches.figures(0, 0)["turns"] == 1
    assert touches.figures(1, 0)["turns"] == 0
