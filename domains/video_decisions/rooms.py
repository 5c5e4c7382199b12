"""Rooms of toys as frames of tokens and back: what each cell looks like, what a frame says, what the world allows."""

from __future__ import annotations

from functools import cache, partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.video.tiles import Tiles
from wunderkammer.learners.video.words import Words
from wunderkammer.worlds.toys import drawing
from wunderkammer.worlds.toys.level import COLOUR_COUNT, SHAPE_COUNT, Level, Wanted
from wunderkammer.worlds.toys.words import LONGEST, VOCABULARY
from wunderkammer.worlds.toys.world import NOTHING, State, Toys

EMPTY = COLOUR_COUNT * SHAPE_COUNT
"""What lies in a cell without a toy; toys are numbered shape by shape."""
ROBOTS = 3
"""A cell without the robot, with it, with it carrying."""
MOVES = ("the robot goes right", "the robot goes down", "the robot goes left", "the robot goes up",
         "the robot uses its hand")  # fmt: skip
"""What is said of each action."""
SHOWN = "do as is shown"
"""What is said instead of a goal where a demonstration is shown."""
Codes = NDArray[np.int64]


class Fixed(NamedTuple):
    """The toys of rooms, which nothing changes."""

    colours: NDArray[np.int32]
    """(rooms, toys)."""
    shapes: NDArray[np.int32]


@cache
def tiles() -> Tiles:
    """Every way that a cell can look: `code` says in which order."""
    contents = jnp.arange(EMPTY + 1)

    def drawn(content: jax.Array, robot: jax.Array) -> jax.Array:
        """A room of two cells, of which the second is not looked at: there the robot is where it is not in the first."""
        shapes = jnp.array([[content // COLOUR_COUNT, SHAPE_COUNT]])
        colours = jnp.array([[content % COLOUR_COUNT, 0]])
        return drawing.paint(shapes, colours, jnp.array([0, jnp.where(robot == 0, 1, 0)]), robot == 2)

    rooms = jax.vmap(jax.vmap(drawn, (None, 0)), (0, None))(contents, jnp.arange(ROBOTS))
    return Tiles(np.asarray(rooms)[:, :, :, : drawing.SIDE].reshape(-1, drawing.SIDE, drawing.SIDE, 3))


@cache
def words() -> Words:
    """The world's own words by their numbers there, then those of actions."""
    said = {word for sentence in (*MOVES, SHOWN) for word in sentence.split()}
    return Words((*VOCABULARY[1:], *sorted(said - set(VOCABULARY))), LONGEST)


def codes_of(state: State, side: int) -> jax.Array:
    """(cells,) int32: the tokens of what `Toys.render` would paint."""
    content = jnp.full((side, side), EMPTY)
    rows, columns = state.places.T
    content = content.at[rows, columns].set(state.level.shapes * COLOUR_COUNT + state.level.colours)
    robot = jnp.zeros((side, side), jnp.int32).at[state.agent[0], state.agent[1]].set(1 + (state.held != NOTHING))
    return (content * ROBOTS + robot).reshape(-1)


def read(codes: Codes, fixed: Fixed, side: int) -> tuple[dict[str, NDArray[Any]], NDArray[np.bool_]]:
    """What frames say: `agent` (rooms, 2), `places` (rooms, toys, 2), `held` (rooms,); and whether they say it: one
    robot, each toy once and no other, something carried only where there is something. codes: (rooms, cells)."""
    content, robot = np.divmod(codes, ROBOTS)
    toys = fixed.shapes * COLOUR_COUNT + fixed.colours
    found = content[:, None] == toys[..., None]
    at, place = (robot > 0).argmax(-1), found.argmax(-1)
    carries = np.take_along_axis(robot, at[:, None], 1)[:, 0] == ROBOTS - 1
    here = place == at[:, None]
    whole = (
        ((robot > 0).sum(-1) == 1)
        & (found.sum(-1) == 1).all(-1)
        & ((content != EMPTY).sum(-1) == toys.shape[1])
        & (~carries | here.any(-1))
    )
    held = np.where(carries & here.any(-1), here.argmax(-1), NOTHING)
    parts = {"agent": np.stack(np.divmod(at, side), -1), "places": np.stack(np.divmod(place, side), -1), "held": held}
    return parts, whole


def possible(world: Toys, before: Codes, after: Codes, fixed: Fixed) -> NDArray[np.bool_]:
    """Which transitions some action makes, or none is needed for because nothing changes. before, after: (rooms,
    cells). A frame that says nothing whole has neither come about nor anything after it."""
    parts, whole = read(before, fixed, world.side)
    _, then = read(after, fixed, world.side)
    reached = np.asarray(_after(world)(_states(parts, fixed)))
    return whole & then & ((reached == after[:, None]).all(-1).any(-1) | (before == after).all(-1))


@cache
def _after(world: Toys) -> Any:
    """Of states, the tokens after each action, (rooms, actions, cells)."""

    def one(state: State, action: jax.Array) -> jax.Array:
        return codes_of(world.step(jax.random.key(0), state, action).state, world.side)

    every = jnp.arange(world.actions)
    return jax.jit(jax.vmap(lambda state: jax.vmap(partial(one, state))(every)))


def _states(parts: dict[str, NDArray[Any]], fixed: Fixed) -> State:
    """States that look so, whatever their goals."""
    rooms = len(parts["held"])
    none = jnp.zeros(rooms, jnp.int32)
    whole = {name: jnp.asarray(part, jnp.int32) for name, part in parts.items()}
    colours, shapes = (jnp.asarray(part, jnp.int32) for part in fixed)
    level = Level(whole["agent"], whole["places"], colours, shapes, Wanted(none, none, none))
    return State(level, whole["agent"], whole["places"], whole["held"], none)
