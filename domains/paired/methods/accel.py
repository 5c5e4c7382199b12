"""ACCEL: the buffer of PLR⊥, into which edited children of replayed levels come (Parker-Holder et al. 2022)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import jax

from wunderkammer.domains.paired.methods.plr import RobustReplay, State, rated_of
from wunderkammer.domains.paired.school import School
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.ppo import Figures
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class Accel:
    """Every replay is followed by a batch of children of what was replayed, rated as new levels are."""

    replaying: RobustReplay

    def init(self, key: Key) -> State:
        return self.replaying.init(key)

    def update(self, key: Key, state: State, turn: jax.Array) -> tuple[State, Figures]:
        """Rate new levels where it is time, replay, and rate children of the replayed."""
        to_replay, to_edit, to_rate = jax.random.split(key, 3)
        state, figures = self.replaying.update(to_replay, state, turn)
        school = self.replaying.rated.school
        keys = jax.random.split(to_edit, school.settings.envs)
        children = jax.vmap(lambda key, level: school.levels.mutate(key, level, school.settings.edits))(
            keys, state.levels
        )
        return self.replaying.rated.explore(to_rate, state, children), figures

    def cost(self, turn: int) -> int:
        return self.replaying.cost(turn) + self.replaying.rated.school.batch

    def student(self, state: State) -> Params:
        return state.learning.params

    def levels(self, state: State) -> Any:
        return state.levels


def accel(school: School) -> Accel:
    """ACCEL; four of five batches are replays where the settings say nothing, children not counted."""
    return Accel(RobustReplay(rated_of(school), school.settings.replay or 0.8))
