"""Whoever acts in rooms of toys, tried in the true world: sentences in, frames seen, actions out."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache, partial
from typing import Any, NamedTuple

import jax
import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.domains.video_decisions.film import Ways, demonstrated, sampled, sentences
from wunderkammer.domains.video_decisions.rooms import Codes
from wunderkammer.worlds.toys.level import Level
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.world import Toys

Acts = Callable[[Codes, int], NDArray[np.int64]]
"""What is seen, (rooms, cells), and how many steps were made; to an action each."""


class Rooms(NamedTuple):
    """Rooms to be tried in."""

    world: Toys
    levels: Level
    said: Codes
    """Their goals in words, (rooms, length)."""
    first: Codes
    """First frames, (rooms, cells)."""


def drawn(levels: ToyLevels, seed: int, count: int) -> Rooms:
    """Rooms by chance."""
    found = sampled(levels, jax.random.fold_in(jax.random.key(seed), 19), count)
    return Rooms(levels.world, found, sentences(found), np.asarray(_tools(levels.world)[0](found)[1], np.int64))


class Tried(NamedTuple):
    """What came of it."""

    frames: Codes
    """(steps + 1, rooms, cells); a room whose goal is met stands still."""
    met: NDArray[np.bool_]
    """(rooms,): whether the goal was, before the horizon."""
    steps: NDArray[np.int64]


def attempt(room: Rooms, acts: Acts) -> Tried:
    """One episode in each room, to the horizon."""
    begin, step = _tools(room.world)
    states, seen = begin(room.levels)
    frames, met = [np.asarray(seen, np.int64)], np.zeros(len(room.said), np.bool_)
    steps = np.zeros(len(room.said), np.int64)
    for turn in range(room.world.horizon):
        states, seen, now = step(states, acts(frames[-1], turn).astype(np.int32), met)
        steps += ~met
        met |= np.asarray(now)
        frames.append(np.asarray(seen, np.int64))
        if met.all():
            break
    return Tried(np.stack(frames), met, steps)


def expert(room: Rooms) -> float:
    """Share of the rooms in which the expert reaches the goal within the horizon."""
    ways: Ways = demonstrated(room.world, room.levels)
    return float((ways.length < room.world.horizon).mean())


@cache
def _tools(world: Toys) -> tuple[Any, Any]:
    """The beginnings of levels, and a step of all that are not over; compiled once."""
    look = partial(rooms.codes_of, side=world.side)

    def begin(level: Level) -> Any:
        state, _ = world.reset_to_level(jax.random.key(0), level)
        return state, look(state)

    def step(state: Any, action: Any, over: Any) -> Any:
        after = world.step(jax.random.key(0), state, action).state
        after = jax.tree.map(lambda old, new: jax.numpy.where(over, old, new), state, after)
        return after, look(after), world.met(after)

    return jax.jit(jax.vmap(begin)), jax.jit(jax.vmap(step))
