"""A robot in a room of toys: it walks, takes a toy, carries it and puts it down, until a sentence has become true."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys import drawing
from wunderkammer.worlds.toys.level import COLOUR_COUNT, KIND_COUNT, SHAPE_COUNT, Level, Wanted
from wunderkammer.worlds.toys.words import KINDS
from wunderkammer.worlds.world import Key, Step

RIGHT, DOWN, LEFT, UP, HAND = range(5)
MOVES = np.array([(0, 1), (1, 0), (0, -1), (-1, 0), (0, 0)], np.int32)
NOTHING = -1


class Observation(NamedTuple):
    """All that there is, and what is wanted, as numbers; the picture of it is `Toys.render`."""

    room: jax.Array
    """(side, side, 2 + colours + shapes) uint8, one-hot: the robot, the robot carrying, and the toy in each cell."""
    goal: jax.Array
    """(kinds + 2 (colours + shapes),) float32, one-hot; the other toy of `reach` is all zeros."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """An episode under way. `step` leaves `level` as it is."""

    level: Level
    agent: jax.Array
    """(2,) int32."""
    places: jax.Array
    """(toys, 2) int32."""
    held: jax.Array
    """() int32: the toy that is being carried, or -1."""
    time: jax.Array
    """() int32: steps taken."""


@dataclass(frozen=True)
class Toys:
    """Rooms of one size. Methods work on one episode and are made to be vmapped."""

    side: int = 6
    """Cells of a side."""
    toys: int = 3
    horizon: int = 24
    """Steps after which an episode is cut off."""

    actions: ClassVar[int] = 5
    """Right, down, left, up; take what lies here, or put down what is carried."""

    def __post_init__(self) -> None:
        if self.side < 3 or not 2 <= self.toys <= self.side**2 // 3 or self.horizon < 1:
            raise ConfigError("a room has a side of at least 3, from two toys to one in three cells, a horizon above 0")
        if self.toys > COLOUR_COUNT * SHAPE_COUNT:
            raise ConfigError(f"there are {COLOUR_COUNT * SHAPE_COUNT} different toys, not {self.toys}")

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, Observation]:
        """The beginning of an episode in a level; nothing in it is random."""
        state = State(level, level.agent, level.places, jnp.int32(NOTHING), jnp.int32(0))
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        """Walk over everything, but carry over nothing: where a toy lies, or the room ends, who carries stops."""
        there = state.agent + jnp.asarray(MOVES)[action]
        inside = ((there >= 0) & (there < self.side)).all()
        carried = jnp.arange(self.toys) == state.held
        full = ((state.places == there).all(-1) & ~carried).any() & (state.held != NOTHING)
        agent = jnp.where(inside & ~full, there, state.agent)
        places = jnp.where(carried[:, None], agent, state.places)
        here = (places == agent).all(-1)
        taken = jnp.where(here.any(), jnp.argmax(here), NOTHING)
        hand = jnp.where(state.held == NOTHING, taken, NOTHING)
        held = jnp.where(action == HAND, hand, state.held).astype(jnp.int32)
        after = State(state.level, agent, places, held, state.time + 1)
        met = self.met(after)
        truncated = (after.time >= self.horizon) & ~met
        return Step(after, self.observe(after), met.astype(jnp.float32), met | truncated, truncated)

    def met(self, state: State) -> jax.Array:
        """() bool: whether the goal is."""
        return self.holds(state, state.level.goal)

    def holds(self, state: State, wanted: Wanted) -> jax.Array:
        """() bool: whether a statement is true."""
        first, second = state.places[wanted.first], state.places[wanted.second]
        down, right = second - first
        lie = (state.held != wanted.first) & (state.held != wanted.second)
        above, left = (down == 1) & (right == 0), (down == 0) & (right == 1)
        near = jnp.abs(down) + jnp.abs(right) == 1
        truths = jnp.stack([(state.agent == first).all(), near & lie, above & lie, left & lie])
        return truths[wanted.kind]

    def statements(self) -> Wanted:
        """All that can be said of a room by its toys' numbers, stacked: leaves (KINDS · toys · toys,). Those that name
        one toy twice mean something to `reach` alone, and those that name two, to the others alone: see `sensible`."""
        kind, first, second = np.mgrid[:KIND_COUNT, : self.toys, : self.toys].reshape(3, -1).astype(np.int32)
        return Wanted(jnp.asarray(kind), jnp.asarray(first), jnp.asarray(second))

    def sensible(self) -> jax.Array:
        """(KINDS · toys · toys,) bool: which of `statements` mean something."""
        all_ = self.statements()
        return (all_.first == all_.second) == (all_.kind == KINDS.index("reach"))

    def truths(self, state: State) -> jax.Array:
        """(KINDS · toys · toys,) bool: which of `statements` mean something and are true."""
        return jax.vmap(self.holds, (None, 0))(state, self.statements()) & self.sensible()

    def observe(self, state: State) -> Observation:
        """The room cell by cell, and the goal."""
        level, goal = state.level, state.level.goal
        room = jnp.zeros((self.side, self.side, 2 + COLOUR_COUNT + SHAPE_COUNT), jnp.uint8)
        room = room.at[state.agent[0], state.agent[1], (state.held != NOTHING).astype(jnp.int32)].set(1)
        rows, columns = state.places.T
        room = room.at[rows, columns, 2 + level.colours].set(1)
        room = room.at[rows, columns, 2 + COLOUR_COUNT + level.shapes].set(1)
        other = goal.kind != KINDS.index("reach")
        parts = (
            jax.nn.one_hot(goal.kind, KIND_COUNT),
            jax.nn.one_hot(level.colours[goal.first], COLOUR_COUNT),
            jax.nn.one_hot(level.shapes[goal.first], SHAPE_COUNT),
            jax.nn.one_hot(level.colours[goal.second], COLOUR_COUNT) * other,
            jax.nn.one_hot(level.shapes[goal.second], SHAPE_COUNT) * other,
        )
        return Observation(room, jnp.concatenate(parts))

    def render(self, state: State) -> jax.Array:
        """uint8 (side · drawing.SIDE, side · drawing.SIDE, 3). The goal is not in it."""
        rows, columns = state.places.T
        nothing = jnp.full((self.side, self.side), SHAPE_COUNT, jnp.int32)
        shapes = nothing.at[rows, columns].set(state.level.shapes)
        colours = jnp.zeros_like(nothing).at[rows, columns].set(state.level.colours)
        return drawing.paint(shapes, colours, state.agent, state.held != NOTHING)
