"""Car racing as a world: how the car moves, what is earned, what is seen."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import catalogue, course, raster
from wunderkammer.worlds.car.clip import Drive, gif, png
from wunderkammer.worlds.car.level import Level, of_plan, stack
from wunderkammer.worlds.car.physics import DT, GRASS, Car, Controls, advance, parked
from wunderkammer.worlds.car.pursuit import Pursuit
from wunderkammer.worlds.car.text import SIDE
from wunderkammer.worlds.car.world import PEDALS, STEERS, CarRacing

KEY = jax.random.key(0)
PLAN = catalogue.TRACKS.find("Monza")
LEVEL = of_plan(PLAN)
MIRRORED = Level(jnp.array([SIDE, 0]) + jnp.array([-1, 1]) * LEVEL.points)
BOTH = stack([LEVEL, MIRRORED])
WORLD = CarRacing(sight="way")
SMALL = CarRacing(frames=10, repeat=4, pixels=16, stack=2)
STRAIGHT, GAS, BRAKE = STEERS.index(0.0), len(STEERS), 2 * len(STEERS)


@cache
def rolled(speed: float, steer: float, brake: float, grip: float) -> tuple[Car, np.ndarray]:
    """A car after each of 50 frames, (50,) leaves, and its places (50, 2)."""

    @jax.jit
    def run(speed, controls, grip):
        start = replace(parked(jnp.zeros(2), jnp.array([1.0, 0.0])), forward=speed)

        def frame(car, _):
            car = advance(car, controls, jnp.full(2, grip))
            return car, car

        return jax.lax.scan(frame, start, None, 50)[1]

    cars = run(jnp.float32(speed), Controls(*map(jnp.float32, (steer, 0.0, brake))), jnp.float32(grip))
    return cars, np.stack([np.asarray(cars.x), np.asarray(cars.y)], -1)


def test_brakes_stop_the_car_and_take_longer_on_grass() -> None:
    on_road, on_grass = (np.asarray(rolled(40.0, 0.0, 1.0, grip)[0].forward) for grip in (1.0, GRASS))
    assert on_road[-1] == on_grass[-1] == 0
    assert (on_road >= 0).all()
    assert (on_road > 0).sum() < (on_grass > 0).sum()


def test_without_pedals_it_rolls_on() -> None:
    car, places = rolled(20.0, 0.0, 0.0, 1.0)
    assert float(car.forward[-1]) == pytest.approx(20)
    assert places[-1] == pytest.approx([20 * 50 * DT, 0])


def test_full_lock_is_a_circle_of_the_wheelbase_over_the_tangent() -> None:
    car, _ = rolled(5.0, -1.0, 0.0, 1.0)
    speed = np.hypot(np.asarray(car.forward), np.asarray(car.left))[-1]
    assert speed / float(car.spin[-1]) == pytest.approx(3.24 / np.sin(0.4), rel=0.1)


def test_grass_makes_the_circle_wider_and_the_right_is_the_right() -> None:
    (_, road), (_, grass) = (rolled(60.0, 1.0, 0.0, grip) for grip in (1.0, GRASS))
    assert road[-1][1] < 0, "steering to the right from x leads to negative y"
    assert np.ptp(grass[:, 0]) > np.ptp(road[:, 0])


@cache
def laps() -> tuple[np.ndarray, ...]:
    """The pursuing driver on a track and on its mirror image: rewards, dones, truncations, places, shares."""

    @jax.jit
    def run(levels):
        states, seen = jax.vmap(WORLD.reset_to_level, (None, 0))(KEY, levels)

        def frame(at, _):
            states, seen = at
            after = jax.vmap(WORLD.drive, (None, 0, 0))(KEY, states, Pursuit().controls(seen))
            car = after.state.car
            told = (after.reward, after.done, after.truncated, jnp.stack([car.x, car.y], -1), after.state.share)
            return (after.state, after.observation), told

        return jax.lax.scan(frame, (states, seen), None, WORLD.horizon)[1]

    return tuple(np.asarray(part) for part in jax.device_get(run(BOTH)))


def test_a_whole_lap_is_worth_a_thousand_less_a_tenth_a_frame() -> None:
    rewards, dones, truncations, _, shares = laps()
    end = int(dones[:, 0].argmax())
    assert shares[end, 0] == 1
    assert not truncations[end, 0]
    assert rewards[: end + 1, 0].sum() == pytest.approx(1000 - 0.1 * (end + 1), abs=0.01)
    assert shares[end - 1, 0] < 1
    assert end < 999


def test_a_mirrored_track_is_driven_as_its_mirror_image() -> None:
    *_, places, shares = laps()
    far = 200
    np.testing.assert_allclose(places[:far, 1], [SIDE, 0] + places[:far, 0] * [-1, 1], atol=0.5)
    np.testing.assert_allclose(shares[:far, 1], shares[:far, 0], atol=0.02)


@cache
def programs():
    """Of the small world that sees pictures: reset and step of two at once, and of one."""
    many = jax.jit(jax.vmap(SMALL.reset_to_level, (None, 0))), jax.jit(jax.vmap(SMALL.step, (None, 0, 0)))
    return *many, jax.jit(SMALL.reset_to_level), jax.jit(SMALL.step)


def test_time_alone_cuts_off_in_the_middle_of_an_action() -> None:
    reset, step, *_ = programs()
    states, _ = reset(KEY, BOTH)
    for turn in range(SMALL.horizon):
        after = step(KEY, states, jnp.full(2, STRAIGHT))
        assert bool(after.done[0]) == bool(after.truncated[0]) == (turn == SMALL.horizon - 1)
        states = after.state
    assert SMALL.horizon == 3
    assert int(states.time[0]) == 10


def test_vmapped_is_the_same_as_one_by_one_and_pictures_are_mirrored() -> None:
    reset, step, reset_one, step_one = programs()
    states, seen = reset(KEY, BOTH)
    turns = jnp.array([GAS, GAS + len(STEERS) - 1])
    after = step(KEY, states, turns)
    for place, level in enumerate((LEVEL, MIRRORED)):
        state, first = reset_one(KEY, level)
        alone = step_one(KEY, state, turns[place])
        np.testing.assert_allclose(alone.state.car.x, after.state.car.x[place], rtol=1e-6)
        for one, other in ((first, seen), (alone.observation, after.observation)):
            np.testing.assert_allclose(one.gauges, other.gauges[place], atol=1e-5)
            assert np.abs(one.view.astype(int) - np.asarray(other.view[place], int)).max() <= 2
    assert seen.view.shape == (2, 16, 16, 2)
    np.testing.assert_array_equal(seen.view[..., 0], seen.view[..., 1])
    turned = seen.view[1, :, ::-1].astype(int) - np.asarray(seen.view[0], int)
    assert np.abs(turned).max() <= 2
    assert float(after.observation.gauges[0, 3]) > 0 > float(after.observation.gauges[1, 3])


def test_leaving_the_field_costs_a_tenth_of_all_tiles_and_ends() -> None:
    reset, step, *_ = programs()
    states, _ = reset(KEY, BOTH)
    gone = replace(
        states, car=replace(states.car, x=jnp.full(2, -49.9), heading=jnp.full(2, jnp.pi), forward=jnp.full(2, 50.0))
    )
    after = step(KEY, gone, jnp.full(2, STRAIGHT))
    assert after.done.all()
    assert not after.truncated.any()
    np.testing.assert_allclose(after.reward, -100)


def test_what_is_seen_is_the_road_where_it_is() -> None:
    road = course.course(np.array(PLAN.points, np.float32))
    window = raster.Window(32, 60.0)

    @jax.jit
    def look(centre, ahead, spacing):
        field = raster.distances(course.Course(centre, ahead, spacing))
        return field, raster.paint(field, window, centre[0], ahead[0], True)

    field, picture = look(*map(jnp.asarray, road))
    offset = (np.arange(32) + 0.5) * 60 / 32 - 30
    places = road.centre[0] - offset[:, None, None] * road.ahead[0]
    places = places + offset[None, :, None] * np.array([road.ahead[0][1], -road.ahead[0][0]])
    fine = course.curve(np.array(PLAN.points, np.float64))
    far = np.sqrt(((places[:, :, None] - fine) ** 2).sum(-1)).min(-1)
    grey = (np.asarray(picture) == raster.ROAD).all(-1)
    assert grey[far < course.HALF_WIDTH - 1.5].all()
    assert not grey[far > course.HALF_WIDTH + 1.5].any()
    near = far < 10
    np.testing.assert_allclose(
        np.asarray(raster.distance_at(field, jnp.asarray(places)))[near & (far > 4)], far[near & (far > 4)], atol=0.4
    )


def test_actions_are_wheel_and_pedals() -> None:
    controls = WORLD.controls(jnp.arange(WORLD.actions))
    np.testing.assert_allclose(controls.gas, np.repeat([gas for gas, _ in PEDALS], len(STEERS)))
    np.testing.assert_allclose(controls.brake, np.repeat([brake for _, brake in PEDALS], len(STEERS)))
    np.testing.assert_allclose(controls.steer, np.tile(STEERS, len(PEDALS)))
    assert float(controls.steer[STRAIGHT]) == 0
    assert float(controls.brake[BRAKE]) > 0


def test_a_drive_is_a_moving_picture() -> None:
    *_, places, shares = laps()
    drive = Drive.of(np.concatenate([places[:10:5, 0], np.zeros((2, 2)), shares[:10:5, :1]], -1))
    assert Drive.load(drive.dump()) == drive
    assert gif(PLAN, drive).startswith(b"GIF89a")
    assert png(PLAN).startswith(b"\x89PNG")
    with pytest.raises(ConfigError, match="no drive"):
        Drive.load(b"{}")


@pytest.mark.parametrize("wrong", [{"frames": 0}, {"pixels": 4}, {"stack": 0}, {"worth": 0}])
def test_a_world_that_cannot_be_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        CarRacing(**wrong)
