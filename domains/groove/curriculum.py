"""Which level each new life is lived in: fresh ones, or those whose score says that there is something to learn.

A level is a grid world together with the length of a life in it. Source: Jackson et al. 2023, section 4, on prioritised
level replay (Jiang et al. 2021).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.groove.settings import Score
from wunderkammer.learners.curation import Buffer, Curation, marks_of
from wunderkammer.learners.lpg.meta import Window
from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.grids.level import Level
from wunderkammer.worlds.grids.levels import GridLevels
from wunderkammer.worlds.world import Key


class Course(NamedTuple):
    """What is curated."""

    level: Level
    lifetime: jax.Array
    """() int32: updates that a life in it has, whole windows."""


@dataclass(frozen=True)
class Curriculum:
    """Fresh courses, and those that are kept. It holds nothing itself; it takes buffers and returns them."""

    levels: GridLevels
    curation: Curation
    score: Score
    young: int
    old: int
    window: int
    """Updates; a lifetime is a multiple of it."""
    replay: float = 0.5

    def fresh(self, key: Key) -> Course:
        """One course of the distribution; its lifetime even in the logarithm."""
        to_level, to_life = jax.random.split(key)
        low, high = jnp.log(self.young), jnp.log(self.old)
        updates = jnp.exp(jax.random.uniform(to_life, (), minval=low, maxval=high))
        windows = jnp.ceil(updates / self.window - 1e-4).astype(jnp.int32)
        return Course(self.levels.sample(to_level), windows * self.window)

    def empty(self) -> Buffer:
        """Nothing is kept yet."""
        return self.curation.empty(jax.eval_shape(self.fresh, jax.random.key(0)))

    def settle(self, buffer: Buffer, courses: Course, scores: jax.Array, ended: jax.Array) -> Buffer:
        """The buffer after some lives ended: what is kept already is scored anew, the rest is offered.

        courses, scores, ended: (lives, …); of those that go on nothing becomes known."""
        if self.score == "uniform":
            return buffer
        same = (marks_of(courses)[:, None] == buffer.marks[None]).all(-1) & buffer.held
        known = same.any(1)
        places = jnp.where(known & ended, same.argmax(1), self.curation.capacity)  # beyond the end: dropped
        buffer = buffer._replace(scores=buffer.scores.at[places].set(scores, mode="drop"))
        offered = jnp.where(ended & ~known, scores, -jnp.inf)
        return self.curation.offer(buffer, courses, offered, jnp.zeros_like(scores))[0]

    def following(
        self, key: Key, buffer: Buffer, courses: Course, ended: jax.Array
    ) -> tuple[Buffer, Course, jax.Array]:
        """The course of every life, a new one where one ended; and which of these are replayed, (lives,) bool."""
        to_fresh, to_coin, to_place = jax.random.split(key, 3)
        count = ended.shape[0]
        fresh = jax.vmap(self.fresh)(jax.random.split(to_fresh, count))
        if self.score == "uniform":
            return buffer, choose(ended, fresh, courses), jnp.zeros(count, jnp.bool_)
        chances = self.curation.chances(buffer)
        places = jax.random.categorical(to_place, jnp.log(chances), shape=(count,))
        full = buffer.held.sum() >= count
        replayed = ended & full & (jax.random.uniform(to_coin, (count,)) < self.replay)
        drawn = buffer.drawn.at[jnp.where(replayed, places, self.curation.capacity)].set(buffer.clock, mode="drop")
        kept = jax.tree.map(lambda leaf: leaf[places], buffer.levels)
        following = choose(replayed, kept, choose(ended, fresh, courses))
        return buffer._replace(drawn=drawn), following, replayed

    def scores(self, key: Key, window: Window, ours: jax.Array, rival: jax.Array) -> jax.Array:
        """(lives,): what there is to learn in each course, by what a life in it came to.

        window: figures of the last window. ours, rival: what the optimiser's agent and A2C's returned at the end."""
        match self.score:
            case "regret":
                return rival - ours
            case "positive":
                return window.positive
            case "l1":
                return window.size
            case "random":
                return jax.random.uniform(key, ours.shape)
            case "uniform":
                return jnp.zeros_like(ours)
