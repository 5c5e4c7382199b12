"""Frames of rooms of toys with what is true of them: captioned ones to learn from, labelled ones to measure on."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys.level import allowed
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import COLOURS, KINDS, SHAPES, Goal, combinations, sentence
from wunderkammer.worlds.toys.world import NOTHING, State, Toys
from wunderkammer.worlds.world import Key

IDLE = "the robot is at nothing"
"""What is said where the robot is in no toy's cell."""
TEMPLATES = {"bare": "{}", "picture": "a picture in which {}", "above": "from above {}"}
"""Prompts by name. The first two are learned from, in equal parts; the third holds words that no caption has."""
LEARNED = ("bare", "picture")
SHARE = 0.8
"""Of frames in which the robot is at a toy."""
SPARE = 8
"""Rooms that are looked at for each labelled frame, at most."""
AT_ONCE = 2048
"""Rooms of one call of a program."""


class Scenes(NamedTuple):
    """Frames with all that can be said of the toys in them."""

    frames: NDArray[np.uint8]
    """(frames, height, width, 3)."""
    colours: NDArray[np.int32]
    """(frames, toys)."""
    shapes: NDArray[np.int32]
    """(frames, toys)."""
    truths: NDArray[np.bool_]
    """(frames, statements): which of `Toys.statements` are true."""


def scenes(levels: ToyLevels, key: Key, count: int) -> Scenes:
    """Rooms in the middle of something: mostly (`SHARE`) the robot is at a toy, and half of these times carries it."""
    make = jax.jit(partial(_scenes, levels), static_argnums=1)
    size = min(count, AT_ONCE)
    parts = [make(jax.random.fold_in(key, turn), size) for turn in range(-(-count // size))]
    return Scenes(*(np.concatenate(column)[:count] for column in zip(*jax.device_get(parts), strict=True)))


def _scenes(levels: ToyLevels, key: Key, count: int) -> Scenes:
    world = levels.world

    def one(key: Key) -> Scenes:
        to_level, to_where, to_toy, to_hand, to_reset = jax.random.split(key, 5)
        level = levels.sample(to_level)
        state, _ = world.reset_to_level(to_reset, level)
        at, toy = jax.random.bernoulli(to_where, SHARE), jax.random.randint(to_toy, (), 0, world.toys)
        carries = at & jax.random.bernoulli(to_hand)
        agent = jnp.where(at, state.places[toy], state.agent)
        state = State(level, agent, state.places, jnp.where(carries, toy, NOTHING).astype(jnp.int32), state.time)
        return Scenes(world.render(state), level.colours, level.shapes, world.truths(state))

    return jax.vmap(one)(jax.random.split(key, count))


@dataclass(frozen=True)
class Captions:
    """Frames, each with one sentence that is true of it."""

    frames: NDArray[np.uint8]
    sentences: list[str]
    """Bare ones."""
    prompts: list[str]
    """As they are learned: in one of the templates."""


def captioned(levels: ToyLevels, seed: int, count: int) -> Captions:
    """So many frames, each with what the robot is at; every combination in them is one of `levels`' own."""
    found = scenes(levels, jax.random.key(seed), count)
    rng = np.random.default_rng([seed, 1])
    at = _reach(levels, found)
    sentences = [said(found, row, int(toys.argmax())) if toys.any() else IDLE for row, toys in enumerate(at)]
    drawn = rng.integers(len(LEARNED), size=count)
    prompts = [TEMPLATES[LEARNED[which]].format(one) for one, which in zip(sentences, drawn, strict=True)]
    return Captions(found.frames, sentences, prompts)


@dataclass(frozen=True)
class Labelled:
    """Frames with a goal each, and whether it is met: what a reward is measured on."""

    frames: NDArray[np.uint8]
    goals: list[str]
    labels: NDArray[np.bool_]


def labelled(levels: ToyLevels, seed: int, count: int) -> Labelled:
    """So many frames, in every second of which the goal is met. It is always about a toy that is in the room and that
    `levels` may name."""
    found = scenes(levels, jax.random.key(seed), SPARE * count)
    rng = np.random.default_rng([seed, 2])
    at, about = _reach(levels, found), allowed(levels.named)[found.colours, found.shapes]
    rows, goals = list[int](), list[str]()
    for row in range(len(found.frames)):
        wanted = len(rows) % 2 == 0
        choices = np.flatnonzero(about[row] & (at[row] == wanted))
        if choices.size:
            rows.append(row)
            goals.append(said(found, row, int(rng.choice(choices))))
        if len(rows) == count:
            return Labelled(found.frames[rows], goals, np.arange(count) % 2 == 0)
    raise ConfigError(f"too few frames with the robot at a toy that may be named: {len(rows)} of {count}")


def said(found: Scenes, row: int, toy: int) -> str:
    """That the robot is at a toy of a frame."""
    return sentence(Goal("reach", COLOURS[found.colours[row, toy]], SHAPES[found.shapes[row, toy]]))


def negatives(which: str) -> list[str]:
    """What a goal is set against. others: that the robot is at any toy there is, or nothing; idle: the last."""
    others = [sentence(Goal("reach", *one)) for one in combinations()] if which == "others" else []
    return [*others, IDLE]


def rooms(side: int, toys: int, horizon: int, *, held: bool) -> ToyLevels:
    """Rooms without any held combination, or those whose goal names one among toys that are none."""
    seen = combinations(held=False)
    named = combinations(held=True) if held else seen
    return ToyLevels(Toys(side, toys, horizon), named, seen, ("reach",))


def _reach(levels: ToyLevels, found: Scenes) -> NDArray[np.bool_]:
    """(frames, toys): at which toy the robot is."""
    statements = jax.device_get(levels.world.statements())
    own = (statements.kind == KINDS.index("reach")) & (statements.first == statements.second)
    return found.truths[:, own]
