"""A trained teacher as a proposer of mazes: new ones, and changes of those that are there."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.kept import settings_in
from wunderkammer.domains.paired.methods.design import building_of, network_of
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Params
from wunderkammer.learners.networks import Network
from wunderkammer.worlds.builder import Sketch
from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.maze.building import Building, Site
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key

FILE = "teacher.safetensors"
"""What a training with a teacher leaves."""


@dataclass(frozen=True)
class Adversary:
    """A teacher that learns no more."""

    building: Building
    network: Network
    params: Params

    def levels(self, key: Key, count: int) -> Level:
        """New levels, stacked."""
        return self._levels(key, self._many(self.building.ground(), count))

    def variants(self, key: Key, levels: Level) -> Level:
        """Each of a stack of levels built anew by half: goal and agent stay, and so do some of its walls.

        Raises:
            ConfigError: the levels are of another size.
        """
        if levels.walls.shape[1:] != (self.building.height, self.building.width):
            height, width = levels.walls.shape[1:]
            own = f"{self.building.height} x {self.building.width}"
            raise ConfigError(f"the teacher builds mazes of {own}, and this one is of {height} x {width}")
        return self._variants(key, levels)

    @cached_property
    def _levels(self) -> Any:
        return jax.jit(lambda key, grounds: self._build(key, self.building.reset_to_level, grounds))

    @cached_property
    def _variants(self) -> Any:
        return jax.jit(lambda key, levels: self._build(key, self.building.reopen, levels))

    def _build(self, key: Key, begin: Any, levels: Level) -> Level:
        """Episodes to their ends, wherever `begin` puts them. levels: stacked."""
        count = levels.walls.shape[0]
        to_begin, to_act = jax.random.split(key)
        site, sketch = jax.vmap(begin)(jax.random.split(to_begin, count), levels)

        def act(at: tuple[Site, Sketch, Any], key: Key) -> tuple[tuple[Site, Sketch, Any], None]:
            site, sketch, carry = at
            reply = self.network.step(self.params, carry, sketch, jnp.zeros(count, jnp.bool_))
            action = jax.random.categorical(key, reply.logits)
            after = jax.vmap(self.building.step, (None, 0, 0))(key, site, action)
            over = site.time >= self.building.horizon
            site, sketch = choose(over, (site, sketch), (after.state, after.observation))
            return (site, sketch, reply.carry), None

        start = (site, sketch, self.network.empty(count))
        (site, _, _), _ = jax.lax.scan(act, start, jax.random.split(to_act, self.building.horizon))
        return jax.vmap(self.building.level)(site)

    def _many(self, level: Level, count: int) -> Level:
        return jax.tree.map(lambda leaf: jnp.broadcast_to(leaf, (count, *leaf.shape)), level)


@lru_cache(maxsize=8)
def adversary(file: Path) -> Adversary:
    """The teacher that a training left; files are taken to stay as they are.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    settings = settings_in(file, f"holds no teacher; a training with a teacher leaves {FILE}")
    building, network = building_of(settings), network_of(settings)
    if not isinstance(building, Building):
        raise ConfigError(f"{file} holds a teacher of tracks, which proposes no mazes; train one with world=maze")
    sketch = building.observe(building.reset_to_level(jax.random.key(0), building.ground())[0])
    like = jax.eval_shape(lambda: network.init(jax.random.key(0), sketch))
    return Adversary(building, network, weights.read(file, like))


def propose(file: Path, level: Level | None, key: Key) -> Level:
    """One level: a change of the one that is given, or a new one.

    Raises:
        ConfigError: as `adversary` and `Adversary.variants`.
    """
    teacher = adversary(file)
    if level is None:
        found = teacher.levels(key, 1)
    else:
        found = teacher.variants(key, jax.tree.map(lambda leaf: jnp.asarray(leaf)[None], level))
    return jax.tree.map(lambda leaf: leaf[0], found)
