"""Sampling for learnability: the levels that the student solves now and then, out of many (Rutherford et al. 2024)."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired import scores
from wunderkammer.domains.paired.methods import dr
from wunderkammer.domains.paired.school import School
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures
from wunderkammer.worlds.world import Key


class State(NamedTuple):
    """A training by domain randomisation, and the levels that were most learnable at the last trial."""

    training: dr.State
    kept: Any
    learnability: jax.Array
    """(keep,): of each when it was tried."""


@dataclass(frozen=True)
class Learnability:
    """Domain randomisation in which a share of the episodes is played in learnable levels."""

    school: School

    def init(self, key: Key) -> State:
        """Nothing is kept yet: the first update begins with a trial."""
        settings = self.school.settings
        to_training, to_levels = jax.random.split(key)
        kept = self.school.fresh(to_levels, settings.keep)
        return State(dr.DomainRandomisation(self.school).init(to_training), kept, jnp.zeros(settings.keep))

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Try many levels where it is time, then go on with the episodes and learn."""
        settings = self.school.settings
        to_try, to_queue, to_learn = jax.random.split(key, 3)
        params, training = state.training.learning.params, state.training
        kept, found = jax.lax.cond(
            turn % settings.refresh == 0,
            lambda: self._trial(to_try, params),
            lambda: (state.kept, state.learnability),
        )
        queue = self._queue(to_queue, kept)
        learning, running, figures = dr.go_on(self.school, to_learn, training.learning, training.running, queue)
        training = dr.State(learning, running, jax.tree.map(lambda leaf: leaf[0], queue))
        return State(training, kept, found), figures | {"learnability": found.mean()}

    def cost(self, turn: int) -> int:
        settings = self.school.settings
        return self.school.batch * (1 + (turn % settings.refresh == 0) * self._batches * settings.tries)

    def student(self, state: State) -> Params:
        return state.training.learning.params

    def levels(self, state: State) -> Any:
        return state.training.levels

    def _trial(self, key: Key, params: Params) -> tuple[Any, jax.Array]:
        """The most learnable of `pool` sampled levels."""
        settings = self.school.settings

        def batch(key: Key) -> tuple[Any, jax.Array]:
            to_levels, to_play = jax.random.split(key)
            levels = self.school.fresh(to_levels, settings.envs)
            seen = self.school.play(params, to_play, levels, settings.tries).seen
            return levels, scores.learnability(scores.success_rates(seen))

        levels, found = jax.lax.map(batch, jax.random.split(key, self._batches))
        found, best = jax.lax.top_k(found.reshape(-1), settings.keep)
        return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[2:])[best], levels), found

    def _queue(self, key: Key, kept: Any) -> Any:
        """Levels for the next episodes: the first places get kept ones, drawn evenly, the others fresh ones."""
        settings = self.school.settings
        to_fresh, to_draw = jax.random.split(key)
        fresh = self.school.fresh(to_fresh, dr.QUEUE * settings.envs)
        drawn = jax.random.randint(to_draw, (dr.QUEUE * settings.envs,), 0, settings.keep)
        place = jnp.tile(jnp.arange(settings.envs), dr.QUEUE)
        chosen = place < round(settings.learnable * settings.envs)

        def mix(old: jax.Array, new: jax.Array) -> jax.Array:
            mixed = jnp.where(chosen.reshape(-1, *(1,) * (new.ndim - 1)), old[drawn], new)
            return mixed.reshape(dr.QUEUE, settings.envs, *new.shape[1:])

        return jax.tree.map(mix, kept, fresh)

    @property
    def _batches(self) -> int:
        return ceil(self.school.settings.pool / self.school.settings.envs)


learnability = Learnability
