"""What a player can do in a step, numbered, and what the numbers mean in motion."""

from __future__ import annotations

from typing import NamedTuple

import jax
import jax.numpy as jnp

IDLE = 0
RUN_FIRST, SPRINT_FIRST = 1, 9
"""Eight directions each, by eighths of a circle from straight ahead (towards the other side's goal) towards y = 0.42,
as the own side sees it."""
PASS, LOB, SHOOT, SLIDE = 17, 18, 19, 20
ACTIONS = 21
NAMES = (
    "idle",
    *(f"{gait} {way}" for gait in ("run", "sprint") for way in ("0", "45", "90", "135", "180", "225", "270", "315")),
    "short pass", "long pass", "shot", "slide",
)  # fmt: skip
_DIAGONAL = 0.5**0.5


class Intent(NamedTuple):
    """What players mean to do; each has (players, ...)."""

    way: jax.Array
    """(2, players, ...) float32: the direction chosen, of length 1; only where `moves`."""
    moves: jax.Array
    sprints: jax.Array
    idles: jax.Array
    slides: jax.Array


def intent(actions: jax.Array) -> Intent:
    """actions: int32 of any shape, all in [0, ACTIONS)."""
    moves = (actions >= RUN_FIRST) & (actions < PASS)
    eighth = (actions - RUN_FIRST) & 7
    way = jnp.stack([_cosine(eighth), _cosine((eighth + 6) & 7)])
    return Intent(way, moves, moves & (actions >= SPRINT_FIRST), actions == IDLE, actions == SLIDE)


def towards(way: jax.Array) -> jax.Array:
    """The nearest of the eight directions, 0 to 7. way: (2, ...); of a zero vector, 0."""
    turn = jnp.round(jnp.arctan2(way[1], way[0]) * (4 / jnp.pi)).astype(jnp.int32)
    return turn & 7


def _cosine(eighth: jax.Array) -> jax.Array:
    """Of so many eighths of a circle."""
    straight = (eighth == 0).astype(jnp.float32) - (eighth == 4)
    right, left = (eighth == 1) | (eighth == 7), (eighth == 3) | (eighth == 5)
    return straight + _DIAGONAL * (right.astype(jnp.float32) - left)
