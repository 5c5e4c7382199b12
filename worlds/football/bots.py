"""Scripted players of any strength from 0 to 1: one program, in which the strength is a parameter.

Everybody knows where everybody is. Whoever has the ball shoots where that is promising, passes when pressed, and else
dribbles towards the goal; the nearest go for a ball that is free or the other side's; the others keep a formation that
moves with the ball. Strength is what lies between meaning and doing: a weaker bot is at a loss more often, sprints and
looks for the pass less, judges who is free worse, shoots from farther away, presses with fewer, forgets the offside
line, and its keeper stands less well.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import observation as seen
from wunderkammer.worlds.football import pitch
from wunderkammer.worlds.football.kicks import IN_FRONT, opening
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.state import length
from wunderkammer.worlds.world import Key

LOOKS = (4.0, 8.0, 14.0, 22.0)
"""Steps after which a bot foresees the ball."""
STRENGTHS = (0.05, 0.25, 0.5, 0.75, 0.95)
"""The grades that are used as references."""


def bot(strength: float) -> Policy:
    """A bot of a strength in [0, 1], of any number of players."""
    if not 0 <= strength <= 1:
        raise ConfigError(f"a bot's strength is between 0 and 1, not {strength}")
    return Policy(f"bot-{strength:g}", jnp.float32(strength), play)


class _View(NamedTuple):
    """What a side sees, once for all; places (2, ...)."""

    own: jax.Array
    """(2, n)."""
    other: jax.Array
    """(2, n)."""
    ball: jax.Array
    """(2,)."""
    flight: jax.Array
    """(2,): per step."""
    line: jax.Array
    """(): offside."""


def play(strength: Any, key: Key, observation: jax.Array, memory: Any) -> tuple[jax.Array, Any]:
    """The actions of one side. observation: (n, features)."""
    count = observation.shape[0]
    dice = jax.random.uniform(key, (6, count))
    first = observation[0]
    here = first[:2, None]
    around = first[seen.OWN + count :].reshape(2, count, 2)
    view = _View(
        observation[:, :2].T,
        here + around[1].T,
        first[:2] + first[seen.BALL : seen.BALL + 2],
        first[seen.FLIGHT : seen.FLIGHT + 2] * pitch.SHOT,
        first[:1].sum() + first[seen.LINE],
    )
    mine = observation[:, seen.MINE] > 0
    ours = (mine | (observation[:, seen.OURS] > 0)).any()
    with_ball = _with_ball(view, observation, strength, dice)
    without = _without(view, observation, ours, strength, dice)
    chosen = jnp.where(mine, with_ball, without)
    lost = dice[4] < 0.6 * (1 - strength) ** 1.5
    stray = act.RUN_FIRST + jnp.floor(dice[5] * 8).astype(jnp.int32)
    return jnp.where(lost, stray, chosen).astype(jnp.int32), memory


def _with_ball(view: _View, observation: jax.Array, strength: Any, dice: jax.Array) -> jax.Array:
    """(n,) int32: what each would do if it had the ball."""
    count = view.own.shape[1]
    players = jnp.arange(count)
    to_mate = view.own - view.ball[:, None]
    far = jnp.maximum(length(to_mate), 1e-6)
    room = length(view.own[:, :, None] - view.other[:, None, :]).min(axis=1)
    # How near an opponent is to the way of the pass.
    ahead = view.other - view.ball[:, None]
    at = (to_mate[:, :, None] * ahead[:, None, :]).sum(0) / (far * far)[:, None]
    lane = length(to_mate[:, :, None] * jnp.clip(at, 0.0, 1.0) - ahead[:, None, :]).min(axis=1)
    free = jnp.minimum(room, 1.5 * lane)
    onside = view.own[0] <= view.line + 0.2 * (1 - strength)
    liking = jnp.minimum(free, 0.12) * 6 + 0.8 * jnp.minimum(to_mate[0], 0.4) - 1.2 * jnp.maximum(far - 0.3, 0.0)
    liking = liking + (dice[0] - 0.5) * (1 - strength) * 2
    allowed = onside & (far > 0.05) & (players > 0) & (free > 0.025 * strength)
    liking = jnp.where(allowed, liking, -jnp.inf)
    best = liking.max()
    chosen = liking == best
    way = jnp.where(chosen, to_mate, 0.0).sum(axis=1)
    gap = length(ahead)
    opponent = jnp.where((gap == gap.min()), ahead, 0.0).sum(axis=1)
    pressed = (gap.min() < 0.06) & (opponent[0] > -0.03)

    heading = observation[:, seen.HEADING : seen.HEADING + 2].T
    turned = (heading * way[:, None]).sum(0) / jnp.maximum(length(way), 1e-6) > jnp.maximum(0.85, IN_FRONT)
    pass_on = jnp.where(turned, jnp.where(length(way) > 0.45, act.LOB, act.PASS), act.RUN_FIRST + act.towards(way))

    goal = jnp.stack([pitch.LENGTH - view.ball[0], -view.ball[1]])
    near = length(goal)
    angle = opening(view.ball)
    shoots = (near < 0.36 + 0.25 * (1 - strength)) & (angle > 0.16 * strength)
    shoots |= near < 0.15
    blocked = (gap.min() < 0.08) & (opponent[0] > 0.01) & (jnp.abs(opponent[1]) < 0.05)
    side = jnp.where(opponent[1] > 0, -1.0, 1.0)
    dodge = jnp.stack([jnp.float32(0.8), side * 0.8])
    dribble = jnp.where(blocked, dodge, goal / jnp.maximum(near, 1e-6))
    sprints = (gap.min() > 0.05) & (dice[1] < strength)
    carry = jnp.where(sprints, act.SPRINT_FIRST, act.RUN_FIRST) + act.towards(dribble)

    wants = (
        (pressed & (dice[2] < 0.3 + 0.7 * strength))
        | ((best > 0.85 + 0.3 * (1 - strength)) & (near > 0.5))
        | (players == 0)
    )
    passes = wants & (best > 0.2)
    clears = jnp.where(heading[0] > 0.6, act.LOB, act.RUN_FIRST)
    return jnp.where(
        shoots & (players > 0), act.SHOOT, jnp.where(passes, pass_on, jnp.where(players == 0, clears, carry))
    )


def _meeting(view: _View, strength: Any) -> tuple[jax.Array, jax.Array]:
    """Where each can be at the ball first, (2, n), and how far that is in player's steps, (n,).

    The ball's way is looked at in a few moments; a weak bot looks less far ahead."""
    best, when = jnp.broadcast_to(view.ball[:, None], view.own.shape), length(view.ball[:, None] - view.own)
    missing = when
    for steps in LOOKS:
        ahead = steps * (0.2 + 0.8 * strength)
        rolled = (1 - pitch.ROLLING**ahead) / (1 - pitch.ROLLING)
        there = view.ball + view.flight * rolled
        short = jnp.maximum(length(there[:, None] - view.own) - 0.9 * pitch.SPRINT * ahead, 0.0) + 0.0005 * ahead
        better = short < missing
        best, missing = jnp.where(better, there[:, None], best), jnp.where(better, short, missing)
    return best, missing


def _without(view: _View, observation: jax.Array, ours: jax.Array, strength: Any, dice: jax.Array) -> jax.Array:
    """(n,) int32: what each would do if somebody else, or nobody, had the ball."""
    count = view.own.shape[1]
    players = jnp.arange(count)
    meeting, far = _meeting(view, strength)
    ranked = jnp.where(players == 0, jnp.inf, far)
    nearest = ranked.min()
    second = jnp.where(ranked > nearest, ranked, jnp.inf).min()
    pressing = (ranked <= nearest) | ((ranked <= second) & (dice[3] < strength) & (second < 0.3))
    chases = pressing & ~ours

    lane = (players - 0.5) / jnp.maximum(count - 1, 1) * 2 - 1
    depth = ((players * 2) % 3 - 1).astype(jnp.float32)
    attack_x = jnp.minimum(view.ball[0] + 0.12 + 0.14 * depth, view.line - 0.02 + 0.3 * (1 - strength) * dice[0])
    attack = jnp.stack([jnp.clip(attack_x, -0.9, 0.88), 0.32 * lane + 0.2 * view.ball[1]])
    share = 0.62 + 0.13 * depth
    defence = jnp.stack([-1 + (view.ball[0] + 1) * share, 0.55 * view.ball[1] + 0.16 * lane])
    target = jnp.where(ours, attack, defence)
    # The keeper: between the ball and the middle of its goal, and out where it is the nearest to a free ball.
    own_goal = jnp.array([-pitch.LENGTH, 0.0])
    to_goal = view.ball - own_goal
    out = 0.03 + 0.05 * strength
    stands = own_goal + to_goal / jnp.maximum(length(to_goal), 1e-6) * out + jnp.stack(
        [jnp.float32(0), 0.05 * (1 - strength) * (dice[0, 0] - 0.5)]
    )  # fmt: skip
    theirs = observation[0, seen.THEIRS] > 0
    comes = ~ours & (length(view.ball - own_goal) < 0.22) & ((far[0] < nearest) | theirs) & (length(view.flight) < 0.03)
    keeper = jnp.where(comes, meeting[:, 0], stands)
    target = jnp.where(chases, meeting, target)
    target = jnp.where(players == 0, keeper[:, None], target)

    way = target - view.own
    gap = length(way)
    apart = length(view.ball[:, None] - view.own)
    urgent = chases | (gap > 0.08) | (players == 0)
    sprints = urgent & (dice[1] < 0.15 + 0.85 * strength)
    go = jnp.where(sprints, act.SPRINT_FIRST, act.RUN_FIRST) + act.towards(way)
    go = jnp.where(gap < 0.012, act.IDLE, go)
    slides = chases & (observation[:, seen.THEIRS] > 0) & (apart < 0.9 * pitch.SLIDE) & (dice[2] < 0.12 * strength)
    return jnp.where(slides & (players > 0), act.SLIDE, go)
