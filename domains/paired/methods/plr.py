"""Prioritised level replay, and its robust form, which learns from replayed levels alone (Jiang et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired import scores
from wunderkammer.domains.paired.school import Played, School
from wunderkammer.learners.curation import Buffer, Curation
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures, Learning
from wunderkammer.worlds.world import Key


class State(NamedTuple):
    """A student, the buffer, and the levels that were learned in last."""

    learning: Learning
    buffer: Buffer
    levels: Any


@dataclass(frozen=True)
class Rated:
    """What methods with a buffer share: levels are played, rated and kept."""

    school: School
    curation: Curation

    def empty(self, key: Key) -> State:
        """A new student and an empty buffer."""
        to_student, to_levels = jax.random.split(key)
        levels = self.school.fresh(to_levels, self.school.settings.envs)
        buffer = self.curation.empty(jax.tree.map(lambda leaf: leaf[0], levels))
        return State(self.school.student(to_student), buffer, levels)

    def explore(self, key: Key, state: State, levels: Any) -> State:
        """Offer levels to the buffer, rated by how the student does in them; it learns nothing from it."""
        played = self.school.play(state.learning.params, key, levels)
        return state._replace(buffer=self.offered(state.buffer, levels, played))

    def replay(self, key: Key, state: State) -> tuple[State, Figures]:
        """Draw levels, play them, rate them anew, and learn."""
        to_draw, to_play, to_learn = jax.random.split(key, 3)
        settings = self.school.settings
        buffer, places = self.curation.draw(to_draw, state.buffer, settings.queue * settings.envs)
        places = places.reshape(settings.queue, settings.envs)
        levels = jax.tree.map(lambda leaf: leaf[places], buffer.levels)
        played = self.school.play_on(state.learning.params, to_play, levels)
        buffer = self.rerated(buffer, places, played)
        learning, figures = self.learn(to_learn, state.learning, played)
        return State(learning, buffer, jax.tree.map(lambda leaf: leaf[0], levels)), figures | self.said(buffer)

    def offered(self, buffer: Buffer, levels: Any, played: Played) -> Buffer:
        """The buffer after new levels, each of which was played in a place of its own."""
        best, everything = scores.best_returns(played.seen), jnp.ones_like(played.seen.done)
        return self.curation.offer(buffer, levels, self.score(played, best, everything), best)[0]

    def rerated(self, buffer: Buffer, places: jax.Array, played: Played) -> Buffer:
        """The buffer with new scores of replayed levels, places: (queue, envs). Whose turn did not come keeps its."""

        def one(places: jax.Array, own: jax.Array) -> tuple[jax.Array, jax.Array]:
            best = jnp.maximum(scores.best_returns(scores.only(played.seen, own)), buffer.best[places])
            score = jnp.where(own.any(axis=0), self.score(played, best, own), buffer.scores[places])
            return score, best

        rated, best = jax.vmap(one)(places, scores.turns(played.seen.done, places.shape[0]))
        return self.curation.rate(buffer, places.reshape(-1), rated.reshape(-1), best.reshape(-1))

    def learn(self, key: Key, learning: Learning, played: Played) -> tuple[Learning, Figures]:
        """One update of the student."""
        ppo, network = self.school.ppo, self.school.network
        learning, figures = ppo.update(network, key, learning, ppo.batch(*played))
        return learning, figures | {"reward": played.seen.reward.sum() / played.seen.done.sum().clip(1)}

    def score(self, played: Played, best: jax.Array, own: jax.Array) -> jax.Array:
        """As the settings say, (batch,), of the steps that are a level's own, (time, batch)."""
        if self.school.settings.score == "maxmc":
            return scores.max_monte_carlo(played.seen, best, own)
        return scores.positive_value_loss(self.school.ppo.batch(*played).advantage, own)

    def said(self, buffer: Buffer) -> Figures:
        """What is worth knowing of a buffer."""
        held = buffer.held
        mean = jnp.where(held, buffer.scores, 0.0).sum() / held.sum().clip(1)
        return {"buffered": held.mean(), "score": mean}

    @property
    def warming(self) -> int:
        """Batches of new levels before the first replay."""
        settings = self.school.settings
        return max(1, ceil(settings.filled * settings.capacity / settings.envs))


@dataclass(frozen=True)
class RobustReplay:
    """PLR⊥: new levels are played to be rated, and only replayed ones are learned from.

    Every update is a replay. Between two of them come as many batches of new levels as the share of replay asks for,
    spaced evenly instead of at random.
    """

    rated: Rated
    share: float
    """Of replay among all batches."""

    def init(self, key: Key) -> State:
        return self.rated.empty(key)

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Rate new levels where it is time, then replay."""
        to_explore, to_replay = jax.random.split(key)
        state = jax.lax.fori_loop(
            0, self._trials(turn), lambda at, now: self._try(jax.random.fold_in(to_explore, at), now), state
        )
        return self.rated.replay(to_replay, state)

    def cost(self, turn: int) -> int:
        return self.rated.school.batch * (1 + int(self._trials(turn)))

    def student(self, state: State) -> Params:
        return state.learning.params

    def levels(self, state: State) -> Any:
        return state.levels

    def _try(self, key: Key, state: State) -> State:
        to_levels, to_play = jax.random.split(key)
        return self.rated.explore(to_play, state, self.rated.school.fresh(to_levels, self.rated.school.settings.envs))

    def _trials(self, turn: Any) -> Any:
        """Batches of new levels before update `turn`, which may be traced."""
        return due(turn, (1 - self.share) / self.share) + (turn == 0) * self.rated.warming


@dataclass(frozen=True)
class PrioritisedReplay:
    """PLR as it was first: it learns from new levels too. Updates are replays or new levels, spaced evenly."""

    rated: Rated
    share: float

    def init(self, key: Key) -> State:
        return self.rated.empty(key)

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Either a replay or a batch of new levels."""
        replays = (turn >= self.rated.warming) & (due(turn, self.share) > 0)
        return jax.lax.cond(replays, self.rated.replay, self._learn_new, key, state)

    def cost(self, turn: int) -> int:
        return self.rated.school.batch

    def student(self, state: State) -> Params:
        return state.learning.params

    def levels(self, state: State) -> Any:
        return state.levels

    def _learn_new(self, key: Key, state: State) -> tuple[State, Figures]:
        rated = self.rated
        to_levels, to_play, to_learn = jax.random.split(key, 3)
        levels = rated.school.fresh(to_levels, rated.school.settings.envs)
        played = rated.school.play(state.learning.params, to_play, levels)
        buffer = rated.offered(state.buffer, levels, played)
        learning, figures = rated.learn(to_learn, state.learning, played)
        return State(learning, buffer, levels), figures | rated.said(buffer)


def due(turn: Any, each: float) -> Any:
    """How often something happens at a turn that happens `each` times a turn on average, spaced evenly.

    turn: an int, or a traced int32; the two give the same, in steps of a thousandth.
    """
    thousandths = round(each * 1000)
    return (turn + 1) * thousandths // 1000 - turn * thousandths // 1000


def rated_of(school: School) -> Rated:
    """Playing and rating with a buffer as the settings describe it."""
    settings = school.settings
    return Rated(school, Curation(settings.capacity, settings.temperature, settings.staleness))


def prioritised_replay(school: School) -> PrioritisedReplay:
    """PLR; half of the batches are replays where the settings say nothing."""
    return PrioritisedReplay(rated_of(school), school.settings.replay or 0.5)


def robust_replay(school: School) -> RobustReplay:
    """PLR⊥; half of the batches are replays where the settings say nothing."""
    return RobustReplay(rated_of(school), school.settings.replay or 0.5)
