"""Where grid worlds come from and how they are told apart: sampling, random edits, features, text."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.grids import level as maps
from wunderkammer.worlds.grids.level import Level
from wunderkammer.worlds.grids.world import MOVES, Grids
from wunderkammer.worlds.world import Key

ENDS, RETURNS = (0.01, 1.0), (0.001, 0.1)
"""Chances of the distribution `all`, drawn evenly in their logarithm (Jackson et al. 2023)."""


@dataclass(frozen=True)
class GridLevels:
    """The distribution `all` of Jackson et al. 2023. Methods work on one level and are made to be vmapped, except
    `text` and `read`."""

    side: int = 10
    smallest: int = 4
    objects: int = 5
    walls: int = 15
    """Cells that are drawn to be walls; one that is drawn twice, or is needed for something else, is one less."""
    shortest: int = 20
    longest: int = 750
    """Steps of an episode, drawn evenly in their logarithm."""

    def __post_init__(self) -> None:
        if not 2 <= self.smallest <= self.side or self.smallest**2 < self.objects + 1:
            raise ConfigError(
                f"a grid of side {self.smallest} to {self.side} does not hold an agent and {self.objects} objects"
            )
        if not 1 <= self.shortest <= self.longest or self.walls < 0:
            raise ConfigError("the shortest episode has a step or more and is not longer than the longest")

    @property
    def world(self) -> Grids:
        """The world in which these are played."""
        return Grids(self.side, self.objects, self.longest)

    def sample(self, key: Key) -> Level:
        """A size; cells of walls, agent and objects; what objects are worth; a horizon."""
        keys = jax.random.split(key, 6)
        size = jax.random.randint(keys[0], (), self.smallest, self.side + 1)
        cell = jnp.arange(self.side**2)
        inside = (cell // self.side < size) & (cell % self.side < size)
        taken = jnp.argsort(jnp.where(inside, jax.random.uniform(keys[1], inside.shape), 2.0))[: self.objects + 1]
        drawn = jax.random.randint(keys[2], (self.walls, 2), 0, size) @ jnp.array([self.side, 1])
        walls = (~inside).at[drawn].set(True).at[taken].set(False)
        used = jnp.arange(self.objects) < jax.random.randint(keys[3], (), 1, self.objects + 1)
        horizon = jnp.floor(_log_uniform(keys[4], (), self.shortest, self.longest + 1)).astype(jnp.int32)
        places = jnp.where(used, taken[1:], 0).astype(jnp.int32)
        rewards, ends, returns = (jnp.where(used, part, 0.0) for part in self._worth(keys[5]))
        return Level(
            walls.reshape(self.side, self.side),
            taken[0].astype(jnp.int32),
            places,
            used,
            rewards,
            ends,
            returns,
            horizon,
        )

    def mutate(self, key: Key, level: Level, edits: int) -> Level:
        """So many edits one after another: mostly a cell becomes wall or opens, else an object is worth something
        else."""
        return jax.lax.fori_loop(0, edits, lambda edit, now: self._edit(jax.random.fold_in(key, edit), now), level)

    def _edit(self, key: Key, level: Level) -> Level:
        which, where, whose, worth = jax.random.split(key, 4)
        flat = level.walls.reshape(-1)
        cell = jax.random.randint(where, (), 0, flat.size)
        held = (cell == level.start) | ((cell == level.places) & level.used).any()
        toggled = (jax.random.uniform(which) < 0.7) & ~held
        walls = flat.at[cell].set(jnp.where(toggled, ~flat[cell], flat[cell])).reshape(level.walls.shape)
        chosen = (jnp.arange(self.objects) == jax.random.randint(whose, (), 0, self.objects)) & level.used & ~toggled
        old = (level.rewards, level.ends, level.returns)
        rewards, ends, returns = (
            jnp.where(chosen, fresh, kept) for fresh, kept in zip(self._worth(worth), old, strict=True)
        )
        return Level(walls, level.start, level.places, level.used, rewards, ends, returns, level.horizon)

    def features(self, level: Level) -> dict[str, jax.Array]:
        """`solvable`: an object that pays can be reached."""
        reached = reachable(self.world, level)
        good = level.used & (level.rewards > 0)
        return {
            "solvable": (good & reached[level.places]).any().astype(jnp.float32),
            "open": (~level.walls).sum().astype(jnp.float32),
            "objects": level.used.sum().astype(jnp.float32),
            "paying": good.sum().astype(jnp.float32),
            "lasting": jnp.where(level.used, 1.0 - level.ends, 0.0).sum() / level.used.sum().clip(1),
            "horizon": level.horizon.astype(jnp.float32),
        }

    def text(self, level: Level) -> str:
        """The map, its kinds of objects and the horizon; see `worlds/grids/text.py`."""
        return maps.write(level)

    def read(self, text: str) -> Level:
        """The level that a text means; `ConfigError` names what is wrong, and where."""
        return maps.read(text, self.side, self.objects)

    def _worth(self, key: Key) -> tuple[jax.Array, jax.Array, jax.Array]:
        """Rewards in [-1, 1), the first of them at least 0; chances to end, and to return; (objects,) each."""
        rewards, ends, returns = jax.random.split(key, 3)
        many = (self.objects,)
        lowest = jnp.where(jnp.arange(self.objects) == 0, 0.0, -1.0)
        return (
            jax.random.uniform(rewards, many, minval=lowest, maxval=1.0),
            _log_uniform(ends, many, *ENDS),
            _log_uniform(returns, many, *RETURNS),
        )


def reachable(world: Grids, level: Level) -> jax.Array:
    """(cells,) bool: where the agent can come to."""
    walls = level.walls.reshape(-1)
    cells = jnp.arange(world.cells)
    nexts = jax.vmap(lambda action: world.moved(walls, cells, jnp.broadcast_to(action, cells.shape)))(
        jnp.arange(len(MOVES))
    )

    def once(at: tuple[jax.Array, jax.Array]) -> tuple[jax.Array, jax.Array]:
        reached, _ = at
        # Moves can be taken back: a cell is reached where one of those it leads to is.
        more = (reached | reached[nexts].any(0)) & ~walls
        return more, (more != reached).any()

    return jax.lax.while_loop(lambda at: at[1], once, (cells == level.start, jnp.bool_(True)))[0]


def _log_uniform(key: Key, shape: tuple[int, ...], low: float, high: float) -> jax.Array:
    return jnp.exp(jax.random.uniform(key, shape, minval=jnp.log(low), maxval=jnp.log(high)))
