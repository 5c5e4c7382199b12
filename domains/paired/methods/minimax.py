"""The minimax adversary: a teacher that is paid for the student's failure (the control of Dennis et al. 2020)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax

from wunderkammer.domains.paired.methods.design import Designer, Teaching, designer, said_of
from wunderkammer.domains.paired.regret import mean_returns
from wunderkammer.domains.paired.school import School
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures, Learning
from wunderkammer.worlds.world import Key


class State(NamedTuple):
    """A student, its teacher, and the levels that were built last."""

    learning: Learning
    teaching: Teaching
    levels: Any


@dataclass(frozen=True)
class Minimax:
    """Each update in new levels; a level is worth the student's mean return in it, with the sign turned."""

    school: School
    designer: Designer

    def init(self, key: Key) -> State:
        to_student, to_teacher = jax.random.split(key)
        return State(self.school.student(to_student), self.designer.start(to_teacher), self.designer.nothing())

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Build, play, and learn, student and teacher."""
        to_build, to_play, to_learn, to_teach = jax.random.split(key, 4)
        built = self.designer.build(to_build, state.teaching)
        played = self.school.play(state.learning.params, to_play, built.levels)
        ppo, returns = self.school.ppo, mean_returns(played.seen)
        learning, figures = ppo.update(self.school.network, to_learn, state.learning, ppo.batch(*played))
        teaching, taught = self.designer.learn(to_teach, state.teaching, built, -returns / self.school.worth)
        figures |= {"reward": returns.mean()} | said_of(taught)
        return State(learning, teaching, built.levels), figures

    def cost(self, turn: int) -> int:
        return self.school.batch

    def student(self, state: State) -> Params:
        return state.learning.params

    def levels(self, state: State) -> Any:
        return state.levels

    def teacher(self, state: State) -> Params:
        """The weights that build, of `methods.design.network_of`."""
        return self.designer.params(state.teaching)


def minimax(school: School) -> Minimax:
    """As the settings describe it; those of cloning and regret mean nothing here."""
    return Minimax(school, designer(school))
