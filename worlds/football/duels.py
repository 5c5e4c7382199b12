"""Who gets the ball: tackles, taking a free ball, saves."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.kicks import turned
from wunderkammer.worlds.football.state import State, along, indices, length, nearest, of

ON_FOOT, SLIDING, OF_SPRINTERS = 0.05, 0.4, 1.5
"""Chance that a tackle wins the ball, in a step; so many times that if the owner sprints."""
FELLED, FALLEN = 5.0, 10.0
"""Steps on the ground: whoever was tackled, and whoever slid and did not win the ball."""
AGAIN = 4.0
"""Steps before whoever touched the ball last may take it."""
DEFLECTED, ASTRAY = 0.55, 1.2
"""Of a ball that could not be controlled: what is left of its speed, and how far it may turn, in radians."""
SAVED = 0.04
"""The ball's least speed for a save; what is slower is simply taken."""


class Tackle(NamedTuple):
    """A step's fight for an owned ball."""

    winner: jax.Array
    """() int32, or `NOBODY`."""
    down: jax.Array
    """(2n,) float32: steps that each will be on the ground."""
    tried: jax.Array
    """(2n,) bool: who was near enough; only the nearest of them had a chance."""


def tackle(state: State, slides: jax.Array, owned: jax.Array, luck: jax.Array) -> Tackle:
    """slides: (2n,) bool; owned: () bool: the ball is still with `state.owner`; luck: (2,)."""
    who = indices(state)
    has = who == state.owner
    other = (who >= state.players) != (state.owner >= state.players)
    apart = length(state.place - state.ball[:, None])
    free = owned & (state.safe <= 0)
    tried = other & (state.down <= 0) & (apart < jnp.where(slides, pitch.SLIDE, pitch.TACKLE)) & free
    first = nearest(jnp.where(tried, apart, jnp.inf), luck[0] < 0.5)
    is_first = who == first
    sprinting = of(has, state.sprinting) > 0
    chance = jnp.where(of(is_first, slides) > 0, SLIDING, ON_FOOT) * jnp.where(sprinting, OF_SPRINTERS, 1.0)
    won = (first >= 0) & (luck[1] < chance)
    down = jnp.where(slides & ~has & (state.down <= 0) & ~(is_first & won), FALLEN, state.down)
    return Tackle(jnp.where(won, first, -1), jnp.where(has & won, FELLED, down), tried)


class Flight(NamedTuple):
    """A step of a free ball."""

    end: jax.Array
    """(2,) float32: where it is after the step, on its way if nobody takes it; may be beyond the lines."""
    flight: jax.Array
    """(2,) float32: its speed afterwards."""
    taker: jax.Array
    """() int32: who has it now, or `NOBODY`."""
    toucher: jax.Array
    """() int32: who touched it: the taker, or somebody whom it sprang off."""
    saved: jax.Array
    """() bool: the taker is a keeper who saved it."""
    beaten: jax.Array
    """() bool: a keeper tried and failed."""
    air: jax.Array
    """() float32."""


def fly(state: State, luck: jax.Array) -> Flight:
    """What happens to the ball if it is free. luck: (5,)."""
    who, count = indices(state), state.players
    fast = length(state.flight)
    # Only what of its way is on the pitch counts: nobody takes it behind the line.
    beyond = jnp.abs(state.ball[0] + state.flight[0]) - pitch.LENGTH
    share = jnp.where(beyond > 0, 1 - beyond / jnp.maximum(jnp.abs(state.flight[0]), 1e-6), 1.0)
    way = state.flight * jnp.clip(share, 0.0, 1.0)
    to_player = state.place - state.ball[:, None]
    at = (to_player * way[:, None]).sum(axis=0) / jnp.maximum((way * way).sum(axis=0), 1e-9)
    apart = length(to_player - way[:, None] * jnp.clip(at, 0.0, 1.0))

    keeper = (who == 0) | (who == count)
    end_of = along(jnp.where(jnp.arange(2 * count) < count, -1.0, 1.0), state.time)
    at_home = keeper & (state.place[0] * end_of > pitch.LENGTH - pitch.BOX_LENGTH)
    at_home &= jnp.abs(state.place[1]) < pitch.BOX_WIDTH
    low = state.air <= 0
    may = (state.down <= 0) & ~((who == state.touched) & (state.wait > 0)) & low

    threatened = at_home & (state.flight[0] * end_of > 0) & (fast > SAVED) & ~state.beaten & may
    saving = threatened & (apart < pitch.KEEPERS_REACH)
    chance = 0.95 - 0.6 * of(saving, apart) / pitch.KEEPERS_REACH - 5.0 * jnp.maximum(fast - 0.05, 0.0)
    tries = saving.any(axis=0)
    saved = tries & (luck[0] < chance)
    beaten = state.beaten | (tries & ~saved)

    reach = jnp.where(at_home, 1.6 * pitch.REACH, pitch.REACH)
    takes = may & (apart < reach) & ~(keeper & beaten)
    first = jnp.where(saved, nearest(jnp.where(saving, apart, jnp.inf), luck[1] < 0.5),
                      nearest(jnp.where(takes, apart, jnp.inf), luck[1] < 0.5))  # fmt: skip
    controls = saved | (luck[2] < jnp.clip(1.25 - 5.0 * fast, 0.25, 1.0))
    touched = first >= 0
    springs = touched & ~controls

    landing = (state.air > 0) & (state.air <= 1)
    slower = jnp.where(state.air > 0, jnp.where(landing, pitch.LANDING, 1.0), pitch.ROLLING)
    astray = turned(state.flight, (luck[3] + luck[4] - 1.0) * ASTRAY) * DEFLECTED
    flight = jnp.where(springs, astray, state.flight * slower)
    return Flight(
        state.ball + state.flight,
        flight,
        jnp.where(touched & controls, first, -1),
        first,
        saved,
        beaten & ~touched,
        jnp.maximum(state.air - 1, 0.0),
    )
