"""From what happened in a step to the tally of the match."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.actions import Intent
from wunderkammer.worlds.football.kicks import Kick, facing, opening
from wunderkammer.worlds.football.state import State, indices, length, of
from wunderkammer.worlds.football.tally import Tally

LATE = 15.0
"""Steps with the ball where a shot was promising, after which a shot is late."""
WIDER = 1.5
"""A team-mate is better placed if its angle is wider by this factor."""


class Event(NamedTuple):
    """What cannot be seen from the states before and after."""

    kick: Kick
    tried: jax.Array
    """(2n,) bool: who tried to tackle."""
    won: jax.Array
    """() bool: one of them won the ball."""
    received: jax.Array
    """() bool: somebody touched a pass."""
    passer_right: jax.Array
    """() bool: whoever touched the ball last before was one of right's."""
    called: jax.Array
    """() bool: offside."""
    saved: jax.Array
    """() bool."""
    promise: jax.Array
    """() float32: steps of this possession before this one in which a shot was promising."""


def count(before: State, after: State, event: Event, intent: Intent) -> Tally:
    """The tally after a step."""
    tally, kick = before.tally, event.kick
    players = before.players
    who = indices(before)
    shooter = who == before.owner
    by = _sides(before.owner >= players)
    has_after = _sides(after.owner >= players) * (after.owner >= 0)
    shot = by * kick.shoots

    own = facing(before)
    angles = opening(own)
    place = of(shooter, own)
    angle = opening(place)
    mates = ((who >= players) == (before.owner >= players)) & ~shooter & ~kick.ahead
    selfish = jnp.where(mates, angles, 0.0).max(axis=0) > WIDER * angle
    away = length(jnp.stack([pitch.LENGTH - place[0], place[1]]))

    passer = _sides(event.passer_right)
    got = event.received & (after.owner >= 0) & ((after.owner >= players) == event.passer_right)
    lost = (after.owner >= 0) & (before.had >= 0) & (after.had != before.had)
    moved = length(after.place - before.place)
    back = (after.heading * before.heading).sum(axis=0) < 0
    return Tally(
        possession=tally.possession + has_after,
        lost=tally.lost + _sides(before.had == 1) * lost,
        passes=tally.passes + by * kick.passes,
        completed=tally.completed + passer * got,
        shots=tally.shots + shot,
        shot_distance=tally.shot_distance + shot * away,
        shot_angle=tally.shot_angle + shot * angle,
        shots_sprinting=tally.shots_sprinting + shot * (of(shooter, before.sprinting) > 0),
        shots_pressed=tally.shots_pressed + shot * kick.pressed,
        shots_selfish=tally.shots_selfish + shot * selfish,
        shots_late=tally.shots_late + shot * (before.promise >= LATE),
        saves=tally.saves + has_after * event.saved,
        offsides=tally.offsides + passer * event.called,
        tackles=tally.tackles + _each(event.tried),
        tackles_won=tally.tackles_won + has_after * event.won,
        chances=tally.chances + has_after * ((after.promise > 0) & (event.promise <= 0)),
        hesitation=tally.hesitation + has_after * (after.promise > event.promise),
        exposed=tally.exposed + _exposed(after, own) * has_after[::-1],
        run=tally.run + _each(jnp.minimum(moved, pitch.SPRINT)),
        sprints=tally.sprints + _each(intent.sprints),
        turns=tally.turns + _each(back),
    )


def _sides(right: jax.Array) -> jax.Array:
    """(2,) float32: 1 for the side, 0 for the other."""
    return jnp.stack([~right, right]).astype(jnp.float32)


def _each(values: jax.Array) -> jax.Array:
    """(2,): the sums over left and over right of (2n,)."""
    return values.reshape(2, -1, *values.shape[1:]).astype(jnp.float32).sum(axis=1)


def _exposed(state: State, own: jax.Array) -> jax.Array:
    """(2,) float32: 1 where no outfield player of the side is nearer to its own goal line than the ball."""
    players = state.players
    ball = jnp.stack([state.ball[0], -state.ball[0]])
    last = own[0].reshape(2, players, *own.shape[2:])[:, 1:].min(axis=1)
    return (last > ball).astype(jnp.float32)
