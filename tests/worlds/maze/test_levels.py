"""Mazes sampled, edited and measured, held against a plain search."""

from __future__ import annotations

from collections import deque
from functools import partial

import jax
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.routes import best_return, distances

LEVELS = MazeLevels(height=6, width=7, walls=20)
STEPS = ((0, 1), (1, 0), (0, -1), (-1, 0))


@pytest.fixture(scope="module")
def many() -> Level:
    return jax.jit(jax.vmap(LEVELS.sample))(jax.random.split(jax.random.key(1), 300))


def at(levels: Level, place: int) -> Level:
    return jax.tree.map(lambda leaf: leaf[place], levels)


def test_sampled_levels_are_well_formed_and_spread_evenly(many: Level) -> None:
    walls = np.asarray(many.walls)
    counts = walls.sum((1, 2))
    rows = np.arange(len(walls))
    assert counts.min() == 0
    assert counts.max() == 20
    assert counts.mean() == pytest.approx(10, abs=1.2)
    assert not walls[rows, *np.asarray(many.agent).T].any()
    assert not walls[rows, *np.asarray(many.goal).T].any()
    assert (np.asarray(many.agent) != np.asarray(many.goal)).any(1).all()
    assert set(np.asarray(many.direction).tolist()) == {0, 1, 2, 3}
    cells = np.asarray(many.goal) @ [7, 1]
    assert len(set(cells.tolist())) == 42


def walk(level: Level, turning: bool) -> int:
    """The shortest way by a queue: cells, or actions where turns count; 0 where there is none."""
    walls, goal = np.asarray(level.walls), tuple(np.asarray(level.goal).tolist())
    start = (*np.asarray(level.agent).tolist(), int(level.direction) if turning else 0)
    queue, far = deque([start]), {start: 0}
    while queue:
        place = queue.popleft()
        row, column, direction = place
        if (row, column) == goal:
            return far[place]
        ways = [(direction, direction)] if turning else [(way, 0) for way in range(4)]
        after = [(row + STEPS[way][0], column + STEPS[way][1], looks) for way, looks in ways]
        if turning:
            after += [(row, column, (direction + turn) % 4) for turn in (1, -1)]
        for r, c, looks in after:
            if 0 <= r < walls.shape[0] and 0 <= c < walls.shape[1] and not walls[r, c] and (r, c, looks) not in far:
                far[r, c, looks] = far[place] + 1
                queue.append((r, c, looks))
    return 0


def test_features_are_those_of_a_plain_search(many: Level) -> None:
    found = jax.jit(jax.vmap(LEVELS.features))(many)
    for place in range(120):
        level = at(many, place)
        path = walk(level, turning=False)
        assert int(found["path"][place]) == path
        assert int(found["actions"][place]) == walk(level, turning=True)
        assert bool(found["solvable"][place]) == (path > 0)
        assert int(found["walls"][place]) == int(level.walls.sum())
    assert 0 < float(found["solvable"].mean()) < 1


def test_distances_fall_to_nought_at_the_goal() -> None:
    level = maps.read(">.#\n.##\n..G")
    np.testing.assert_array_equal(jax.jit(distances)(level), [[4, 5, -1], [3, -1, -1], [2, 1, 0]])


@pytest.mark.parametrize(("horizon", "best"), [(12, 1 - 0.9 * 0.5), (6, 0.1), (5, 0.0)])
def test_the_best_return_counts_turns_and_the_horizon(horizon: int, best: float) -> None:
    assert float(best_return(maps.read(">.#\n...\n..G"), horizon)) == pytest.approx(best)


def test_the_best_return_of_a_closed_maze_is_nought() -> None:
    assert float(best_return(maps.read(">#G"), 50)) == 0


def test_edits_keep_a_level_well_formed_and_change_little(many: Level) -> None:
    keys = jax.random.split(jax.random.key(2), 300)
    edited = jax.jit(jax.vmap(partial(LEVELS.mutate, edits=3)))(keys, many)
    changed = (np.asarray(edited.walls) != np.asarray(many.walls)).sum((1, 2))
    rows = np.arange(300)
    assert changed.max() == 3
    assert changed.mean() > 1.5
    assert not np.asarray(edited.walls)[rows, *np.asarray(edited.agent).T].any()
    assert not np.asarray(edited.walls)[rows, *np.asarray(edited.goal).T].any()
    assert (np.asarray(edited.agent) != np.asarray(edited.goal)).any(1).all()
    moved = (np.asarray(edited.goal) != np.asarray(many.goal)).any(1)
    assert 0.1 < moved.mean() < 0.5


def test_text_of_a_level_comes_back(many: Level) -> None:
    for place in range(5):
        level = at(many, place)
        words = LEVELS.text(level)
        assert LEVELS.text(LEVELS.read(words)) == words


def test_a_map_of_another_size_is_refused() -> None:
    with pytest.raises(ConfigError, match="1 rows and 3 columns, not 6 and 7"):
        LEVELS.read(">.G")


def test_more_walls_than_cells_are_refused() -> None:
    with pytest.raises(ConfigError, match="between 0 and 7 walls"):
        MazeLevels(height=3, width=3, walls=8)
