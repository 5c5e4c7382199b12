"""Mazes as text: what is written is read, and what is malformed is told by row and column."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze.text import Cell, Plan, read, write


@st.composite
def plans(draw: st.DrawFn) -> Plan:
    height, width = draw(st.integers(1, 5)), draw(st.integers(2, 5))
    agent, goal = draw(st.lists(st.integers(0, height * width - 1), min_size=2, max_size=2, unique=True))
    walls = [[draw(st.booleans()) for _ in range(width)] for _ in range(height)]
    for place in (agent, goal):
        walls[place // width][place % width] = False
    return Plan(
        tuple(tuple(row) for row in walls),
        Cell(*divmod(agent, width)),
        draw(st.integers(0, 3)),
        Cell(*divmod(goal, width)),
    )


@given(plans())
def test_writing_and_reading_come_back_to_the_same_maze(plan: Plan) -> None:
    assert read(write(plan)) == plan


def test_the_signs_mean_what_they_say() -> None:
    plan = read("\n..#\n.<#  \nG..\n\n")
    assert plan.walls == ((False, False, True), (False, False, True), (False, False, False))
    assert (plan.agent, plan.direction, plan.goal) == (Cell(1, 1), 2, Cell(2, 0))


def test_an_agent_without_direction_looks_right() -> None:
    assert read("A.G").direction == 0
    assert write(read("A.G")) == ">.G"


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("", "empty"),
        ("..\n...", "row 2 of the map has 3 columns"),
        (".>\n.x", "row 2, column 2 of the map is 'x'"),
        (">.\n<G", "row 2, column 1 of the map is a second agent; the first is at row 1, column 1"),
        (">G\nG.", "row 2, column 1 of the map is a second goal"),
        ("..\n.G", "no agent"),
        ("..\n.v", "no goal"),
    ],
)
def test_a_malformed_map_is_told_by_row_and_column(words: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint) as caught:
        read(words)
    assert "\n" not in str(caught.value)
