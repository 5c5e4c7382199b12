"""The course of a track: a circle is a circle, what crosses is seen to, NumPy and JAX say the same."""

from __future__ import annotations

import jax
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import catalogue, course
from wunderkammer.worlds.car.level import write
from wunderkammer.worlds.car.levels import CarLevels
from wunderkammer.worlds.car.text import POINTS, SIDE

ANGLES = 2 * np.pi * np.arange(POINTS) / POINTS
CIRCLE = 150 + 100 * np.stack([np.cos(ANGLES), np.sin(ANGLES)], -1)
EIGHT = 150 + 100 * np.stack([np.sin(2 * ANGLES + 0.1), np.sin(ANGLES + 0.05)], -1)


def test_points_on_a_circle_give_a_circle() -> None:
    road, found = course.course(CIRCLE), course.features(CIRCLE)
    np.testing.assert_allclose(np.hypot(*(road.centre - 150).T), 100, atol=1.5)
    assert found["length"] == pytest.approx(2 * np.pi * 100, rel=0.01)
    assert found["curvature"] == pytest.approx(1 / 100, rel=0.05)
    assert (found["sharp"], found["crossings"], found["solvable"]) == (0, 0, 1)


def test_tiles_are_of_one_length_and_begin_at_the_first_point() -> None:
    road = course.course(np.array(catalogue.TRACKS.find("Monaco").points))
    steps = np.hypot(*(np.roll(road.centre, -1, 0) - road.centre).T)
    np.testing.assert_allclose(steps, road.spacing, rtol=0.03)
    np.testing.assert_allclose(road.centre[0], catalogue.TRACKS.find("Monaco").points[0])
    np.testing.assert_allclose(np.hypot(*road.ahead.T), 1)


def test_bends_to_the_left_are_positive_and_a_mirror_turns_them() -> None:
    assert (course.bends(course.course(CIRCLE)) > 0).all()
    np.testing.assert_allclose(
        course.bends(course.course(CIRCLE * [-1, 1])), -course.bends(course.course(CIRCLE)), atol=1e-9
    )


def test_a_track_that_crosses_itself_is_counted_and_not_solvable() -> None:
    found = course.features(EIGHT)
    assert found["crossings"] == 1
    assert found["solvable"] == 0


def test_a_road_too_near_itself_is_not_solvable_though_nothing_crosses() -> None:
    narrow = np.array([[x, 150 + 6 * side] for side in (1, -1) for x in (np.linspace(40, 260, 6)[::side])])
    found = course.features(narrow)
    assert found["clearance"] < 2 * course.HALF_WIDTH
    assert found["solvable"] == 0


def test_all_circuits_are_solvable() -> None:
    for name, plan in catalogue.TRACKS.suite(catalogue.CIRCUITS).items():
        found = course.features(np.array(plan.points))
        assert found["solvable"] == 1, name
        assert 700 < found["length"] < 1300, name


def test_sampled_and_edited_levels_are_on_the_sketch_and_jax_measures_as_numpy_does() -> None:
    levels = CarLevels()

    @jax.jit
    def some(key):
        first = levels.sample(key)
        child = levels.mutate(key, first, 2)
        return first, child, levels.features(first)

    first, child, found = jax.vmap(some)(jax.random.split(jax.random.key(0), 64))
    points = np.asarray(first.points)
    assert points.min() >= 0
    assert points.max() <= SIDE
    moved = (points != np.asarray(child.points)).any(-1).sum(-1)
    assert set(moved.tolist()) <= {0, 1, 2}
    assert moved.max() == 2
    for place in range(4):
        for name, value in course.features(points[place]).items():
            assert float(found[name][place]) == pytest.approx(float(value), rel=1e-3, abs=1e-3), name
    assert 0.5 < float(found["solvable"].mean()) <= 1
    only = jax.tree.map(lambda leaf: leaf[0], first)
    assert write(levels.read(levels.text(only))) == levels.text(only)


def test_what_cannot_be_sampled_is_refused() -> None:
    with pytest.raises(ConfigError, match="between 0 and 150 m"):
        CarLevels(inner=200)
