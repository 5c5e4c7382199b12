"""Computations as frames: chains end where a solver by other means does, and the solvers are right."""

from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.video_decisions.computing import compute
from wunderkammer.domains.video_decisions.exercises import Exercises, exam, started, words
from wunderkammer.domains.video_decisions.tasks import TASKS
from wunderkammer.domains.video_decisions.tasks.automata import LIFE
from wunderkammer.domains.video_decisions.tasks.mazes import Flood, Way, distances
from wunderkammer.domains.video_decisions.tasks.palette import Cell, Grid, tiles
from wunderkammer.domains.video_decisions.tasks.task import Task, chain

EVERY = pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)


def graph(floor: np.ndarray) -> nx.Graph:
    whole = nx.grid_2d_graph(*floor.shape)
    whole.remove_nodes_from([cell for cell in list(whole) if not floor[cell]])
    return whole


@EVERY
@pytest.mark.parametrize("side", [5, 7, 9])
def test_a_chain_comes_to_the_answer(task: Task, side: int) -> None:
    first = task.start(np.random.default_rng(side), 60, side)
    assert first.shape == (60, side, side)
    assert (chain(task, first)[-1] == task.answer(first)).all()


@EVERY
def test_a_chain_has_no_more_frames_than_it_says(task: Task) -> None:
    first = task.start(np.random.default_rng(1), 40, 7)
    longer = chain(task, first, task.steps(7))
    assert (longer[-1] == task.answer(first)).all()


def test_shortest_ways_are_those_of_networkx_and_the_only_ones() -> None:
    first = Way().start(np.random.default_rng(3), 40, 9)
    for begun, solved in zip(first, Way().answer(first), strict=True):
        start, goal = (tuple(map(int, np.argwhere(begun == cell)[0])) for cell in (Cell.START, Cell.GOAL))
        (only,) = nx.all_shortest_paths(graph(begun != Cell.WALL), start, goal)
        marked = {tuple(map(int, cell)) for cell in np.argwhere(np.isin(solved, (Cell.SHORTEST, Cell.REACHED)))}
        assert marked == set(only)


def test_floods_reach_the_component_that_networkx_finds() -> None:
    first = Flood().start(np.random.default_rng(4), 40, 9)
    for begun, solved in zip(first, Flood().answer(first), strict=True):
        start = tuple(map(int, np.argwhere(begun == Cell.START)[0]))
        found = nx.node_connected_component(graph(begun != Cell.WALL), start)
        assert {tuple(map(int, cell)) for cell in np.argwhere(np.isin(solved, (Cell.WET, Cell.START)))} == found


def test_distances_are_those_of_networkx() -> None:
    floor = np.random.default_rng(5).random((9, 9)) < 0.7
    floor[0, 0] = True
    assert distances(floor, (0, 0)) == dict(nx.single_source_shortest_path_length(graph(floor), (0, 0)))


def test_a_glider_is_elsewhere_after_four_generations() -> None:
    frame = np.full((1, 8, 8), int(Cell.DEAD))
    for row, column in ((0, 1), (1, 2), (2, 0), (2, 1), (2, 2)):
        frame[0, row, column] = Cell.ALIVE
    after = chain(LIFE, frame, 4)[-1]
    assert (after[0, 1:, 1:] == frame[0, :-1, :-1]).all()
    assert (after == Cell.ALIVE).sum() == 5


@EVERY
def test_what_is_examined_is_never_learned_from(task: Task) -> None:
    learned = {frame.tobytes() for frame in started(task, 0, 0, 300, 3, held=False)}
    held = [frame.tobytes() for frame in exam(task, 5, 0, 100, 3).first]
    assert len(held) == 100
    assert not learned.intersection(held)


def test_exercises_follow_from_their_seed() -> None:
    first, again, other = (Exercises(seed, 16, 5, 1, "chain") for seed in (0, 0, 1))
    assert (first.batch(3, 12) == again.batch(3, 12)).all()
    assert not (first.batch(3, 12) == other.batch(3, 12)).all()


def test_answers_at_once_are_learned_from_the_first_frame() -> None:
    exercises = Exercises(0, 16, 5, 1, "once", [Flood()])
    length = words().length
    page = exercises.batch(0, 8).numpy()[:, :, length:].reshape(8, 2, 5, 5)
    assert (Flood().answer(page[:, 0]) == page[:, 1]).all()


class Solver:
    """In a video model's place: goes by the true rule, and plants errors."""

    device = "cpu"
    words = None

    def __init__(self, task: Task, spoilt: int) -> None:
        self.task, self.spoilt, self.calls = task, spoilt, 0

    def told(self, sentences):
        import torch

        return torch.zeros(len(sentences), 1, dtype=torch.int64)

    def follow(self, said, codes, dice, rounds):
        import torch

        frames: Grid = codes[:, -1].numpy().reshape(len(codes), 5, 5)
        after = self.task.advance(frames)
        if self.calls == 0:
            after[: self.spoilt, 0, 0] = Cell.EDGE
        self.calls += 1
        return torch.from_numpy(after.reshape(len(codes), -1))


def test_the_counter_finds_what_no_rule_would_have_made() -> None:
    asked = exam(LIFE, 0, 0, 10, 5)
    right, spoilt = (compute(Solver(LIFE, count), LIFE, asked, "chain", 0) for count in (0, 3))  # type: ignore[arg-type]
    assert (right.exact, right.wrong) == (1.0, 0.0)
    assert spoilt.wrong == pytest.approx(3 / 80)


def test_tiles_come_back_to_the_last_bit_and_strangers_are_refused() -> None:
    known = tiles()
    codes = np.random.default_rng(0).integers(len(known), size=(3, 25))
    assert (known.encode(known.decode(codes)) == codes).all()
    with pytest.raises(ConfigError, match="1 patches of these frames"):
        known.encode(np.zeros((8, 8, 3), np.uint8))
