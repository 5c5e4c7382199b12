"""When play stops and who goes on with it: offside, and the ball behind a line.

One rule for all: the ball is put down, the player of the other side who is nearest to it is put there with it, and
nobody can tackle it for a second. It is the nearest player who can be no keeper, but for a goal kick, which is the
keeper's.
"""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.state import length, nearest

PROTECTED = 10.0
"""Steps for which whoever restarts, and a keeper who has got the ball, cannot be tackled."""
GOAL_KICK, CORNER = 0.93, (0.98, 0.40)
"""Where goal kicks (on the middle line) and corners are taken."""


class Ends(NamedTuple):
    """What a ball's way over a line means; all () and bool but the first."""

    scorer: jax.Array
    """() int32: 1, -1, or 0: whose goal it is."""
    out: jax.Array
    """It is out, or a goal: nobody has it."""
    goal_kick: jax.Array
    corner: jax.Array


def ends(start: jax.Array, end: jax.Array, low: jax.Array, last_right: jax.Array) -> Ends:
    """Where a ball has gone that went from `start` to `end`, both (2,).

    low: () bool: it rolls, so that it can score; last_right: () bool: one of right's touched it last.
    """
    over = jnp.abs(end[0]) > pitch.LENGTH
    beyond = jnp.abs(end[0] - start[0])
    share = jnp.clip((jnp.abs(end[0]) - pitch.LENGTH) / jnp.maximum(beyond, 1e-6), 0.0, 1.0)
    crossing = end[1] + share * (start[1] - end[1])
    aside = jnp.abs(crossing) > pitch.WIDTH
    goal = over & low & (jnp.abs(crossing) < pitch.MOUTH)
    behind = over & ~aside & ~goal
    attackers = (end[0] > 0) != last_right
    scorer = jnp.where(goal, jnp.where(end[0] > 0, 1, -1), 0).astype(jnp.int32)
    out = over | (jnp.abs(end[1]) > pitch.WIDTH)
    return Ends(scorer, out, behind & attackers, behind & ~attackers)


class Restart(NamedTuple):
    """Who goes on, and where."""

    taker: jax.Array
    """() int32."""
    spot: jax.Array
    """(2,) float32."""


def restart(
    place: jax.Array, spot: jax.Array, for_right: jax.Array, goal_kick: jax.Array, corner: jax.Array, coin: jax.Array
) -> Restart:
    """place: (2, 2n); spot: (2,), where the ball was; for_right: () bool: right goes on."""
    count = place.shape[1] // 2
    who = jnp.arange(2 * count, dtype=jnp.int32).reshape(-1, *(1,) * coin.ndim)
    way = jnp.sign(spot)
    set_piece = [
        jnp.where(goal_kick, way[0] * GOAL_KICK, way[0] * CORNER[0]),
        jnp.where(goal_kick, 0.0, way[1] * CORNER[1]),
    ]
    anywhere = [
        jnp.clip(spot[0], -pitch.LENGTH + 0.01, pitch.LENGTH - 0.01),
        jnp.clip(spot[1], -pitch.WIDTH, pitch.WIDTH),
    ]
    there = jnp.where(goal_kick | corner, jnp.stack(set_piece), jnp.stack(anywhere))
    keeper = (who == 0) | (who == count)
    may = ((who >= count) == for_right) & (keeper == goal_kick)
    apart = length(place - there[:, None])
    return Restart(nearest(jnp.where(may, apart, jnp.inf), coin), there)
