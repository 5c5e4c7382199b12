"""The room of toys as a video model has it, and the room itself, for whoever learns to act in one of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.learners.video.imagined import Arrays, Imagined
from wunderkammer.worlds.toys.level import Level
from wunderkammer.worlds.toys.words import KINDS
from wunderkammer.worlds.toys.world import State, Toys
from wunderkammer.worlds.world import Key, Step


class Seen(NamedTuple):
    """What the actor sees: the frame, read cell by cell in the light of the goal."""

    room: jax.Array
    """(side, side, 4) uint8: the robot; the robot carrying; toys like the goal's first; like its second."""
    goal: jax.Array
    """(kinds,) float32, one-hot."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Dreamt:
    """An episode under way: a frame, and what it is to come to."""

    level: Level
    codes: jax.Array
    """(cells,) int32."""
    time: jax.Array
    """() int32."""


@dataclass(frozen=True)
class Outside:
    """The room itself, seen as frames. Implements `World`."""

    world: Toys
    actions: ClassVar[int] = Toys.actions

    @property
    def horizon(self) -> int:
        return self.world.horizon

    def reset_to_level(self, key: Key, level: Level) -> tuple[State, Seen]:
        state, _ = self.world.reset_to_level(key, level)
        return state, self.observe(state)

    def step(self, key: Key, state: State, action: jax.Array) -> Step[State]:
        after = self.world.step(key, state, action)
        return after._replace(observation=self.observe(after.state))

    def observe(self, state: State) -> Seen:
        return seen(rooms.codes_of(state, self.world.side), state.level, self.world.side)

    def render(self, state: State) -> jax.Array:
        return self.world.render(state)


@dataclass(frozen=True)
class Inside:
    """The same as a video model foresees it, frame by frame, told in words what the robot does. Implements `World`.

    The goal is met where a frame says so; a frame that says nothing whole meets none. To be made inside a compiled
    program, of which the weights are an argument.
    """

    world: Toys
    video: Imagined
    weights: Arrays
    actions: ClassVar[int] = Toys.actions

    @property
    def horizon(self) -> int:
        return self.world.horizon

    def reset_to_level(self, key: Key, level: Level) -> tuple[Dreamt, Seen]:
        state, _ = self.world.reset_to_level(key, level)
        dreamt = Dreamt(level, rooms.codes_of(state, self.world.side).astype(jnp.int32), jnp.int32(0))
        return dreamt, self.observe(dreamt)

    def step(self, key: Key, state: Dreamt, action: jax.Array) -> Step[Dreamt]:
        said = jnp.asarray(rooms.words().all(rooms.MOVES))[action]
        codes = self.video.next_scores(self.weights, said, state.codes).argmax(-1).astype(jnp.int32)
        after = Dreamt(state.level, codes, state.time + 1)
        now, whole = rooms.state_of(codes, state.level, self.world.side)
        met = whole & self.world.met(now)
        truncated = (after.time >= self.horizon) & ~met
        return Step(after, self.observe(after), met.astype(jnp.float32), met | truncated, truncated)

    def observe(self, state: Dreamt) -> Seen:
        return seen(state.codes, state.level, self.world.side)

    def render(self, state: Dreamt) -> jax.Array:
        tiles = jnp.asarray(rooms.tiles().patches)[state.codes]
        side, patch = self.world.side, tiles.shape[1]
        grid = tiles.reshape(side, side, patch, patch, 3).transpose(0, 2, 1, 3, 4)
        return grid.reshape(side * patch, side * patch, 3)


def seen(codes: jax.Array, level: Level, side: int) -> Seen:
    """What a frame shows of a goal."""
    content, robot = jnp.divmod(codes, rooms.ROBOTS)
    goal = level.goal
    wanted = [rooms.content_of(level, toy) for toy in (goal.first, goal.second)]
    second = (content == wanted[1]) & (goal.first != goal.second)
    planes = jnp.stack([robot > 0, robot == rooms.ROBOTS - 1, content == wanted[0], second], -1)
    kind = jax.nn.one_hot(goal.kind, len(KINDS))
    return Seen(planes.reshape(side, side, -1).astype(jnp.uint8), kind)
