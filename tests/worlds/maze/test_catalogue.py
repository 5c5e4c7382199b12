"""Mazes by name: suites, perfect mazes, files."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import catalogue, text
from wunderkammer.worlds.maze.perfect import perfect
from wunderkammer.worlds.maze.trail import complexity, trail

NAMED = (
    "SixteenRooms SixteenRoomsFewerDoors Labyrinth LabyrinthFlipped Labyrinth2 StandardMaze StandardMaze2 "
    "StandardMaze3 SmallCorridor LargeCorridor PerfectMaze"
)


def test_every_held_out_maze_is_there_of_one_size_and_solvable() -> None:
    suite = catalogue.suite(catalogue.HELD_OUT)
    assert set(NAMED.split()) <= set(suite)
    for plan in suite.values():
        assert (plan.height, plan.width) == (13, 13)
        assert complexity(plan).path


def test_all_suites_that_come_with_the_world_are_solvable() -> None:
    for mazes in catalogue.suites().values():
        assert all(complexity(plan).path for plan in mazes.values())


def test_the_flipped_labyrinth_is_the_labyrinth_in_a_mirror() -> None:
    suite = catalogue.suite(catalogue.HELD_OUT)
    assert [row[::-1] for row in suite["Labyrinth"].walls] == list(suite["LabyrinthFlipped"].walls)


def test_fewer_doors_are_fewer() -> None:
    suite = catalogue.suite(catalogue.HELD_OUT)
    assert complexity(suite["SixteenRoomsFewerDoors"]).walls > complexity(suite["SixteenRooms"]).walls


@given(st.integers(1, 6), st.integers(1, 6), st.integers(0, 99))
@settings(max_examples=25, deadline=None)
def test_a_perfect_maze_has_one_way_between_any_two_cells(rows: int, columns: int, seed: int) -> None:
    plan = perfect(2 * rows + 1, 2 * columns + 1, Random(seed))
    free = [(r, c) for r, row in enumerate(plan.walls) for c, wall in enumerate(row) if not wall]
    doors = sum(((r, c + 1) in free) + ((r + 1, c) in free) for r, c in free)
    assert doors == len(free) - 1  # a tree, if it is connected
    assert all(trail(plan._replace(agent=text.Cell(*cell))) for cell in free)


@pytest.mark.parametrize("size", [(4, 5), (1, 5), (103, 5)])
def test_a_perfect_maze_of_an_impossible_size_is_refused(size: tuple[int, int]) -> None:
    with pytest.raises(ConfigError, match="odd sides between 3 and 101"):
        perfect(*size, Random(0))


def test_perfect_mazes_are_found_by_number_and_always_the_same() -> None:
    assert catalogue.find("PerfectMaze-51x51-7") == catalogue.find("PerfectMaze-51x51-7")
    assert catalogue.find("PerfectMaze-51x51-7") != catalogue.find("PerfectMaze-51x51-8")
    assert list(catalogue.perfect_mazes(5, 2)) == ["PerfectMaze-5x5-0", "PerfectMaze-5x5-1"]


def test_a_file_comes_back_as_it_was_written() -> None:
    suite = catalogue.suite(catalogue.HELD_OUT)
    assert catalogue.parse(catalogue.compose(suite, "two lines\nof remarks"), "x") == suite


def test_a_bare_map_is_one_maze_named_as_its_file() -> None:
    assert list(catalogue.parse(">.\n.G\n", "my own/corner one.txt")) == ["corner-one"]


def test_suites_of_the_user_stand_beside_the_others(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("[Corner]\n>G\n", "utf-8")
    assert catalogue.HELD_OUT in catalogue.suites(tmp_path)
    assert catalogue.find("Corner", tmp_path) == text.read(">G")


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        ("[A]\n>G\n[A]\n>G", "two mazes are called A"),
        ("[A]\n>G\n[B]\n>x", "mine.txt, B: row 1, column 2 of the map is 'x'"),
    ],
)
def test_what_is_wrong_in_a_file_is_told_with_its_maze(words: str, complaint: str) -> None:
    with pytest.raises(ConfigError, match=complaint):
        catalogue.parse(words, "mine.txt")


def test_unknown_names_are_answered_with_those_there_are() -> None:
    with pytest.raises(ConfigError, match="unknown maze 'Nowhere'; there are: .*Labyrinth"):
        catalogue.find("Nowhere")
    with pytest.raises(ConfigError, match="unknown suite 'none'; there are: .*held-out"):
        catalogue.suite("none")
