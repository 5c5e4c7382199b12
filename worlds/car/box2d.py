"""A track of ours in Gymnasium's CarRacing-v3, where that is installed: `pip install "gymnasium[box2d]"`.

Nothing here needs JAX.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.car import course
from wunderkammer.worlds.car.course import HALF_WIDTH, TILES
from wunderkammer.worlds.car.text import SIDE, Plan

ROAD = np.array([102.0, 102.0, 102.0])


def car_racing(plan: Plan, **settings: Any) -> Any:
    """A `gymnasium.Env`: CarRacing-v3 whose every episode is on this track, the sketch around the middle of its field.

    settings: of Gymnasium's `CarRacing`, for example `continuous=False` or `render_mode="rgb_array"`. There is no limit
    of time, as there is none without `gymnasium.make`.

    Raises:
        ConfigError: Gymnasium, Box2D or pygame is not installed.
    """
    try:
        from gymnasium.error import DependencyNotInstalled
    except ImportError as missing:
        raise _uninstalled() from missing
    try:
        from gymnasium.envs.box2d import car_racing as theirs
    except (ImportError, DependencyNotInstalled) as missing:
        raise _uninstalled() from missing

    class OnTrack(theirs.CarRacing):
        """CarRacing without its own track maker."""

        def _create_track(self) -> bool:
            tiles = corners(plan)
            self.road, self.track = [], tiles.places
            for number, corner in enumerate(tiles.corners):
                self.fd_tile.shape.vertices = [tuple(map(float, one)) for one in corner]
                body = self.world.CreateStaticBody(fixtures=self.fd_tile)
                body.userData = body
                body.color = ROAD + 2.55 * (number % 3)
                body.road_visited, body.road_friction, body.idx = False, 1.0, number
                body.fixtures[0].sensor = True
                self.road.append(body)
                self.road_poly.append(([tuple(map(float, one)) for one in corner], body.color))
            return True

    try:
        return OnTrack(**settings)
    except TypeError as fault:
        raise ConfigError(f"CarRacing-v3 does not take these settings: {fault}") from None


class Tiles(NamedTuple):
    """A road as CarRacing keeps it."""

    places: list[tuple[float, float, float, float]]
    """(angle from the middle, angle of the road, x, y) of each tile; a road at angle 0 leads towards y."""
    corners: Any
    """(TILES, 4, 2): around each tile."""


def corners(plan: Plan) -> Tiles:
    """The tiles of a track around (0, 0)."""
    road = course.course(np.array(plan.points, np.float64))
    centre = road.centre - SIDE / 2
    angles = np.arctan2(-road.ahead[:, 0], road.ahead[:, 1])
    right = np.stack([road.ahead[:, 1], -road.ahead[:, 0]], -1) * HALF_WIDTH
    before = np.roll(np.arange(TILES), 1)
    around = np.stack([centre - right, centre + right, (centre + right)[before], (centre - right)[before]], axis=1)
    places = [
        (float(np.arctan2(y, x)), float(angle), float(x), float(y))
        for (x, y), angle in zip(centre, angles, strict=True)
    ]
    return Tiles(places, around)


def _uninstalled() -> ConfigError:
    return ConfigError('CarRacing-v3 is not installed: pip install "gymnasium[box2d]"')
