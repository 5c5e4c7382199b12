"""What a player sees: itself, the ball and everybody else, its own side attacking to the right."""

from __future__ import annotations

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.kicks import offside_lines, opening
from wunderkammer.worlds.football.state import State, length, of

OWN = 22
"""Features before who the player is and where the others are."""
PLACE, SPEED, HEADING, KEEPER, MINE, OURS, THEIRS, DOWN = 0, 2, 4, 6, 7, 8, 9, 10
BALL, FLIGHT, AIR, LINE, SAFE = 11, 13, 15, 16, 17
FAR, FIRST, GOAL, ANGLE = 18, 19, 20, 21
"""Where each begins: its place, its speed as a share of a sprint, its heading; whether it is the keeper, has the ball,
or a team-mate or an opponent has it; seconds on the ground; the ball's place from its own, and its speed as a share of
a shot; seconds that it stays in the air; the offside line's x from its own; whether the owner cannot be tackled now;
how far the ball is, and whether nobody of its side but a keeper is nearer to it; how far the other side's goal is, and
the angle between its posts. Then n which are 1 for the player's own number, else 0. Then, two each, the places of its
own side from its own, the keeper first and itself among them (0, 0), and those of the other side, in the same order."""


def features(players: int) -> int:
    """How many."""
    return OWN + 5 * players


def players_of(observed: int) -> float:
    """Of how many players an observation of so many features is; no whole number: of none."""
    return (observed - OWN) / 5


def observe(state: State, side: int) -> jax.Array:
    """(n, features) float32. side: 0 left, 1 right."""
    count = state.players
    own, other = (slice(count), slice(count, None))[:: 1 if side == 0 else -1]
    sign = 1.0 if side == 0 else -1.0
    place, ball = state.place * sign, state.ball * sign
    mine, theirs = place[:, own], place[:, other]
    batch = state.time.shape

    index = jnp.arange(2 * count, dtype=jnp.int32).reshape(-1, *(1,) * len(batch))
    has = index[own] == state.owner
    ours = has.any(axis=0)
    keeper = jnp.broadcast_to((index[:count] == 0), (count, *batch))
    has_theirs = (state.owner >= 0) & ~ours
    moving = jnp.where(state.owner >= 0, of(index == state.owner, state.speed), state.flight) * sign
    line = jnp.maximum(jnp.maximum(offside_lines(state.place)[side], ball[0]), 0.0)

    def all_of(value: jax.Array) -> jax.Array:
        return jnp.broadcast_to(value, (1, count, *batch))

    to_ball = ball[:, None] - mine
    far = length(to_ball)
    first = far <= far[1:].min(axis=0)
    to_goal = length(jnp.stack([pitch.LENGTH - mine[0], mine[1]]))
    number = jnp.broadcast_to(jnp.eye(count).reshape(count, count, *(1,) * len(batch)), (count, count, *batch))
    own_parts = [
        mine, state.speed[:, own] * (sign / pitch.SPRINT), state.heading[:, own] * sign,
        keeper[None], has[None], (ours & ~has)[None], all_of(has_theirs), state.down[own][None] * 0.1,
        to_ball, all_of(moving[0] / pitch.SHOT), all_of(moving[1] / pitch.SHOT),
        all_of(state.air * 0.1), (line - mine[0])[None], all_of(state.safe > 0),
        far[None], first[None], to_goal[None], opening(mine)[None], number,
    ]  # fmt: skip
    about = jnp.concatenate([part.astype(jnp.float32) for part in own_parts]).swapaxes(0, 1)
    everyone = jnp.stack([mine, theirs], axis=0).swapaxes(1, 2)
    around = everyone[None] - mine.swapaxes(0, 1)[:, None, None]
    return jnp.concatenate([about, around.reshape(count, 4 * count, *batch)], axis=1)
