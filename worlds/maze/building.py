"""Building a maze as a world of its own: what a teacher does that designs levels one cell at a time."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.builder import Sketch
from wunderkammer.worlds.maze import tiles
from wunderkammer.worlds.maze.level import Level
from wunderkammer.worlds.world import Key, Step

NOWHERE = -1
"""Index of what is not placed yet."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Site:
    """An episode of building under way."""

    walls: jax.Array
    """(height * width,) bool."""
    goal: jax.Array
    """() int32: index of its cell, row by row; `NOWHERE` at first."""
    agent: jax.Array
    """() int32, in the same way."""
    direction: jax.Array
    """() int32: where the agent will look; drawn at the beginning, not the builder's to choose."""
    time: jax.Array
    """() int32."""
    noise: jax.Array
    """(noise,) float32."""


@dataclass(frozen=True)
class Building:
    """A goal, an agent and up to `walls` walls, one action each; an action is the index of a cell, row by row.

    - The first action places the goal and opens the cell if a wall was there; the second does so with the agent.
    - Goal and agent are barred cells for all that follows: the mask forbids them. Where it is not obeyed, an agent put
      on the goal goes to the next cell (the first after the last), and a wall put on either is not built.
    - A wall on a wall changes nothing: the way to build fewer walls.

    An episode takes `walls` + 2 actions and ends by itself, never by time: nothing comes after it. The world gives no
    reward; what a level is worth is known once students have played it, and whoever trains the builder adds it to the
    last step (`regret`). Methods work on one episode and are made to be vmapped.
    """

    height: int = 13
    width: int = 13
    walls: int = 25
    """The most walls of an episode's own; those of the level that it begins with are not counted."""
    noise: int = 16
    """Numbers in `Sketch.noise`."""

    def __post_init__(self) -> None:
        if not 0 <= self.walls <= self.height * self.width - 2:
            raise ConfigError(
                f"a maze of {self.height} x {self.width} has room for 0 to {self.height * self.width - 2} walls, "
                f"not {self.walls}"
            )
        if self.noise < 1:
            raise ConfigError("a builder without noise builds the same maze again and again: set noise to 1 or more")

    @property
    def actions(self) -> int:
        """One per cell."""
        return self.height * self.width

    @property
    def horizon(self) -> int:
        """Actions of every episode."""
        return self.walls + 2

    def reset_to_level(self, key: Key, level: Level) -> tuple[Site, Sketch]:
        """The beginning: the walls of a level, without its goal and agent. `ground` is the level to begin from nothing;
        a sampled one shortens what is left to build."""
        turn, draw = jax.random.split(key)
        site = Site(
            level.walls.reshape(-1),
            jnp.int32(NOWHERE),
            jnp.int32(NOWHERE),
            jax.random.randint(turn, (), 0, 4),
            jnp.int32(0),
            jax.random.uniform(draw, (self.noise,), minval=-1.0),
        )
        return site, self.observe(site)

    def reopen(self, key: Key, level: Level) -> tuple[Site, Sketch]:
        """An episode in the middle, as if the level's goal, agent and half of its walls had been built: a random half,
        and at most half of `walls`. What a policy then does is a change of the level, in situations that it knows."""
        pick, draw = jax.random.split(key)
        walls = level.walls.reshape(-1)
        order = jnp.argsort(jnp.where(walls, jax.random.uniform(pick, walls.shape), 2.0))
        kept = jnp.minimum(walls.sum(), self.walls) // 2
        walls = jnp.zeros_like(walls).at[order].set(jnp.arange(self.actions) < kept)
        goal, agent = (cell[0] * self.width + cell[1] for cell in (level.goal, level.agent))
        noise = jax.random.uniform(draw, (self.noise,), minval=-1.0)
        site = Site(walls, goal, agent, level.direction, (kept + 2).astype(jnp.int32), noise)
        return site, self.observe(site)

    def step(self, key: Key, state: Site, action: jax.Array) -> Step[Site]:
        """Place the next thing; reward is 0 throughout, and done after the last wall."""
        for_goal, for_agent = state.time == 0, state.time == 1
        cell = jnp.where(for_agent & (action == state.goal), (action + 1) % self.actions, action)
        goal = jnp.where(for_goal, cell, state.goal)
        agent = jnp.where(for_agent, cell, state.agent)
        wall = (state.time >= 2) & (cell != goal) & (cell != agent)
        opened = for_goal | for_agent
        walls = state.walls.at[cell].set((state.walls[cell] & ~opened) | wall)
        after = Site(walls, goal, agent, state.direction, state.time + 1, state.noise)
        done = after.time >= self.horizon
        return Step(after, self.observe(after), jnp.float32(0), done, jnp.bool_(False))

    def observe(self, state: Site) -> Sketch:
        """The map so far, in planes wall, goal and agent; the time: at 0 comes the goal, at 1 the agent, then walls;
        what the episode drew; and which cells, row by row, are free to choose."""
        cells = jnp.arange(self.actions)
        goal, agent = cells == state.goal, cells == state.agent
        planes = jnp.stack([state.walls, goal, agent], -1).astype(jnp.uint8)
        return Sketch(planes.reshape(self.height, self.width, 3), state.time, state.noise, ~(goal | agent))

    def level(self, state: Site) -> Level:
        """The maze, once goal and agent are placed."""
        return Level(
            state.walls.reshape(self.height, self.width),
            self._cell(state.agent),
            state.direction,
            self._cell(state.goal),
        )

    def ground(self) -> Level:
        """A field without walls, to begin from nothing; its goal and agent are only there to make it a level."""
        return Level(
            jnp.zeros((self.height, self.width), jnp.bool_), self._cell(0), jnp.int32(0), self._cell(self.actions - 1)
        )

    def render(self, state: Site) -> jax.Array:
        """uint8 (SIDE (height + 2), SIDE (width + 2), 3), SIDE of `tiles`; the agent waits in the corner at first."""
        cells = jnp.where(state.walls, tiles.WALL, tiles.OPEN)
        cells = jnp.where(jnp.arange(self.actions) == state.goal, tiles.GOAL, cells).reshape(self.height, self.width)
        framed = jnp.pad(cells, 1, constant_values=tiles.WALL)
        row, column = jnp.where(state.agent == NOWHERE, 0, self._cell(state.agent) + 1)
        return tiles.paint(framed, jnp.zeros(framed.shape, jnp.bool_), row, column, state.direction)

    def _cell(self, index: jax.Array | int) -> jax.Array:
        return jnp.stack([jnp.asarray(index) // self.width, jnp.asarray(index) % self.width]).astype(jnp.int32)
