"""Mazes as SVG."""

from __future__ import annotations

from xml.etree import ElementTree

from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.drawing import GREEN, STONE, svg
from wunderkammer.worlds.maze.text import Cell

PLAN = text.read("^##\n..G")
NAMESPACE = "{http://www.w3.org/2000/svg}"


def test_walls_agent_goal_path_and_visits_are_drawn() -> None:
    picture = ElementTree.fromstring(
        svg(PLAN, path=[Cell(0, 0), Cell(1, 0)], visits={Cell(1, 0): 4, Cell(1, 1): 1}, side=10)
    )
    walls = next(one for one in picture.iter(f"{NAMESPACE}path") if one.get("fill") == STONE)
    assert walls.get("d") == "M20 10h20v10h-20z"
    goal = next(one for one in picture.iter(f"{NAMESPACE}rect") if one.get("fill") == GREEN)
    assert (goal.get("x"), goal.get("y")) == ("30", "20")
    agent = next(picture.iter(f"{NAMESPACE}polygon"))
    assert agent.get("transform") == "translate(15 15) rotate(270)"
    assert next(picture.iter(f"{NAMESPACE}polyline")).get("points") == "15,15 15,25"
    heat = [float(one.get("fill-opacity", 1)) for one in picture.iter(f"{NAMESPACE}rect") if one.get("fill-opacity")]
    assert heat[0] > heat[1]


def test_equal_mazes_have_equal_pictures() -> None:
    assert svg(PLAN) == svg(text.read("^##\n..G"))
