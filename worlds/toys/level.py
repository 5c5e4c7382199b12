"""A room of toys as a pytree of arrays, and a sentence about it as one of numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.toys.words import COLOURS, KINDS, LONGEST, SHAPES, TEMPLATES, VOCABULARY, Combination, Goal

KIND_COUNT, COLOUR_COUNT, SHAPE_COUNT = len(KINDS), len(COLOURS), len(SHAPES)


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Wanted:
    """A statement about toys of a level, by their numbers there."""

    kind: jax.Array
    """() int32, in `KINDS`."""
    first: jax.Array
    """() int32."""
    second: jax.Array
    """() int32; to `reach` of no meaning, and equal to the first."""


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Level:
    """A room, and what is to become true in it. A batch of levels has one more axis in front of each array."""

    agent: jax.Array
    """(2,) int32: row and column of the robot."""
    places: jax.Array
    """(toys, 2) int32: row and column of each; no two are alike."""
    colours: jax.Array
    """(toys,) int32, in `COLOURS`."""
    shapes: jax.Array
    """(toys,) int32, in `SHAPES`; no two toys are alike in both."""
    goal: Wanted


def allowed(combinations: Iterable[Combination]) -> np.ndarray[tuple[int, ...], np.dtype[np.bool_]]:
    """(colours, shapes) bool: which combinations these are."""
    found = np.zeros((COLOUR_COUNT, SHAPE_COUNT), np.bool_)
    for colour, shape in combinations:
        found[COLOURS.index(colour), SHAPES.index(shape)] = True
    return found


def goal_of(level: Level, wanted: Wanted | None = None) -> Goal:
    """A statement about one level in plain Python: its goal, if none is given."""
    kind, first, second = (int(part) for part in jax.tree.leaves(jax.device_get(wanted or level.goal)))
    colours, shapes = np.asarray(level.colours), np.asarray(level.shapes)
    names = [(COLOURS[colours[toy]], SHAPES[shapes[toy]]) for toy in (first, second)]
    return Goal(KINDS[kind], *names[0], *(names[1] if KINDS[kind] != "reach" else ()))


def spoken(level: Level, wanted: Wanted) -> jax.Array:
    """(LONGEST,) int32: the words of a statement as their places in `VOCABULARY`, zeros after its end."""
    named = jnp.stack(
        [
            VOCABULARY.index(COLOURS[0]) + level.colours[wanted.first],
            VOCABULARY.index(SHAPES[0]) + level.shapes[wanted.first],
            VOCABULARY.index(COLOURS[0]) + level.colours[wanted.second],
            VOCABULARY.index(SHAPES[0]) + level.shapes[wanted.second],
        ]
    )
    words = jnp.asarray(_PATTERNS)[wanted.kind]
    return jnp.where(words < 0, named[-1 - words], words).astype(jnp.int32)


def _patterns() -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    """(KINDS, LONGEST): words by their places; -1 to -4 stand for colour, shape, and those of the other toy."""
    blanks = ("{colour}", "{shape}", "{other_colour}", "{other_shape}")
    rows = np.zeros((KIND_COUNT, LONGEST), np.int32)
    for kind, template in enumerate(TEMPLATES.values()):
        for place, word in enumerate(template.split()):
            rows[kind, place] = -1 - blanks.index(word) if word in blanks else VOCABULARY.index(word)
    return rows


_PATTERNS = _patterns()
