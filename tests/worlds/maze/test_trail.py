"""The shortest way through one maze."""

from __future__ import annotations

import pytest

from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.trail import complexity, trail


def test_the_trail_leads_from_the_agent_to_the_goal_step_by_step() -> None:
    way = trail(text.read(">#G\n...\n.#."))
    assert way == ((0, 0), (1, 0), (1, 1), (1, 2), (0, 2))


def test_a_maze_without_a_way_has_no_trail() -> None:
    plan = text.read(">#G")
    assert trail(plan) == ()
    assert complexity(plan) == (1, pytest.approx(1 / 3), None)
