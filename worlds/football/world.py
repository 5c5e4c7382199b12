"""Football of n against n: one step of a match.

A step goes: the owner kicks; everybody moves; the owner is tackled, or a free ball flies and is taken, saved or
deflected; lines are crossed; the tally is kept. Players do not push one another. Source: the rules and measures are our
own, in the coordinates and in the spirit of Google Research Football.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import actions as act
from wunderkammer.worlds.football import duels, kicks, pitch, restarts
from wunderkammer.worlds.football.counting import Event, count
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.observation import features, observe
from wunderkammer.worlds.football.picture import paint
from wunderkammer.worlds.football.state import NOBODY, State, indices, length, of, rightward
from wunderkammer.worlds.football.tally import nothing
from wunderkammer.worlds.world import Key

LUCK = 10
"""Uniform numbers that a step of a match takes."""
PROMISING = (0.3, 0.15)
"""A shot is promising from nearer than the first to the goal, and with a wider angle between the posts."""


@dataclass(frozen=True)
class Football:
    """Matches of `players` against `players`, a keeper on each side counted. They end with the first goal."""

    players: int
    steps: int = 128
    """After so many it is a draw."""
    offside: bool = True

    actions: ClassVar[int] = act.ACTIONS

    def __post_init__(self) -> None:
        if self.players < 2:
            raise ConfigError(f"football of {self.players} against {self.players}: set players to 2 or more")
        if self.steps < 1:
            raise ConfigError("a match needs at least one step")

    @property
    def features(self) -> int:
        """Of a player's observation."""
        return features(self.players)

    def reset_to_level(self, key: Key, lineup: Lineup) -> State:
        """The beginning of a match; nothing in it is random. Everybody stands and looks ahead; nobody has the ball."""
        place = jnp.concatenate([jnp.asarray(side, jnp.float32) for side in (lineup.left, lineup.right)])
        return self.begin(place.T, jnp.asarray(lineup.ball, jnp.float32))

    def begin(self, place: jax.Array, ball: jax.Array) -> State:
        """The same for a batch in the layout of states. place: (2, 2n, ...); ball: (2, ...)."""
        batch = ball.shape[1:]
        players = jnp.zeros(place.shape[1:], jnp.float32)
        none, number, nobody = jnp.zeros(batch, jnp.bool_), jnp.zeros(batch), jnp.full(batch, NOBODY, jnp.int32)
        ahead = jnp.broadcast_to(rightward(self.players, none), players.shape)
        return State(
            place=place, speed=jnp.zeros_like(place), heading=jnp.stack([ahead, players]), sprinting=players > 0,
            down=players, ball=ball, flight=jnp.zeros_like(ball), air=number, owner=nobody, held=number, safe=number,
            promise=number, had=nobody, touched=nobody, wait=number, passing=none, ahead=players > 0, beaten=none,
            time=jnp.zeros(batch, jnp.int32), score=jnp.zeros(batch, jnp.int32), own_goal=none, done=none, fault=none,
            tally=nothing(batch),
        )  # fmt: skip

    def observe(self, state: State, side: int) -> jax.Array:
        """(n, features) float32: what each player of a side sees, as if its side attacked towards x = 1.

        side: 0 left, 1 right; static."""
        return observe(state, side)

    def step(self, key: Key, state: State, left_actions: jax.Array, right_actions: jax.Array) -> State:
        """One step. Actions: (n,) each, in [0, actions); the directions of both are those that the side sees.

        A match that is over stays as it is. An action that is none ends it with `fault`, and so does a position that
        is not a number."""
        return self.advance(state, left_actions, right_actions, jax.random.uniform(key, (LUCK,)))

    def advance(self, state: State, left_actions: jax.Array, right_actions: jax.Array, luck: jax.Array) -> State:
        """`step` with its randomness given: luck is (LUCK,) uniform in [0, 1). All may have axes of a batch behind."""
        chosen = jnp.concatenate([left_actions, right_actions])
        real = (chosen >= 0) & (chosen < act.ACTIONS) & (chosen == jnp.floor(chosen))
        after = self._play(state, jnp.where(real, chosen, 0).astype(jnp.int32), luck)
        sound = real.all(axis=0) & jnp.isfinite(after.place.sum(axis=(0, 1)) + after.ball.sum(axis=0))
        after = replace(after, fault=~sound, done=after.done | ~sound, score=jnp.where(sound, after.score, 0))
        return jax.tree.map(lambda old, new: jnp.where(state.done, old, new), state, after)

    def render(self, state: State) -> jax.Array:
        """uint8 (height, width, 3) of one match; see `picture`."""
        return paint(state)

    def _play(self, state: State, actions: jax.Array, luck: jax.Array) -> State:
        who = indices(state)
        intent = act.intent(actions)
        kick = kicks.kick(state, actions, luck[:3])
        before = state
        has = who == state.owner
        state = _kicked(state, kick)
        state = _moved(state, intent, has)

        owned = state.owner >= 0
        fight = duels.tackle(state, intent.slides, owned, luck[3:5])
        flight = duels.fly(state, luck[5:10])
        owner = jnp.where(owned, jnp.where(fight.winner >= 0, fight.winner, state.owner), flight.taker)
        toucher = jnp.where(owned, owner, flight.toucher)
        feet = of(who == owner, state.place) + pitch.AT_FEET * of(who == owner, state.heading)
        start = state.ball
        ball = jnp.where(owner >= 0, feet, flight.end)

        new_touch = toucher >= 0
        called = new_touch & state.passing & (of(who == toucher, state.ahead) > 0) & self.offside
        touched = jnp.where(new_touch, toucher, state.touched)
        last_right = touched >= self.players
        gone = restarts.ends(start, ball, state.air <= 0, last_right)
        scorer = jnp.where(called, 0, gone.scorer)
        stopped = called | (gone.out & (scorer == 0))
        spot = jnp.where(called, start, ball)
        again = restarts.restart(
            state.place, spot, ~last_right, gone.goal_kick & ~called, gone.corner & ~called, luck[2] < 0.5
        )
        owner = jnp.where(stopped, again.taker, jnp.where(gone.out, NOBODY, owner))
        ball = jnp.where(stopped, again.spot, ball)
        takes = (who == again.taker) & stopped
        free = owner < 0
        gains = (owner >= 0) & (owner != before.owner)
        promising = self._promising(state, owner, ball)
        promise = jnp.where(gains | free, 0.0, state.promise) + promising
        goes_on = (~new_touch | owned) & ~stopped
        after = replace(
            state,
            place=jnp.where(takes, again.spot[:, None], state.place),
            speed=jnp.where(takes, 0.0, state.speed),
            down=jnp.where(takes, 0.0, jnp.maximum(jnp.where(owned, fight.down, _slid(state, intent)) - 1, 0)),
            ball=ball,
            flight=jnp.where(free, flight.flight, 0.0),
            air=jnp.where(free, flight.air, 0.0),
            owner=owner,
            held=jnp.where(gains | free, 0.0, state.held + 1),
            safe=jnp.where(
                stopped | (gains & (owner % self.players == 0)),
                restarts.PROTECTED,
                jnp.maximum(state.safe - 1, 0) * (owner == before.owner),
            ),
            promise=promise,
            had=jnp.where(free, state.had, (owner >= self.players).astype(jnp.int32)),
            touched=jnp.where(stopped, again.taker, touched),
            wait=jnp.where(kick.made | (new_touch & free), duels.AGAIN, jnp.maximum(state.wait - 1, 0)),
            passing=state.passing & goes_on,
            beaten=jnp.where(free & goes_on, flight.beaten, False),
            time=state.time + 1,
            score=scorer,
            own_goal=(scorer != 0) & ((scorer > 0) == last_right),
            done=(scorer != 0) | (state.time + 1 >= self.steps),
        )
        event = Event(
            kick, owned & fight.tried, owned & (fight.winner >= 0), ~owned & state.passing & new_touch & ~called,
            state.touched >= self.players, called, ~owned & flight.saved & ~stopped, promise - promising,
        )  # fmt: skip
        return replace(after, tally=count(before, after, event, intent))

    def _promising(self, state: State, owner: jax.Array, ball: jax.Array) -> jax.Array:
        """() float32: 1 where the owner has the ball where a shot is promising, else 0."""
        seen = ball * jnp.where(owner >= self.players, -1.0, 1.0)
        near = length(jnp.stack([pitch.LENGTH - seen[0], seen[1]])) < PROMISING[0]
        return ((owner >= 0) & near & (kicks.opening(seen) > PROMISING[1])).astype(jnp.float32)


def _kicked(state: State, kick: kicks.Kick) -> State:
    """The ball leaves its owner's feet."""
    return replace(
        state,
        touched=jnp.where(kick.made, state.owner, state.touched),
        owner=jnp.where(kick.made, NOBODY, state.owner),
        flight=jnp.where(kick.made, kick.flight, state.flight),
        air=jnp.where(kick.made, kick.air, state.air),
        wait=jnp.where(kick.made, duels.AGAIN, state.wait),
        passing=jnp.where(kick.made, kick.passes, state.passing),
        ahead=jnp.where(kick.made, kick.ahead, state.ahead),
        beaten=state.beaten & ~kick.made,
    )


def _moved(state: State, intent: act.Intent, has: jax.Array) -> State:
    """Everybody goes on towards the speed that it wants, within the pitch; who is down comes to rest."""
    turn = rightward(state.players, state.time)
    moves = intent.moves & (state.down <= 0)
    heading = jnp.where(moves, intent.way * turn, state.heading)
    sliding = intent.slides & ~has & (state.down <= 0)
    pace = jnp.where(intent.sprints | sliding, pitch.SPRINT, pitch.RUN) * jnp.where(has, pitch.WITH_BALL, 1.0)
    rests = (state.down > 0) | intent.idles
    wanted = jnp.where(moves | sliding, heading * pace, jnp.where(rests, 0.0, state.speed))
    speed = pitch.INERTIA * state.speed + (1 - pitch.INERTIA) * wanted
    edge = jnp.array([pitch.LENGTH, pitch.WIDTH]).reshape(2, *(1,) * (state.place.ndim - 1))
    place = jnp.clip(state.place + speed, -edge, edge)
    sprinting = jnp.where(moves, intent.sprints, state.sprinting & ~rests)
    return replace(state, place=place, speed=speed, heading=heading, sprinting=sprinting)


def _slid(state: State, intent: act.Intent) -> jax.Array:
    """(2n,): who slides while there is nobody to tackle lies down all the same."""
    return jnp.where(intent.slides & (state.down <= 0), duels.FALLEN, state.down)
