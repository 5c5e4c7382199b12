"""Frames of rooms of toys with what is true of them: captioned ones to learn from, labelled ones to measure on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys.level import Level, Wanted
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import COLOURS, KINDS, SHAPES, Combination, Goal, Kind, combinations, sentence
from wunderkammer.worlds.toys.world import NOTHING, State, Toys
from wunderkammer.worlds.world import Key

IDLE = "the robot is at nothing"
"""What is said where the robot is in no toy's cell."""
TEMPLATES = {"bare": "{}", "picture": "a picture in which {}", "above": "from above {}"}
"""Prompts by name. The first two are learned from, in equal parts; the third holds words that no caption has."""
LEARNED = ("bare", "picture")
SHARE = 0.8
"""Of frames in which the robot is at a toy."""
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

    def goal(self, row: int, statement: int, said: Wanted) -> Goal:
        """A statement about the toys of a frame."""
        kind = KINDS[int(said.kind[statement])]
        names = [
            (COLOURS[self.colours[row, toy]], SHAPES[self.shapes[row, toy]])
            for toy in (int(said.first[statement]), int(said.second[statement]))
        ]
        return Goal(kind, *names[0], *(names[1] if kind != "reach" else ()))


def scenes(levels: ToyLevels, key: Key, count: int) -> Scenes:
    """Rooms in the middle of something: half of the time the robot is at a toy, and half of these times carries it."""
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
        return Scenes(world.render(state), level.colours, level.shapes, world.truths(state))  # type: ignore[arg-type]

    return jax.vmap(one)(jax.random.split(key, count))


@dataclass(frozen=True)
class Captions:
    """Frames, each with one sentence that is true of it."""

    frames: NDArray[np.uint8]
    sentences: list[str]
    """Bare ones."""
    prompts: list[str]
    """As they are learned: in one of the templates."""


def captioned(levels: ToyLevels, kinds: Sequence[Kind], seed: int, count: int) -> Captions:
    """Frames with captions; every combination in them is one of `levels`' own.

    A frame of which nothing of these kinds is true says that the robot is at nothing, if it is.
    """
    found = scenes(levels, jax.random.key(seed), count)
    rng = np.random.default_rng([seed, 1])
    said = jax.device_get(levels.world.statements())
    wanted = np.isin(said.kind, [KINDS.index(kind) for kind in kinds])
    reach = said.kind == KINDS.index("reach")
    frames, sentences, prompts = [], [], []
    for row, true in enumerate(found.truths & wanted):
        choices = np.flatnonzero(true)
        if choices.size:
            words = sentence(found.goal(row, int(rng.choice(choices)), said))
        elif not (found.truths[row] & reach).any():
            words = IDLE
        else:
            continue
        frames.append(found.frames[row])
        sentences.append(words)
        prompts.append(TEMPLATES[LEARNED[int(rng.integers(len(LEARNED)))]].format(words))
    return Captions(np.stack(frames), sentences, prompts)


@dataclass(frozen=True)
class Labelled:
    """Frames with a goal each, and whether it is met: what a reward is measured on."""

    frames: NDArray[np.uint8]
    goals: list[str]
    labels: NDArray[np.bool_]


def labelled(levels: ToyLevels, kind: Kind, seed: int, count: int) -> Labelled:
    """So many frames; in every second one, where the room allows it, the goal is met, and it is always about a toy that
    `levels` may name first, in a room that has it."""
    found = scenes(levels, jax.random.key(seed), 8 * count)
    rng = np.random.default_rng([seed, 2])
    said = jax.device_get(levels.world.statements())
    sensible = np.asarray(levels.world.sensible()) & (said.kind == KINDS.index(kind))
    named = {(COLOURS.index(colour), SHAPES.index(shape)) for colour, shape in levels.named}
    rows, goals, labels = [], list[str](), list[bool]()
    for row in range(len(found.frames)):
        about = [(int(c), int(s)) in named for c, s in zip(found.colours[row], found.shapes[row], strict=True)]
        open_ = sensible & np.array(about)[said.first]
        wanted = len(rows) % 2 == 0
        choices = np.flatnonzero(open_ & (found.truths[row] == wanted))
        if choices.size:
            rows.append(row)
            goals.append(sentence(found.goal(row, int(rng.choice(choices)), said)))
            labels.append(bool(wanted))
        if len(rows) == count:
            return Labelled(found.frames[rows], goals, np.array(labels))
    raise ConfigError(f"too few frames in which something of the kind {kind} is true")


def negatives(kind: Kind, which: str) -> list[str]:
    """What a goal of a kind is set against. others: all other goals of its kind and `IDLE`; idle: that alone.

    For goals of two toys `others` are those that name them the other way round, or another toy: as many as there are
    combinations, drawn once.
    """
    if which == "idle":
        return [IDLE]
    if kind == "reach":
        return [*(sentence(Goal("reach", *one)) for one in combinations()), IDLE]
    every = combinations()
    turned: list[tuple[Combination, Combination]] = [
        (one, every[(place * 7 + 5) % len(every)]) for place, one in enumerate(every)
    ]
    return [*(sentence(Goal(kind, *one, *other)) for one, other in turned if one != other), IDLE]


def rooms(side: int, toys: int, horizon: int, *, held: bool) -> ToyLevels:
    """Rooms without any held combination, or those whose goal names one among toys that are none."""
    seen = combinations(held=False)
    named = combinations(held=True) if held else seen
    return ToyLevels(Toys(side, toys, horizon), named, seen, ("reach",))


__all__ = ["IDLE", "TEMPLATES", "Captions", "Labelled", "Level", "captioned", "labelled", "negatives", "rooms"]
