"""How a training in cars stands: how far the student gets round held-out tracks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.examination import SHOWN, Examination, Marks, unstack
from wunderkammer.domains.paired.held_out import Suite, held_out
from wunderkammer.domains.paired.school import WORTH, School
from wunderkammer.domains.paired.sheet import Row, Shown
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.evaluation import trace
from wunderkammer.worlds.car import catalogue, text
from wunderkammer.worlds.car import level as tracks
from wunderkammer.worlds.car.drawing import svg
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class CarExamination(Examination):
    """The same of tracks. `Marks.solved` are shares of the tiles that were visited, mean over episodes; `returned` is
    as CarRacing counts, 1000 for all tiles."""

    def marks(self, params: Params, key: Key) -> Marks:
        """Let a student drive every track `episodes` times."""
        share, returned, length, _ = jax.device_get(self._drives(params, key, self._often))
        shares = share.reshape(self.school.settings.episodes, -1).mean(axis=0)
        scale = 1000 / WORTH
        return Marks(
            tuple(round(float(one), 4) for one in shares), scale * float(returned.mean()), float(length.mean())
        )

    def said(self, marks: Marks) -> dict[str, float]:
        """The mean return too: the measure of the literature."""
        return {**super().said(marks), "returned": marks.returned}

    def complexity(self, levels: Any) -> dict[str, float]:
        """As of mazes; the length of the tracks is called `metres`, since `length` is that of the episodes."""
        found = super().complexity(levels)
        return {"metres": found.pop("length"), **found}

    def drawn(self, words: str) -> str:
        return svg(text.read(words))

    def ways(self, title: str, params: Params, key: Key) -> Row:
        """The first held-out tracks, and one drive of the student on each."""
        share, _, length, places = jax.device_get(self._drives(params, key, self._often))
        shown = []
        for at, level in enumerate(unstack(self.suite.levels, SHOWN)):
            path = [(float(x), float(y)) for x, y in places[: int(length[at]), at]]
            shown.append(Shown(svg(tracks.to_plan(level), path), f"{share[at]:.0%}"))
        return Row(title, shown)

    @property
    def _often(self) -> Any:
        """The suite `episodes` times over."""
        episodes = self.school.settings.episodes
        return jax.tree.map(lambda leaf: jnp.concatenate([leaf] * episodes), self.suite.levels)

    @cached_property
    def _drives(self) -> Any:
        """Of each level the share, the return, the steps, and the places (horizon, levels, 2)."""
        world, network = self.school.world, self.school.network

        def drives(params: Params, key: Key, levels: Any) -> Any:
            states, found = trace(world, network, params, key, levels)
            share = states.share[found.length - 1, jnp.arange(found.length.shape[0])]
            return share, found.returned, found.length, jnp.stack([states.car.x, states.car.y], -1)

        return jax.jit(drives)


def examination_of(school: School) -> Examination:
    """The examination of the school's world."""
    if school.settings.world == "maze":
        return Examination(school, held_out(school.settings))
    circuits = catalogue.TRACKS.suite(catalogue.CIRCUITS)
    levels = tracks.stack([tracks.of_plan(plan) for plan in circuits.values()])
    return CarExamination(school, Suite(tuple(circuits), levels))
