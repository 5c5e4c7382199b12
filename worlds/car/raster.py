"""Pictures of a track from any place and angle, many at once: a coarse map of distances, sampled pixel by pixel.

When an episode begins, the distance to the road's middle is kept at `NODES` × `NODES` places of the field, a byte each.
A picture is then a few operations per pixel: turn it into the field, fetch the four places around it and interpolate.
Since what is interpolated is a distance and not a colour, edges are smooth and off by centimetres only, though the
places are three metres apart.
"""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.car.course import HALF_WIDTH, Course
from wunderkammer.worlds.car.text import SIDE

MARGIN = 50
"""Metres of grass around the sketch; beyond lies nothing."""
NODES = 128
STEP = (SIDE + 2 * MARGIN) / NODES
"""Metres between two of them; the first is half a step inside the field."""
UNIT = 0.05
"""Metres per count of the map's bytes; 255 of them are further than matters."""
_STAMP = 5
"""Nodes around a tile whose distance is worked out, each way."""
COVERAGES, NOTHING = 126, 255
"""Steps in which road covers a pixel; the shade of what lies beyond the field."""
BRIGHTNESS = (0.299, 0.587, 0.114)
ROAD, MEADOW, PATCH = (102, 102, 102), (102, 204, 102), (102, 230, 102)
"""CarRacing's colours: the road, and the two of the grass."""
PATCHES = SIDE / 9
"""Metres: the side of the patches in which the grass is laid out, so that speed can be seen where there is no road."""

SEEN = 60.0
"""Metres: the side of what a driver sees; a quarter of it lies behind the car."""


class Window(NamedTuple):
    """A square picture of the field."""

    pixels: int
    """Its side."""
    metres: float
    """The same on the field."""


def distances(road: Course) -> jax.Array:
    """(NODES, NODES) uint8 in `UNIT`s, rows by y: from each node to the middle of the road, 255 for all that is far."""
    first = jnp.floor((road.centre + MARGIN) / STEP - 0.5).astype(jnp.int32)
    reach = jnp.arange(1 - _STAMP, _STAMP + 1)
    nodes = first[:, :, None] + reach
    apart = (nodes + 0.5) * STEP - MARGIN - road.centre[:, :, None]
    right, up = apart[:, 0, None, :], apart[:, 1, :, None]
    ahead_x, ahead_y = road.ahead[:, 0, None, None], road.ahead[:, 1, None, None]
    along = jnp.clip(right * ahead_x + up * ahead_y, -road.spacing / 2, road.spacing / 2)
    squared = (right - along * ahead_x) ** 2 + (up - along * ahead_y) ** 2
    counts = jnp.minimum(jnp.sqrt(squared) / UNIT, 255).astype(jnp.int32)
    field = jnp.full((NODES, NODES), 255, jnp.int32)
    return field.at[nodes[:, 1, :, None], nodes[:, 0, None, :]].min(counts, mode="drop").astype(jnp.uint8)


def distance_at(field: jax.Array, places: jax.Array) -> jax.Array:
    """(...) metres from places (..., 2) to the middle of the road, interpolated; about 12.75 for all that is far."""
    return _distance(field, places[..., 0], places[..., 1])


def on_field(place: jax.Array) -> jax.Array:
    """Whether a place (..., 2) is on the field."""
    return ((place >= -MARGIN) & (place <= SIDE + MARGIN)).all(-1)


def paint(field: jax.Array, window: Window, middle: jax.Array, up: jax.Array, colours: bool) -> jax.Array:
    """What lies in a window, uint8 (pixels, pixels, 3), or (pixels, pixels, 1) of their brightness.

    middle: (2,) metres, of the window. up: (2,) unit vector: the direction on the field that is up in the picture.
    """
    size, scale = window.pixels, window.metres / window.pixels
    offset = (np.arange(size, dtype=np.float32) + 0.5 - size / 2) * np.float32(scale)
    down, aside = -offset[:, None], offset[None, :]
    x = (middle[0] + down * up[0] + aside * up[1]).reshape(-1)
    y = (middle[1] + down * up[1] - aside * up[0]).reshape(-1)
    covered = jnp.clip((HALF_WIDTH - _distance(field, x, y)) / scale + 0.5, 0, 1)
    shade = (covered * COVERAGES).astype(jnp.int32) * 2 + ((_lane(x) ^ _lane(y)) & 1)
    inside = (jnp.abs(x - SIDE / 2) < SIDE / 2 + MARGIN) & (jnp.abs(y - SIDE / 2) < SIDE / 2 + MARGIN)
    # Colours are looked up by one byte worked out beforehand: else all of the above is done again for each of them.
    shade = jax.lax.optimization_barrier(jnp.where(inside, shade, NOTHING))
    palette = jnp.asarray(_palette() if colours else _palette() @ np.array(BRIGHTNESS, np.float32)[:, None])
    return palette.astype(jnp.uint8).at[shade].get(mode="promise_in_bounds").reshape(size, size, -1)


def _distance(field: jax.Array, x: jax.Array, y: jax.Array) -> jax.Array:
    at_x = jnp.clip((x + MARGIN) / STEP - 0.5, 0, NODES - 1.001)
    at_y = jnp.clip((y + MARGIN) / STEP - 0.5, 0, NODES - 1.001)
    column, row = at_x.astype(jnp.int32), at_y.astype(jnp.int32)
    flat, first = field.reshape(-1), row * NODES + column
    low, low_right, high, high_right = (
        flat.at[first + step].get(mode="promise_in_bounds").astype(jnp.float32) for step in (0, 1, NODES, NODES + 1)
    )
    right, up = at_x - column, at_y - row
    below, above = low + right * (low_right - low), high + right * (high_right - high)
    return UNIT * (below + up * (above - below))


def _lane(metres: jax.Array) -> jax.Array:
    """Number of the patch, one way; the middle one lies around the middle of the field, so that a mirrored track lies
    on mirrored grass."""
    return ((metres - SIDE / 2) / PATCHES + 100.5).astype(jnp.int32)


@cache
def _palette() -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """(256, 3): meadow and patch in turn, by how much road covers them; the last two are nothing at all."""
    grass = np.array([MEADOW, PATCH], np.float32)
    covered = (np.arange(COVERAGES + 1, dtype=np.float32) / COVERAGES)[:, None, None]
    blended = (grass + covered * (np.array(ROAD, np.float32) - grass)).reshape(-1, 3)
    return np.concatenate([blended, np.zeros((256 - len(blended), 3), np.float32)])
