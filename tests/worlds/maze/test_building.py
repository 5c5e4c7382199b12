"""Building by hand: what each action places, what the mask forbids, and where an episode ends."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze.building import NOWHERE, Building
from wunderkammer.worlds.maze.level import Level, read, write

SMALL = Building(height=3, width=4, walls=3, noise=2)
GROUND = SMALL.ground()
begin = jax.jit(Building.reset_to_level, static_argnums=0)
act = jax.jit(Building.step, static_argnums=0)
again = jax.jit(Building.reopen, static_argnums=0)


def build(actions, building=SMALL, level=None, seed=0):
    """Every step of an episode, the first observation in front."""
    state, sketch = begin(building, jax.random.key(seed), level or GROUND)
    steps, sketches = [], [sketch]
    for action in actions:
        steps.append(act(building, jax.random.key(0), state, jnp.int32(action)))
        state = steps[-1].state
        sketches.append(steps[-1].observation)
    return steps, sketches


def test_goal_agent_then_walls():
    steps, sketches = build([0, 5, 6, 11, 1])
    level = SMALL.level(steps[-1].state)
    assert write(level).count("#") >= 3
    np.testing.assert_array_equal(level.goal, [0, 0])
    np.testing.assert_array_equal(level.agent, [1, 1])
    np.testing.assert_array_equal(level.walls, [[0, 1, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1]])
    np.testing.assert_array_equal(sketches[-1].map[..., 0], level.walls)
    assert sketches[-1].map[0, 0].tolist() == [0, 1, 0]
    assert sketches[-1].map[1, 1].tolist() == [0, 0, 1]


def test_an_episode_is_as_long_as_its_things_and_ends_by_itself():
    steps, sketches = build([0, 5, 6, 11, 1])
    assert SMALL.horizon == 5
    assert [bool(step.done) for step in steps] == [False, False, False, False, True]
    assert not any(bool(step.truncated) for step in steps)
    assert [float(step.reward) for step in steps] == [0.0] * 5
    assert [int(sketch.time) for sketch in sketches] == [0, 1, 2, 3, 4, 5]


def test_nothing_is_seen_before_it_is_placed():
    _, (first, second, third, *_) = build([7, 2])
    assert not first.map.any()
    assert np.argwhere(second.map).tolist() == [[1, 3, 1]]
    assert np.argwhere(third.map).tolist() == [[0, 2, 2], [1, 3, 1]]


def test_the_mask_forbids_goal_and_agent_once_they_stand():
    _, (first, second, third, fourth) = build([7, 2, 4])
    assert first.allowed.all()
    assert np.flatnonzero(~second.allowed).tolist() == [7]
    assert np.flatnonzero(~third.allowed).tolist() == [2, 7]
    assert np.flatnonzero(~fourth.allowed).tolist() == [2, 7], "a wall may be chosen again: it stays, and one is saved"


def test_an_agent_put_on_the_goal_goes_to_the_next_cell():
    steps, _ = build([11, 11])
    assert int(steps[-1].state.agent) == 0, "after the last cell comes the first"
    assert int(build([4, 4])[0][-1].state.agent) == 5


def test_a_wall_on_goal_or_agent_is_not_built_and_one_on_a_wall_stays():
    steps, _ = build([7, 2, 7, 2, 4])
    assert np.flatnonzero(steps[-1].state.walls).tolist() == [4]
    steps, _ = build([7, 2, 4, 4, 4])
    assert np.flatnonzero(steps[-1].state.walls).tolist() == [4]


def test_a_level_gives_its_walls_and_goal_and_agent_open_theirs():
    walls = jnp.ones((3, 4), jnp.bool_).at[2].set(False)
    start = Level(walls, jnp.array([2, 0]), jnp.int32(0), jnp.array([2, 3]))
    steps, sketches = build([0, 5, 8, 8, 8], level=start)
    assert int(sketches[0].map[..., 0].sum()) == 8
    assert not sketches[0].map[..., 1:].any(), "goal and agent of the level are not taken over"
    level = SMALL.level(steps[-1].state)
    np.testing.assert_array_equal(level.walls, [[0, 1, 1, 1], [1, 0, 1, 1], [1, 0, 0, 0]])
    assert write(read(write(level))) == write(level)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.integers(0, 11), min_size=5, max_size=5), st.integers(0, 2**31 - 1))
def test_whatever_is_chosen_becomes_a_level_that_can_be_written(actions, seed):
    steps, _ = build(actions, seed=seed)
    level = SMALL.level(steps[-1].state)
    assert int(level.walls.sum()) <= SMALL.walls
    assert not bool(level.walls[tuple(level.goal)])
    assert not bool(level.walls[tuple(level.agent)])
    assert write(read(write(level))) == write(level)


def test_reopening_keeps_goal_agent_and_half_of_the_walls():
    walls = np.zeros((3, 4), bool)
    walls[0] = True
    level = Level(jnp.array(walls), jnp.array([1, 1]), jnp.int32(3), jnp.array([2, 3]))
    roomy = Building(height=3, width=4, walls=6, noise=2)
    kept = []
    for seed in range(8):
        site, sketch = again(roomy, jax.random.key(seed), level)
        kept.append(tuple(np.flatnonzero(site.walls).tolist()))
        assert int(sketch.time) == 4
        assert (int(site.agent), int(site.goal), int(site.direction)) == (5, 11, 3)
    assert all(len(cells) == 2 and max(cells) < 4 for cells in kept)
    assert len(set(kept)) > 1
    site, _ = again(SMALL, jax.random.key(0), level)
    assert int(site.walls.sum()) == 1, "at most half of what the builder may place"
    assert int(site.time) == 3


def test_noise_differs_between_episodes_and_stays_within_one():
    _, ones = build([0, 5, 6], seed=1)
    _, others = build([0, 5, 6], seed=2)
    assert not np.allclose(ones[0].noise, others[0].noise)
    assert all(np.array_equal(ones[0].noise, later.noise) for later in ones)
    many = jax.vmap(SMALL.reset_to_level, (0, None))(jax.random.split(jax.random.key(0), 400), GROUND)[1].noise
    assert many.std(axis=0) == pytest.approx(1 / np.sqrt(3), abs=0.05)
    assert len(np.unique(np.asarray(many), axis=0)) == 400


def test_directions_are_drawn():
    keys = jax.random.split(jax.random.key(0), 64)
    states, _ = jax.vmap(SMALL.reset_to_level, (0, None))(keys, GROUND)
    assert set(np.asarray(states.direction).tolist()) == {0, 1, 2, 3}


def test_the_picture_shows_what_stands():
    state, _ = begin(SMALL, jax.random.key(0), GROUND)
    assert int(state.agent) == NOWHERE
    before = SMALL.render(state)
    after = SMALL.render(build([0, 5, 6])[0][-1].state)
    assert before.shape == after.shape == (40, 48, 3)
    changed = (before != after).any(-1).reshape(5, 8, 6, 8).any((1, 3))
    assert np.argwhere(changed).tolist() == [[0, 0], [1, 1], [2, 2], [2, 3]], "corner, goal, agent, wall"


def test_a_field_too_small_and_a_builder_without_noise_are_refused():
    with pytest.raises(ConfigError, match="room for 0 to 10"):
        Building(3, 4, walls=11)
    with pytest.raises(ConfigError, match="noise"):
        Building(noise=0)
