"""What a world is in which a teacher builds the levels of another: an action places one thing."""

from __future__ import annotations

from typing import Any, NamedTuple, Protocol, TypeVar

import jax

from wunderkammer.worlds.world import World

L = TypeVar("L")
S = TypeVar("S")


class Sketch(NamedTuple):
    """What a builder sees: together with its own noise, all that decides how the episode goes on."""

    map: jax.Array
    """(height, width, planes) uint8: what is placed already."""
    time: jax.Array
    """() int32: actions taken."""
    noise: jax.Array
    """(noise,) float32 in [-1, 1): drawn once per episode, so that a policy can mean another level each time."""
    allowed: jax.Array
    """(actions,) bool: the actions that are allowed now; at least one is. Policies must put no probability on the
    others."""


class Builder(World[L, S], Protocol[L, S]):
    """A world of building; its observations are sketches, its episodes take `horizon` actions and end by themselves.

    It gives no reward: what a level is worth is known once students have played it, and whoever trains the builder adds
    it to the last step.
    """

    def level(self, state: S) -> L:
        """What was built, at an episode's end."""
        ...

    def ground(self) -> L:
        """A level to begin from nothing."""
        ...


AnyBuilder = Builder[Any, Any]
