"""PAIRED: a teacher that is paid for regret, between an antagonist and the protagonist, and what makes it stable.

Source: Dennis et al. 2020; the entropy bonus, the cloning, PPG and the shorter building: Mediratta et al. 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.methods.design import Designer, Teaching, designer, said_of
from wunderkammer.domains.paired.regret import mean_returns, regret
from wunderkammer.domains.paired.school import Played, School
from wunderkammer.learners.cloning import towards
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures, Learning
from wunderkammer.worlds.world import Key

PROTAGONIST, ANTAGONIST = 0, 1


class State(NamedTuple):
    """Two students, their teacher, and the levels that were built last."""

    students: Learning
    """Protagonist and antagonist, along a first axis of every leaf: one program plays and teaches them in turn."""
    teaching: Teaching
    levels: Any


@dataclass(frozen=True)
class Paired:
    """Each update in new levels, which both students play and learn in. Without cloning and with no entropy bonus it is
    PAIRED as first published; `paired-stable` is the same program with other settings."""

    school: School
    designer: Designer

    def init(self, key: Key) -> State:
        to_students, to_teacher = jax.random.split(key)
        students = jax.lax.map(self.school.student, jax.random.split(to_students))
        return State(students, self.designer.start(to_teacher), self.designer.nothing())

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Build, play, and learn, all three."""
        to_build, to_play, to_learn, to_teach = jax.random.split(key, 4)
        built = self.designer.build(to_build, state.teaching)
        played = jax.lax.map(
            lambda one: self.school.play(one[0], one[1], built.levels),
            (state.students.params, jax.random.split(to_play)),
        )
        protagonist, antagonist = (_of(played.seen, who) for who in (PROTAGONIST, ANTAGONIST))
        worth = regret(antagonist, protagonist, self.school.settings.clipped) / self.school.worth
        returns = jnp.stack([mean_returns(protagonist).mean(), mean_returns(antagonist).mean()])
        students, learned = self._learn(to_learn, state.students, played, returns)
        teaching, taught = self.designer.learn(to_teach, state.teaching, built, worth)
        figures = _of(learned, PROTAGONIST) | {
            "reward": returns[PROTAGONIST],
            "antagonist": returns[ANTAGONIST],
            "regret": worth.mean(),
        }
        return State(students, teaching, built.levels), figures | said_of(taught)

    def cost(self, turn: int) -> int:
        return 2 * self.school.batch

    def student(self, state: State) -> Params:
        return _of(state.students.params, PROTAGONIST)

    def levels(self, state: State) -> Any:
        return state.levels

    def teacher(self, state: State) -> Params:
        """The weights that build, of `methods.design.network_of`."""
        return self.designer.params(state.teaching)

    def _learn(self, key: Key, students: Learning, played: Played, returns: jax.Array) -> tuple[Learning, Figures]:
        """One update of both; played, returns: along a first axis (students)."""
        ppo, network, cloning = self.school.ppo, self.school.network, self.school.settings.clones != "none"

        def one(given: tuple[Key, Learning, Played, Any, jax.Array]) -> tuple[Learning, Figures]:
            key, learning, own, other, weight = given
            batch = ppo.batch(*own)
            if not cloning:
                return ppo.update(network, key, learning, batch)
            return ppo.update(network, key, learning, batch._replace(guide=other), towards(network, weight))

        others = jax.tree.map(lambda leaf: leaf[::-1], played.seen) if cloning else ()
        given = (jax.random.split(key), students, played, others, self.pulls(returns))
        return jax.lax.map(one, given)

    def pulls(self, returns: jax.Array) -> jax.Array:
        """(2,): how strongly protagonist and antagonist are drawn to the other. returns: (2,), their means.

        Only whoever is behind is drawn, and the antagonist only if cloning goes both ways.
        """
        settings = self.school.settings
        may = {"none": (0.0, 0.0), "unilateral": (1.0, 0.0), "bidirectional": (1.0, 1.0)}[settings.clones]
        return settings.cloned * jnp.array(may) * (returns < returns[::-1])


def paired(school: School) -> Paired:
    """PAIRED as the settings describe it, under either name."""
    return Paired(school, designer(school))


def _of(both: Any, who: int) -> Any:
    return jax.tree.map(lambda leaf: leaf[who], both)
