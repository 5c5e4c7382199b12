"""The meta-training: many lives at once, the gradient through a window of them, and who lives where next."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import optax

from wunderkammer.domains.groove.curriculum import Course, Curriculum
from wunderkammer.domains.groove.parts import actor_critic_of, levels_of, meta_of
from wunderkammer.domains.groove.settings import GrooveSettings
from wunderkammer.learners.curation import Buffer, Curation
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.lpg import tabular
from wunderkammer.learners.lpg.meta import Life
from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.world import Key

LARGEST = 1.0
"""Norm to which the meta-gradient is cut."""


class State(NamedTuple):
    """All of a meta-training."""

    params: Params
    adam: Any
    courses: Course
    age: jax.Array
    """(lives,) int32: updates that each has made."""
    lives: Life
    rivals: Life | None
    """A2C's agents in the same courses and of the same age, where the score asks for them."""
    buffer: Buffer


@dataclass(frozen=True)
class MetaTrainer:
    """What settings describe; methods are pure and made to be jitted."""

    settings: GrooveSettings

    @cached_property
    def curriculum(self) -> Curriculum:
        own = self.settings
        curation = Curation(own.capacity, own.temperature, own.staleness)
        return Curriculum(levels_of(own), curation, own.score, own.young, own.old, own.updates, own.replay)

    @cached_property
    def optimiser(self) -> Any:
        return optax.chain(optax.clip_by_global_norm(LARGEST), optax.adam(self.settings.pace))

    def begin(self, key: Key) -> State:
        """Before the first window: an optimiser that knows nothing, lives in fresh courses."""
        own, meta = self.settings, meta_of(self.settings)
        to_params, to_courses, to_lives = jax.random.split(key, 3)
        params = meta.lpg.optimiser.init(to_params)
        courses = jax.vmap(self.curriculum.fresh)(jax.random.split(to_courses, own.lives))
        age = jnp.zeros(own.lives, jnp.int32)
        lives = self._born(to_lives, courses)
        rivals = lives if own.score == "regret" else None
        return State(params, self.optimiser.init(params), courses, age, lives, rivals, self.curriculum.empty())

    def window(self, key: Key, at: State) -> tuple[State, dict[str, jax.Array]]:
        """One step of the optimiser, `updates` of every agent; lives that are over are scored and followed by others.

        A2C's agents live beside the optimiser's, as long and in the same courses, so that what they come to is known
        when the lives end. To train them only then costs the same steps, all at once.
        """
        own, meta, world = self.settings, meta_of(self.settings), self.curriculum.levels.world
        keys = jax.random.split(key, 5)
        gradient, loss, lives, window = meta.gradient(world, at.params, keys[0], at.courses.level, at.lives)
        steps, adam = self.optimiser.update(gradient, at.adam, at.params)
        params = optax.apply_updates(at.params, steps)
        rivals = None if at.rivals is None else self._rival(keys[1], at.courses, at.rivals)
        age = at.age + own.updates
        ended = age >= at.courses.lifetime
        ours = jax.vmap(tabular.returns)(lives.playing)
        theirs = ours if rivals is None else jax.vmap(tabular.returns)(rivals.playing)
        scores = self.curriculum.scores(keys[2], window, ours, theirs)
        buffer = self.curriculum.settle(at.buffer, at.courses, scores, ended)
        buffer, courses, replayed = self.curriculum.following(keys[3], buffer, at.courses, ended)
        born = self._born(keys[4], courses)
        features = jax.vmap(self.curriculum.levels.features)(at.courses.level)
        figures = {
            "loss": loss,
            "gradient": optax.tree.norm(gradient),
            "reward": window.reward.mean(),
            "policy_entropy": window.entropy.mean(),
            "ended": ended.sum().astype(jnp.float32),
            "replayed": replayed.sum().astype(jnp.float32),
            "kept": buffer.held.sum().astype(jnp.float32),
            **{f"level_{name}": value.mean() for name, value in features.items()},
            "level_lifetime": at.courses.lifetime.mean(dtype=jnp.float32),
            "regret_sum": jnp.where(ended, theirs - ours, 0.0).sum(),
            "return_sum": jnp.where(ended, ours, 0.0).sum(),
        }
        lives = choose(ended, born, lives)
        rivals = None if rivals is None else choose(ended, born, rivals)
        after = State(params, adam, courses, jnp.where(ended, 0, age), lives, rivals, buffer)
        return after, figures

    def block(self, seed: Key, at: State, turn: jax.Array, windows: int) -> tuple[State, dict[str, jax.Array]]:
        """So many windows from `turn` on; means of their figures, and of what lives came to at their ends."""

        def once(at: State, turn: jax.Array) -> tuple[State, dict[str, jax.Array]]:
            return self.window(jax.random.fold_in(seed, turn), at)

        at, figures = jax.lax.scan(once, at, turn + jnp.arange(windows))
        ended = figures["ended"].sum().clip(1.0)
        told = {name: value.mean() for name, value in figures.items() if not name.endswith("_sum")}
        told["life_return"] = figures["return_sum"].sum() / ended
        if at.rivals is not None:
            told["life_regret"] = figures["regret_sum"].sum() / ended
        return at, told

    def _born(self, key: Key, courses: Course) -> Life:
        """A life that has not begun, in every course."""
        own, world = self.settings, self.curriculum.levels.world
        newborn = tabular.newborn(world.states, world.actions, own.predictions)

        def one(key: Key, course: Course) -> Life:
            return Life(newborn, tabular.begin(world, key, course.level, own.workers))

        return jax.vmap(one)(jax.random.split(key, own.lives), courses)

    def _rival(self, key: Key, courses: Course, rivals: Life) -> Life:
        """A window of A2C's lives."""
        own, world, learner = self.settings, self.curriculum.levels.world, actor_critic_of(self.settings)

        def one(key: Key, course: Course, life: Life) -> Life:
            def once(life: Life, key: Key) -> tuple[Life, None]:
                playing, stretch = tabular.play(world, key, life.agent, course.level, life.playing, own.steps)
                return Life(learner.update(life.agent, stretch), playing), None

            return jax.lax.scan(once, life, jax.random.split(key, own.updates))[0]

        return jax.vmap(one)(jax.random.split(key, own.lives), courses, rivals)
