"""The parts that settings describe: worlds, optimiser, agents."""

from __future__ import annotations

from wunderkammer.domains.groove.settings import Agents, GrooveSettings, Worlds
from wunderkammer.learners.lpg.learning import ActorCritic, Lpg
from wunderkammer.learners.lpg.meta import Meta
from wunderkammer.learners.lpg.optimiser import Optimiser
from wunderkammer.worlds.grids.levels import GridLevels


def levels_of(settings: Worlds) -> GridLevels:
    """The distribution that is trained on."""
    return GridLevels(
        settings.side, settings.smallest, settings.objects, settings.walls, settings.shortest, settings.longest
    )


def lpg_of(settings: Agents) -> Lpg:
    """Agents that an optimiser teaches."""
    return Lpg(Optimiser(settings.predictions, settings.width), settings.rate, settings.foreseeing)


def actor_critic_of(settings: Agents) -> ActorCritic:
    """Agents that teach themselves."""
    return ActorCritic(rate=settings.a2c, exploring=settings.exploring)


def meta_of(settings: GrooveSettings) -> Meta:
    """The meta-objective."""
    return Meta(
        lpg_of(settings),
        updates=settings.updates,
        steps=settings.steps,
        entropy=settings.entropy,
        foresight=settings.foresight,
        push=settings.push,
        foresee=settings.foresee,
    )
