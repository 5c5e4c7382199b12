"""The teacher's half of an update: it builds levels, and learns from what they turned out to be worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.school import School
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.learners.ppg import Phases, Phasic, Ppg
from wunderkammer.learners.ppo import Figures, Learning, Ppo
from wunderkammer.learners.rollout import Trajectory, begin, rollout
from wunderkammer.learners.teacher import teacher
from wunderkammer.worlds.builder import AnyBuilder
from wunderkammer.worlds.car.building import TrackBuilding
from wunderkammer.worlds.maze.building import Building
from wunderkammer.worlds.world import Key

Teaching: TypeAlias = Learning | Phases
"""A teacher in training, by PPO or PPG."""


class Built(NamedTuple):
    """One turn of building."""

    levels: Any
    """Stacked, (batch,)."""
    seen: Trajectory
    """(horizon, batch); rewards are 0 until the levels were played."""


@dataclass(frozen=True)
class Designer:
    """A teacher that builds `batch` levels a turn, each in an episode of its own."""

    building: AnyBuilder
    network: Network
    learner: Ppo | Ppg
    batch: int
    ground: Callable[[Key], Any]
    """Where an episode begins: a level whose walls stand already. `Building.ground` for none; sampled ones make the
    building shorter and the levels more various."""

    def start(self, key: Key) -> Teaching:
        """A teacher that has learned nothing."""
        sketch = self.building.reset_to_level(key, self.building.ground())[1]
        if isinstance(self.learner, Ppo):
            return self.learner.start(self.network, key, sketch)
        return self.learner.start(Phasic(self.network), key, sketch, self.building.horizon, self.batch)

    def nothing(self) -> Any:
        """What stands before anything was built, stacked, (batch,)."""
        return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (self.batch, *leaf.shape)), self.building.ground())

    def build(self, key: Key, teaching: Teaching) -> Built:
        """Levels drawn from the teacher's policy."""
        to_ground, to_begin, to_play = jax.random.split(key, 3)
        grounds = jax.vmap(self.ground)(jax.random.split(to_ground, self.batch))
        acting = self._acting
        running = begin(self.building, acting, to_begin, grounds)
        again = jax.tree.map(lambda leaf: leaf[None], grounds)
        _, seen, _ = rollout(self.building, acting, teaching.params, to_play, running, again, self.building.horizon)
        return Built(self._levels(running.state, seen.action), seen)

    def learn(self, key: Key, teaching: Teaching, built: Built, worth: jax.Array) -> tuple[Teaching, Figures]:
        """From what each level was worth, shape (batch,): the reward of its last action.

        Building ends there by itself, so nothing is expected of what comes after.
        """
        seen = built.seen._replace(reward=built.seen.reward.at[-1].set(worth))
        acting, after = self._acting, jnp.zeros(self.batch)
        if isinstance(teaching, Phases):
            assert isinstance(self.learner, Ppg)
            batch = self.learner.ppo.batch(acting.empty(self.batch), seen, after)
            return self.learner.update(Phasic(self.network), key, teaching, batch)
        assert isinstance(self.learner, Ppo)
        return self.learner.update(acting, key, teaching, self.learner.batch(acting.empty(self.batch), seen, after))

    def params(self, teaching: Teaching) -> Params:
        """The weights of `network` that act."""
        return teaching.params if isinstance(self.learner, Ppo) else teaching.params["actor"]

    @property
    def _acting(self) -> Network:
        return self.network if isinstance(self.learner, Ppo) else Phasic(self.network)

    def _levels(self, site: object, actions: jax.Array) -> Any:
        """What the actions, (horizon, batch), make of the sites: a rollout has begun anew by its end."""
        nothing = jax.random.key(0)  # a builder draws at the beginning alone

        def act(site: object, action: jax.Array) -> tuple[object, None]:
            return jax.vmap(self.building.step, (None, 0, 0))(nothing, site, action).state, None

        return jax.vmap(self.building.level)(jax.lax.scan(act, site, actions)[0])


def designer(school: School) -> Designer:
    """The teacher that settings describe."""
    settings = school.settings
    building = building_of(settings)
    ppo = Ppo(
        rate=settings.teacher_rate,
        discount=settings.discount,
        trace=settings.trace,
        clip=settings.clip,
        epochs=settings.teacher_epochs,
        entropy=settings.teachers_entropy,
    )
    learner = ppo if settings.taught == "ppo" else Ppg(ppo, settings.phases)
    ground = (lambda _: building.ground()) if settings.ground == "empty" else school.levels.sample
    return Designer(building, network_of(settings), learner, settings.envs, ground)


def building_of(settings: TrainingSettings) -> Building | TrackBuilding:
    """What the teacher does."""
    if settings.world == "car":
        return TrackBuilding(settings.noise)
    return Building(settings.size, settings.size, settings.built or settings.walls, settings.noise)


def network_of(settings: TrainingSettings) -> Network:
    """What it does it with; under PPG, the half that acts."""
    building = building_of(settings)
    return teacher(settings.form, building.actions, building.horizon, settings.breadth)


def said_of(taught: Figures) -> Figures:
    """Of what PPO says of a teacher, what is worth a curve: the entropy of its actions in nats, and how far an update
    moved it."""
    return {"teacher_entropy": taught["entropy"], "teacher_kl": taught["kl"]}
