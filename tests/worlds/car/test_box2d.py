"""Our tracks in Gymnasium's CarRacing: the same road, and one clear line where that is not installed."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import catalogue
from wunderkammer.worlds.car.box2d import car_racing, corners
from wunderkammer.worlds.car.course import HALF_WIDTH, TILES

PLAN = catalogue.TRACKS.find("Monza")


def test_tiles_lie_on_the_road_and_lead_along_it() -> None:
    tiles = corners(PLAN)
    assert tiles.corners.shape == (TILES, 4, 2)
    places = np.array(tiles.places)
    np.testing.assert_allclose(places[0, 2:], np.array(PLAN.points[0]) - 150, atol=1e-9)
    ahead = np.roll(places[:, 2:], -1, 0) - places[:, 2:]
    facing = np.stack([-np.sin(places[:, 1]), np.cos(places[:, 1])], -1)
    assert ((ahead * facing).sum(-1) > 0.9 * np.hypot(*ahead.T)).all()
    np.testing.assert_allclose(np.hypot(*(tiles.corners[:, 0] - tiles.corners[:, 1]).T), 2 * HALF_WIDTH)


def test_without_gymnasium_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "gymnasium.error", None)
    with pytest.raises(ConfigError, match=r'pip install "gymnasium\[box2d\]"') as caught:
        car_racing(PLAN)
    assert "\n" not in str(caught.value)


def test_it_is_played_where_it_is_installed() -> None:
    pytest.importorskip("Box2D")
    pytest.importorskip("pygame")
    env = car_racing(PLAN)
    env.reset(seed=0)
    for _ in range(10):
        seen, *_ = env.step(np.array([0, 0.3, 0], np.float32))
    assert seen.shape == (96, 96, 3)
    assert env.tile_visited_count > 0
    assert len(env.road) == TILES
