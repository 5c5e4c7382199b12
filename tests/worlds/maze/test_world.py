"""The maze as a world, held against a slow reference in plain Python."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import level as maps
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.world import FORWARD, LEFT, RIGHT, Maze

WORLD = Maze(height=5, width=6, view=5, horizon=12)
LEVELS = MazeLevels(height=5, width=6, walls=12)
KEY = jax.random.key(0)
reset = jax.jit(WORLD.reset_to_level)
step = jax.jit(WORLD.step)
sample = jax.jit(LEVELS.sample)
STEPS = {0: (0, 1), 1: (1, 0), 2: (0, -1), 3: (-1, 0)}
STRAIGHT = """
>...G.
......
......
......
......
"""


def seen(words: str, row: int, column: int, direction: int, side: int) -> list[list[str]]:
    """What an agent at a cell sees, cell by cell: the slow way."""
    rows = words.split()
    down, right = STEPS[direction]
    picture = []
    for ahead in range(side - 1, -1, -1):
        line = []
        for aside in range(-(side // 2), side // 2 + 1):
            r, c = row + ahead * down + aside * right, column + ahead * right - aside * down
            inside = 0 <= r < len(rows) and 0 <= c < len(rows[0])
            line.append(rows[r][c] if inside else "#")
        picture.append(line)
    return picture


def signs(view: np.ndarray) -> list[list[str]]:
    return [[".#G"[int(plane)] for plane in line] for line in view.argmax(-1)]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 2), max_size=11))
@settings(max_examples=60, deadline=None)
def test_an_episode_is_that_of_the_slow_reference(seed: int, actions: list[int]) -> None:
    level = sample(jax.random.key(seed))
    words = maps.write(level)
    blank = "".join("." if sign in ">v<^" else sign for sign in words)
    state, observation = reset(KEY, level)
    row, column, direction = int(level.agent[0]), int(level.agent[1]), int(level.direction)
    for time, action in enumerate(actions):
        assert signs(np.asarray(observation.view)) == seen(blank, row, column, direction, 5)
        assert int(observation.direction) == direction
        assert np.asarray(observation.view).sum() == 25
        ahead = seen(blank, row, column, direction, 3)[1][1]
        after = step(KEY, state, jnp.int32(action))
        reached = action == FORWARD and ahead == "G"
        assert bool(after.done) == reached
        assert float(after.reward) == pytest.approx(1 - 0.9 * (time + 1) / 12 if reached else 0)
        if reached:
            return
        if action == FORWARD and ahead != "#":
            row, column = row + STEPS[direction][0], column + STEPS[direction][1]
        direction = (direction + {LEFT: -1, RIGHT: 1, FORWARD: 0}[action]) % 4
        state, observation = after.state, after.observation
        assert (int(state.row), int(state.column), int(state.direction)) == (row, column, direction)


def test_a_straight_walk_ends_at_the_goal_with_its_reward() -> None:
    state, _ = reset(KEY, maps.read(STRAIGHT))
    rewards, dones = [], []
    for _ in range(4):
        after = step(KEY, state, jnp.int32(FORWARD))
        state = after.state
        rewards.append(float(after.reward))
        dones.append(bool(after.done))
    assert rewards == pytest.approx([0, 0, 0, 1 - 0.9 * 4 / 12])
    assert dones == [False, False, False, True]
    assert not bool(after.truncated)
    assert (int(state.row), int(state.column)) == (0, 4)


def test_time_alone_cuts_an_episode_off() -> None:
    state, _ = reset(KEY, maps.read(STRAIGHT))
    ends = []
    for _ in range(12):
        after = step(KEY, state, jnp.int32(LEFT))
        state = after.state
        ends.append((bool(after.done), bool(after.truncated)))
    assert ends == [(False, False)] * 11 + [(True, True)]
    assert float(after.reward) == 0


def test_the_goal_in_the_last_step_is_no_truncation() -> None:
    state, _ = reset(KEY, maps.read(STRAIGHT))
    for action in [LEFT] * 8 + [FORWARD] * 4:
        after = step(KEY, state, jnp.int32(action))
        state = after.state
    assert bool(after.done)
    assert not bool(after.truncated)
    assert float(after.reward) == pytest.approx(0.1)


def test_the_border_is_a_wall() -> None:
    state, _ = reset(KEY, maps.read(STRAIGHT.replace(">", "^")))
    after = step(KEY, state, jnp.int32(FORWARD))
    assert (int(after.state.row), int(after.state.column)) == (0, 0)


def test_vmapped_is_the_same_as_one_by_one() -> None:
    levels = jax.jit(jax.vmap(LEVELS.sample))(jax.random.split(KEY, 4))
    keys = jax.random.split(KEY, 4)
    states, seen_ = jax.jit(jax.vmap(WORLD.reset_to_level))(keys, levels)
    actions = jnp.array([FORWARD, LEFT, RIGHT, FORWARD])
    together = jax.jit(jax.vmap(WORLD.step))(keys, states, actions)
    for place in range(4):
        state, observation = reset(keys[place], jax.tree.map(lambda leaf, at=place: leaf[at], levels))
        alone = step(keys[place], state, actions[place])
        pairs = jax.tree.map(
            lambda one, many, at=place: bool((one == many[at]).all()), (observation, alone), (seen_, together)
        )
        assert all(jax.tree.leaves(pairs))


def test_resetting_to_another_level_compiles_nothing() -> None:
    world = Maze(height=3, width=3)
    begin, go = jax.jit(world.reset_to_level), jax.jit(world.step)
    for words in (">.G\n...\n...", "G##\n.#.\n..<"):
        state, _ = begin(KEY, maps.read(words))
        go(KEY, state, jnp.int32(0))
    assert begin._cache_size() == 1
    assert go._cache_size() == 1


def test_a_narrow_view_is_the_middle_of_the_near_rows_of_the_wide_one() -> None:
    level = sample(jax.random.key(5))
    _, wide = reset(KEY, level)
    _, narrow = jax.jit(Maze(height=5, width=6, view=3).reset_to_level)(KEY, level)
    np.testing.assert_array_equal(narrow.view, wide.view[2:, 1:4])


def test_a_picture_shows_border_goal_and_agent() -> None:
    state, _ = reset(KEY, maps.read(STRAIGHT))
    picture = np.asarray(jax.jit(WORLD.render)(state))
    assert picture.shape == (7 * 8, 8 * 8, 3)
    assert picture.dtype == np.uint8
    centre = picture[4::8, 4::8].astype(int)
    goal, agent = centre[1, 5], centre[1, 1]
    assert goal.argmax() == 1
    assert agent.argmax() == 0
    assert centre[[0, -1]].max() < 120
    assert centre[:, [0, -1]].max() < 120
    assert centre[5, 6].min() > 200
    assert (centre[2, 2] != centre[5, 6]).any()  # seen, and not


@pytest.mark.parametrize("wrong", [{"view": 4}, {"view": 7}, {"horizon": 0}])
def test_a_world_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        Maze(**wrong)
