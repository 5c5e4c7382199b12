"""Rooms of toys as frames of tokens and back: what each cell looks like, what a frame says, what the world allows."""

from __future__ import annotations

from functools import cache
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.video.tiles import Tiles
from wunderkammer.learners.video.words import Words
from wunderkammer.worlds.toys import drawing
from wunderkammer.worlds.toys.level import COLOUR_COUNT, SHAPE_COUNT, Level
from wunderkammer.worlds.toys.words import LONGEST, VOCABULARY
from wunderkammer.worlds.toys.world import NOTHING, State, Toys

EMPTY = COLOUR_COUNT * SHAPE_COUNT
"""What lies in a cell without a toy; toys are numbered shape by shape."""
ROBOTS = 3
"""A cell without the robot, with it, with it carrying."""
MOVES = ("the robot goes right", "the robot goes down", "the robot goes left", "the robot goes up",
         "the robot uses its hand")  # fmt: skip
"""What is said of each action."""
SHOWN, SAME = "go on to what is shown", "do the same here"
"""What is said where the frame that it is to come to is shown, and where a demonstration is."""
Codes = NDArray[np.int64]


@cache
def tiles() -> Tiles:
    """Every way that a cell can look: `code` says in which order."""
    contents = jnp.arange(EMPTY + 1)

    def drawn(content: jax.Array, robot: jax.Array) -> jax.Array:
        """A room of two cells, of which only the first is looked at: the robot is in the other one, or in it."""
        shapes = jnp.array([[content // COLOUR_COUNT, SHAPE_COUNT]])
        colours = jnp.array([[content % COLOUR_COUNT, 0]])
        return drawing.paint(shapes, colours, jnp.array([0, jnp.where(robot == 0, 1, 0)]), robot == 2)

    rooms = jax.vmap(jax.vmap(drawn, (None, 0)), (0, None))(contents, jnp.arange(ROBOTS))
    return Tiles(np.asarray(rooms)[:, :, :, : drawing.SIDE].reshape(-1, drawing.SIDE, drawing.SIDE, 3))


@cache
def words() -> Words:
    """The world's own words by their numbers there, then those of actions."""
    said = {word for sentence in (*MOVES, SHOWN, SAME) for word in sentence.split()}
    return Words((*VOCABULARY[1:], *sorted(said - set(VOCABULARY))), LONGEST)


def content_of(level: Level, toy: jax.Array) -> jax.Array:
    """What lies where a toy of a level does; `toy` may be several."""
    return level.shapes[toy] * COLOUR_COUNT + level.colours[toy]


def codes_of(state: State, side: int) -> jax.Array:
    """(cells,) int32: the tokens of what `Toys.render` would paint."""
    content = jnp.full((side, side), EMPTY)
    rows, columns = state.places.T
    content = content.at[rows, columns].set(content_of(state.level, jnp.arange(len(rows))))
    robot = jnp.zeros((side, side), jnp.int32).at[state.agent[0], state.agent[1]].set(1 + (state.held != NOTHING))
    return (content * ROBOTS + robot).reshape(-1)


def state_of(codes: jax.Array, level: Level, side: int) -> tuple[State, jax.Array]:
    """What a frame says, and () bool, whether it does: one robot, each toy of the level once and no other, something
    carried only where there is something. codes: (cells,). Of the level, toys and goal count."""
    content, robot = jnp.divmod(codes, ROBOTS)
    found = content == content_of(level, jnp.arange(len(level.colours)))[:, None]
    at, place = jnp.argmax(robot > 0), found.argmax(-1)
    carries, here = robot[at] == ROBOTS - 1, place == at
    whole = (
        ((robot > 0).sum() == 1)
        & (found.sum(-1) == 1).all()
        & ((content != EMPTY).sum() == len(found))
        & (~carries | here.any())
    )
    agent, places = (jnp.stack(jnp.divmod(part, side), -1).astype(jnp.int32) for part in (at, place))
    held = jnp.where(carries & here.any(), here.argmax(), NOTHING).astype(jnp.int32)
    return State(level, agent, places, held, jnp.int32(0)), whole


def possible(world: Toys, before: Codes, after: Codes, levels: Level) -> NDArray[np.bool_]:
    """Which transitions some action makes, or none is needed for because nothing changes. before, after: (rooms,
    cells). A frame that says nothing whole has neither come about nor anything after it."""
    return np.asarray(_allows(world)(before, after, levels))


@cache
def _allows(world: Toys) -> Any:
    """`possible`, compiled once."""

    def one(before: jax.Array, after: jax.Array, level: Level) -> jax.Array:
        (state, whole), (_, then) = state_of(before, level, world.side), state_of(after, level, world.side)
        made = jax.vmap(lambda action: codes_of(world.step(jax.random.key(0), state, action).state, world.side))
        reached = (made(jnp.arange(world.actions)) == after).all(-1).any()
        return whole & then & (reached | (before == after).all())

    return jax.jit(jax.vmap(one))
