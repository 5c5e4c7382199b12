"""The grid: walls stop, the goal ends, the shortest way arrives."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.games import Wanderer
from wunderkammer.worlds.film.grid import HORIZON, MOVES, PATCH, Grid, plan_of
from wunderkammer.worlds.maze.trail import trail


def test_the_shortest_way_arrives_in_as_many_moves_as_it_has():
    games, levels = Grid(4, 0), Grid(4, 0).see().levels
    wanted = [len(trail(plan_of(int(level)))) - 1 for level in levels]
    took = [0] * 4
    for step in range(1, HORIZON):
        games.act(games.best())
        for game in np.flatnonzero(games.see().rewards):
            took[game] = took[game] or step
    assert took == wanted


def test_the_arrival_is_seen_and_only_then_does_another_maze_begin():
    games = Grid(1, 0)
    while not games.see().rewards[0]:
        games.act(games.best())
    arrived, level = games.see(), games.see().levels[0]
    games.act(np.array([0]))

    assert not arrived.firsts[0]
    assert not (arrived.frames == (52, 150, 92)).all(-1).any()  # the agent stands on the goal
    assert games.see().firsts[0]
    assert games.see().rewards[0] == 0
    assert games.see().levels[0] != level


def test_cells_are_drawn_as_whole_patches():
    frames = Grid(3, 1).see().frames
    cells = frames[:, ::PATCH, ::PATCH]

    assert frames.shape == (3, 32, 32, 3)
    assert np.array_equal(cells.repeat(PATCH, 1).repeat(PATCH, 2), frames)


def test_who_never_arrives_is_stopped_without_reward():
    games = Grid(1, 2)
    away = (games.best() + 2) % len(MOVES)
    for step in range(HORIZON):
        assert games.see().firsts[0] == (step == 0)
        games.act(away)
    scene = games.see()

    assert scene.firsts[0]
    assert scene.rewards[0] == 0


def test_levels_come_from_where_they_were_asked_from():
    games = Grid(64, 0, first_level=1000, levels=5)

    assert set(games.see().levels) <= set(range(1000, 1005))


def test_no_game_is_refused():
    with pytest.raises(ConfigError, match="at least one"):
        Grid(0, 0)


def test_a_wanderer_keeps_to_its_action_and_draws_by_weight():
    play, scene = Wanderer(np.random.default_rng(0), [0, 3, 1], hold=5), Grid(200, 0).see()
    scene = scene._replace(firsts=np.zeros(200, bool))
    first = play(scene)
    kept = np.mean([(play(scene) == first).mean() for _ in range(1)])

    assert 0.65 < (first == 1).mean() < 0.85
    assert 0.75 < kept < 0.99
    assert 0 not in first
