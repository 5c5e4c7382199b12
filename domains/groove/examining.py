"""The examination: agents are born in grid worlds that nobody trained on, and learn; what they come to is computed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.groove.settings import Agents, Examining
from wunderkammer.learners.lpg import tabular
from wunderkammer.learners.lpg.learning import ActorCritic, Lpg
from wunderkammer.learners.lpg.tabular import Agent, Stretch
from wunderkammer.worlds.grids import exact
from wunderkammer.worlds.grids.catalogue import GRIDS
from wunderkammer.worlds.grids.level import Level, of_plan, stack
from wunderkammer.worlds.grids.levels import GridLevels
from wunderkammer.worlds.grids.text import Plan
from wunderkammer.worlds.grids.world import Grids
from wunderkammer.worlds.world import Key

SUITE = "classic"
MATTERS = 0.1
"""What the best policy returns more than uniform actions, at least, in a level that is examined in."""
Update = Callable[[Agent, Stretch], Agent]
"""How an agent learns from a stretch."""


class Suite(NamedTuple):
    """Worlds of an examination."""

    names: Sequence[str]
    world: Grids
    levels: Level
    worst: NDArray[np.floating]
    best: NDArray[np.floating]
    """(levels,): what uniform actions return, and the most that can be returned, expected."""


class Marks(NamedTuple):
    """What agents came to."""

    scores: NDArray[np.floating]
    """(levels,): 0 for uniform actions, 100 for the best policy there is; means over agents at the end."""
    curves: NDArray[np.floating]
    """(levels, updates): the same as they learned, from the episodes that they played."""


def suite_of(plans: dict[str, Plan]) -> Suite:
    """These worlds side by side."""
    world = Grids(
        max(plan.side for plan in plans.values()),
        max(1, *(len(plan.things) for plan in plans.values())),
        max(plan.horizon for plan in plans.values()),
    )
    levels = stack([of_plan(plan, world.side, world.objects) for plan in plans.values()])
    return _scaled(list(plans), world, levels)


def of_levels(levels: GridLevels, count: int) -> Suite:
    """The first so many levels of a distribution in which it matters what an agent does; the same for everybody."""
    drawn = jax.jit(jax.vmap(levels.sample))(jax.random.split(jax.random.key(0), 4 * count))
    found = _scaled([f"{number}" for number in range(4 * count)], levels.world, drawn)
    matters = np.flatnonzero(found.best - found.worst > MATTERS)[:count]
    return Suite(
        [found.names[place] for place in matters],
        found.world,
        jax.tree.map(lambda leaf: leaf[matters], drawn),
        found.worst[matters],
        found.best[matters],
    )


def _scaled(names: Sequence[str], world: Grids, levels: Level) -> Suite:
    """Levels, with the ends of their scales."""
    ends = jax.jit(jax.vmap(lambda level: (exact.random(world, level), exact.best(world, level))))
    return Suite(names, world, levels, *map(np.asarray, ends(levels)))


def held_out() -> Suite:
    """The hand-made worlds that come with the house."""
    return suite_of(GRIDS.suite(SUITE))


def taught(lpg: Lpg, params: object) -> Update:
    """As an optimiser says."""
    return lambda agent, stretch: lpg.update(params, agent, stretch)[0]


def self_taught(learner: ActorCritic) -> Update:
    """By advantage actor-critic."""
    return learner.update


class Settings(Agents, Examining):
    """What an examination needs to know."""


def examine(settings: Settings, suite: Suite, key: Key, update: Update) -> Marks:
    """Let `pupils` agents learn in each world for `schooling` updates. Worlds are taken one after another: their
    tables are large, and one program serves all."""
    school = jax.jit(partial(_school, settings, suite.world, update))
    span = suite.best - suite.worst
    ends, curves = [], []
    for place in range(len(suite.names)):
        level = jax.tree.map(lambda leaf: leaf[place], suite.levels)  # noqa: B023
        found, curve = jax.device_get(school(jax.random.fold_in(key, place), level))
        ends.append(found.mean())
        curves.append(curve.mean(0))
    low = suite.worst
    return Marks(100 * (np.array(ends) - low) / span, 100 * (np.array(curves) - low[:, None]) / span[:, None])


def _school(settings: Settings, world: Grids, update: Update, key: Key, level: Level) -> tuple[jax.Array, jax.Array]:
    """What each agent's policy is worth at the end, (pupils,), and what it returned meanwhile, (pupils, updates)."""
    newborn = tabular.newborn(world.states, world.actions, settings.predictions)

    def one(key: Key) -> tuple[jax.Array, jax.Array]:
        to_begin, to_live = jax.random.split(key)

        def once(at: tuple[Agent, tabular.Playing], key: Key) -> tuple[tuple[Agent, tabular.Playing], jax.Array]:
            agent, playing = at
            playing, stretch = tabular.play(world, key, agent, level, playing, settings.steps)
            return (update(agent, stretch), playing), tabular.returns(playing)

        playing = tabular.begin(world, to_begin, level, settings.workers)
        (agent, _), curve = jax.lax.scan(once, (newborn, playing), jax.random.split(to_live, settings.schooling))
        return exact.worth(world, level, jax.nn.softmax(agent.logits)), curve

    return jax.vmap(one)(jax.random.split(key, settings.pupils))
