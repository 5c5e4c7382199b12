"""The teacher's half of an update: it builds levels, and learns from what they turned out to be worth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

from wunderkammer.domains.paired.school import School
from wunderkammer.learners.networks import Network
from wunderkammer.learners.ppg import Phases, Phasic, Ppg
from wunderkammer.learners.ppo import Figures, Learning, Ppo
from wunderkammer.learners.rollout import Trajectory, begin, rollout
from wunderkammer.learners.teacher import teacher
from wunderkammer.worlds.maze.building import Building
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key

Teaching: TypeAlias = Learning | Phases
"""A teacher in training, by PPO or PPG."""


class Built(NamedTuple):
    """One turn of building."""

    levels: Level
    """Stacked, (batch,)."""
    seen: Trajectory
    """(horizon, batch); rewards are 0 until the levels were played."""


@dataclass(frozen=True)
class Designer:
    """A teacher that builds `batch` levels a turn, each in an episode of its own."""

    building: Building
    network: Network
    learner: Ppo | Ppg
    batch: int
    ground: Callable[[Key], Level]
    """Where an episode begins: a level whose walls stand already. `Building.ground` for none; sampled ones make the
    building shorter and the levels more various."""

    def start(self, key: Key) -> Teaching:
        """A teacher that has learned nothing."""
        sketch = self.building.reset_to_level(key, self.building.ground())[1]
        if isinstance(self.learner, Ppo):
            return self.learner.start(self.network, key, sketch)
        return self.learner.start(Phasic(self.network), key, sketch, self.building.horizon, self.batch)

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

    @property
    def _acting(self) -> Network:
        return self.network if isinstance(self.learner, Ppo) else Phasic(self.network)

    def _levels(self, site: object, actions: jax.Array) -> Level:
        """What the actions, (horizon, batch), make of the sites: a rollout has begun anew by its end."""
        nothing = jax.random.key(0)  # Building draws at the beginning alone

        def act(site: object, action: jax.Array) -> tuple[object, None]:
            return jax.vmap(self.building.step, (None, 0, 0))(nothing, site, action).state, None

        return jax.vmap(self.building.level)(jax.lax.scan(act, site, actions)[0])  # type: ignore[no-any-return]


def designer(school: School) -> Designer:
    """The teacher that settings describe."""
    settings = school.settings
    building = Building(settings.size, settings.size, settings.built or settings.walls, settings.noise)
    ppo = Ppo(
        rate=settings.teacher_rate,
        discount=settings.discount,
        trace=settings.trace,
        clip=settings.clip,
        epochs=settings.teacher_epochs,
        entropy=settings.teachers_entropy,
    )
    return Designer(
        building,
        teacher(settings.form, building.actions, building.horizon, settings.breadth),
        ppo if settings.taught == "ppo" else Ppg(ppo, settings.phases),
        settings.envs,
        (lambda _: building.ground()) if settings.ground == "empty" else school.levels.sample,
    )


def measured(school: School, levels: Level, taught: Figures) -> Figures:
    """How a teacher does: the entropy of its actions in nats, how far it moved, and its levels: walls, the share that
    can be solved, and the mean length of the shortest paths of those."""
    features = jax.vmap(school.levels.features)(levels)
    solvable = features["solvable"]
    return {
        "teacher_entropy": taught["entropy"],
        "teacher_kl": taught["kl"],
        "walls": features["walls"].mean(),
        "solvable": solvable.mean(),
        "path": (features["path"] * solvable).sum() / solvable.sum().clip(1),
    }
