"""Building a track: where each action puts its point, and what even choices come to."""

from __future__ import annotations

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import course
from wunderkammer.worlds.car.building import ANGLES, REACHES, TrackBuilding
from wunderkammer.worlds.car.levels import CarLevels
from wunderkammer.worlds.car.text import POINTS, SIDE

BUILDING = TrackBuilding(noise=3)
begin = jax.jit(BUILDING.reset_to_level)
act = jax.jit(BUILDING.step)
level = jax.jit(BUILDING.level)


def build(actions):
    """The last state, and every observation."""
    state, sketch = begin(jax.random.key(0), BUILDING.ground())
    sketches, over = [sketch], []
    for action in actions:
        step = act(jax.random.key(0), state, jnp.int32(action))
        state = step.state
        sketches.append(step.observation)
        over.append((bool(step.done), bool(step.truncated), float(step.reward)))
    return state, sketches, over


def polar(points):
    """Twelfths of the circle, from 0 to 12, and metres from the middle."""
    x, y = (np.asarray(points, float) - SIDE / 2).T
    return np.arctan2(y, x) % (2 * np.pi) * POINTS / (2 * np.pi), np.hypot(x, y)


def test_every_point_lies_in_its_twelfth_as_far_out_as_was_chosen():
    state, _, over = build(range(POINTS))
    angle, reach = polar(level(state).points)
    np.testing.assert_array_equal(np.floor(angle), np.arange(POINTS))
    np.testing.assert_allclose(angle % 1, (np.arange(POINTS) % ANGLES + 0.5) / ANGLES, atol=0.05)
    np.testing.assert_allclose(reach, 50 + (np.arange(POINTS) // ANGLES + 0.5) * 100 / REACHES, atol=1)
    assert over == [(False, False, 0.0)] * (POINTS - 1) + [(True, False, 0.0)], "it ends by itself, and earns nothing"


def test_a_sketch_shows_what_is_down_and_all_is_allowed():
    _, sketches, _ = build([5, 30])
    assert [int(sketch.time) for sketch in sketches] == [0, 1, 2]
    assert not sketches[0].map.any()
    assert np.argwhere(sketches[2].map).tolist() == [[0, 5 // ANGLES, 5 % ANGLES], [1, 30 // ANGLES, 30 % ANGLES]]
    assert all(sketch.allowed.all() and sketch.allowed.shape == (BUILDING.actions,) for sketch in sketches)
    np.testing.assert_array_equal(sketches[0].noise, sketches[2].noise)


def test_even_choices_build_what_is_sampled():
    """Length and share of tracks that can be driven, of 256 each; a quarter of a bin is all that may differ."""
    keys = jax.random.split(jax.random.key(1), 256)
    pegs = jax.vmap(lambda key: BUILDING.reset_to_level(key, BUILDING.ground())[0])(keys)
    drawn = jax.vmap(lambda key: jax.random.randint(key, (POINTS,), 0, BUILDING.actions))(keys)
    pegs = type(pegs)(drawn, pegs.time + POINTS, pegs.noise)
    measure = jax.jit(jax.vmap(lambda one: course.features(one.points)))
    built, sampled = measure(jax.vmap(level)(pegs)), measure(jax.vmap(CarLevels().sample)(keys))
    assert abs(built["length"].mean() - sampled["length"].mean()) < 25
    assert abs(built["solvable"].mean() - sampled["solvable"].mean()) < 0.1


def test_the_ground_can_be_driven_and_a_picture_has_a_dot_per_point():
    assert bool(course.features(np.asarray(BUILDING.ground().points, float))["solvable"])
    picture = jax.jit(BUILDING.render)
    state, _, _ = build([])
    empty = picture(state)
    assert np.unique(empty.reshape(-1, 3), axis=0).shape[0] == 1
    state, _, _ = build([31, 31])
    assert int((picture(state) != empty).any(-1).sum()) == 2


def test_a_builder_without_noise_is_refused():
    with pytest.raises(ConfigError, match="set noise to 1 or more"):
        TrackBuilding(noise=0)
