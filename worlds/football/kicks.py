"""Passes and shots: where the ball goes, how well, and who was offside."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.state import State, indices, length, nearest, of, rightward

PASS_SPREAD, LOB_SPREAD, SHOT_SPREAD = 0.10, 0.16, 0.08
"""The most that a kick goes astray, in radians; small errors are likelier (triangular)."""
SPRINTING, PRESSED = 0.12, 0.08
"""What is added when the kicker sprints, and when an opponent is near."""
IN_FRONT = 0.35
"""Cosine of the widest angle between where a player looks and a team-mate that it can pass to."""
LEAD = 6.0
"""Passes aim at where the team-mate will be after so many steps."""
ALONE = 0.25
"""How far a pass goes where nobody is in front."""
CORNER = 0.6
"""Shots aim so far out of the middle of the goal, of the way to the post."""


class Kick(NamedTuple):
    """A kick, if one was made."""

    made: jax.Array
    """() bool."""
    passes: jax.Array
    """() bool: short or long."""
    shoots: jax.Array
    flight: jax.Array
    """(2,) float32."""
    air: jax.Array
    """() float32: steps that the ball will be in the air."""
    ahead: jax.Array
    """(2n,) bool: team-mates who stand offside at this moment."""
    pressed: jax.Array
    """() bool: an opponent is near."""


def offside_lines(place: jax.Array) -> jax.Array:
    """(2, ...): how far left and right may be ahead at least: the second last opponent, as the own side sees it.

    place: (2, 2n, ...)."""
    count = place.shape[1] // 2
    return jnp.stack([_second(place[0, count:]), _second(-place[0, :count])])


def _second(values: jax.Array) -> jax.Array:
    """The second largest along the first axis."""
    most, second = jnp.maximum(values[0], values[1]), jnp.minimum(values[0], values[1])
    for value in values[2:]:
        second = jnp.maximum(second, jnp.minimum(most, value))
        most = jnp.maximum(most, value)
    return second


def opening(place: jax.Array) -> jax.Array:
    """The angle between the posts as seen from a place, in radians; good for all but the nearest distances.

    place: (2, ...) as the attacking side sees it."""
    away = pitch.LENGTH - place[0]
    apart = away * away + place[1] * place[1]
    return jnp.minimum(2 * pitch.MOUTH * jnp.maximum(away, 0.0) / jnp.maximum(apart, 1e-6), jnp.pi)


def kick(state: State, actions: jax.Array, luck: jax.Array) -> Kick:
    """What the owner's action makes of the ball.

    actions: (2n,) int32; luck: (3,), two for the direction and one for the side of the goal.
    """
    who = indices(state)
    has = who == state.owner
    does = jnp.where(state.owner >= 0, of(has, actions), act.IDLE)
    short, long, shoots = does == act.PASS, does == act.LOB, does == act.SHOOT
    sign = jnp.where(state.owner >= state.players, -1.0, 1.0)
    mate = ((who >= state.players) == (state.owner >= state.players)) & ~has
    pressed = jnp.where(mate | has, jnp.inf, length(state.place - state.ball[:, None])).min(axis=0) < pitch.PRESSED
    sprinting = of(has, state.sprinting) > 0
    heading = of(has, state.heading)

    to_mate = _mate(state, mate, heading, long, luck[2])
    mouth = jnp.stack([sign, _corner(state, sign, luck[2])])
    aim = jnp.where(shoots, mouth - state.ball, to_mate)
    far = jnp.maximum(length(aim), 1e-6)
    reach = jnp.clip(far, 0.15, 1.2)
    air = jnp.where(long, jnp.ceil(reach / pitch.LOB), 0.0)
    gentle = jnp.minimum(pitch.ARRIVING + (1 - pitch.ROLLING) * far, pitch.FASTEST_PASS)
    fast = jnp.where(shoots, pitch.SHOT, jnp.where(long, reach / jnp.maximum(air, 1.0), gentle))

    spread = jnp.where(shoots, SHOT_SPREAD, jnp.where(long, LOB_SPREAD, PASS_SPREAD))
    spread += SPRINTING * sprinting + PRESSED * pressed
    flight = turned(aim / far, (luck[0] + luck[1] - 1.0) * spread) * fast

    ahead_of = jnp.where(state.owner >= state.players, *offside_lines(state.place)[::-1])
    limit = jnp.maximum(jnp.maximum(ahead_of, sign * state.ball[0]), 0.0)
    ahead = mate & (state.place[0] * sign > limit + 1e-3)
    return Kick(short | long | shoots, short | long, shoots, flight, air, ahead, pressed)


def turned(vector: jax.Array, angle: jax.Array) -> jax.Array:
    """(2, ...) turned by radians."""
    cosine, sine = jnp.cos(angle), jnp.sin(angle)
    return jnp.stack([cosine * vector[0] - sine * vector[1], sine * vector[0] + cosine * vector[1]])


def _mate(state: State, mate: jax.Array, heading: jax.Array, long: jax.Array, coin: jax.Array) -> jax.Array:
    """The way to the team-mate that a pass goes to: of those in front the one most in front and, of a short pass,
    near; of a long one, far."""
    way = state.place + LEAD * state.speed - state.ball[:, None]
    far = jnp.maximum(length(way), 1e-6)
    front = (way * heading[:, None]).sum(axis=0) / far
    liking = front + jnp.where(long, 0.3, -0.8) * far
    chosen = nearest(jnp.where(mate & (front > IN_FRONT), -liking, jnp.inf), coin < 0.5)
    is_chosen = indices(state) == chosen
    return jnp.where(chosen >= 0, of(is_chosen, way), heading * ALONE)


def _corner(state: State, sign: jax.Array, coin: jax.Array) -> jax.Array:
    """y that a shot aims at: away from the keeper."""
    keeper = jnp.where(sign > 0, state.place[1, state.players], state.place[1, 0])
    away = jnp.where(jnp.abs(keeper) < 1e-6, jnp.where(coin < 0.5, 1.0, -1.0), -jnp.sign(keeper))
    return away * CORNER * pitch.MOUTH


def facing(state: State) -> jax.Array:
    """(2, 2n): everybody's place as the own side sees it."""
    return state.place * rightward(state.players, state.time)
