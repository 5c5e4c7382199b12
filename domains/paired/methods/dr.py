"""Domain randomisation: every episode in a level that was sampled for it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax

from wunderkammer.domains.paired.school import School
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures, Learning
from wunderkammer.learners.rollout import Running, begin, rollout
from wunderkammer.worlds.world import Key

QUEUE = 4
"""Levels that are drawn for each place and rollout; more episodes than these begin again with the first."""


class State(NamedTuple):
    """A student, its episodes under way, and the levels they were played in."""

    learning: Learning
    running: Running
    levels: Any


@dataclass(frozen=True)
class DomainRandomisation:
    """The control of every study."""

    school: School

    def init(self, key: Key) -> State:
        """A new student at the beginning of `envs` episodes."""
        to_student, to_levels, to_begin = jax.random.split(key, 3)
        levels = self.school.fresh(to_levels, self.school.settings.envs)
        running = begin(self.school.world, self.school.network, to_begin, levels)
        return State(self.school.student(to_student), running, levels)

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Go on with the episodes, new ones in fresh levels, and learn."""
        to_levels, to_learn = jax.random.split(key)
        envs = self.school.settings.envs
        fresh = self.school.fresh(to_levels, QUEUE * envs)
        queue = jax.tree.map(lambda leaf: leaf.reshape(QUEUE, envs, *leaf.shape[1:]), fresh)
        learning, running, figures = go_on(self.school, to_learn, state.learning, state.running, queue)
        return State(learning, running, jax.tree.map(lambda leaf: leaf[0], queue)), figures

    def cost(self, turn: int) -> int:
        return self.school.batch

    def student(self, state: State) -> Params:
        return state.learning.params

    def levels(self, state: State) -> Any:
        return state.levels


def go_on(
    school: School, key: Key, learning: Learning, running: Running, queue: Any
) -> tuple[Learning, Running, Figures]:
    """Play on where episodes stand, the next ones in the queue's levels, and learn. queue: (length, envs, ...)."""
    to_play, to_learn = jax.random.split(key)
    after, seen, last = rollout(
        school.world, school.network, learning.params, to_play, running, queue, school.settings.steps
    )
    batch = school.ppo.batch(running.carry, seen, last)
    learning, figures = school.ppo.update(school.network, to_learn, learning, batch)
    return learning, after, figures | {"reward": seen.reward.sum() / seen.done.sum().clip(1)}


domain_randomisation = DomainRandomisation
