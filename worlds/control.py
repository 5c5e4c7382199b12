"""What a world of continuous control is: a few pure functions, fully observed, whose transitions can be checked."""

from __future__ import annotations

from typing import NamedTuple, Protocol

import jax

from wunderkammer.worlds.world import Key


class Transition(NamedTuple):
    """What one action comes to."""

    state: jax.Array
    """(state,) float32."""
    observation: jax.Array
    """(observation,) float32: what is seen in it."""
    reward: jax.Array
    """Scalar, float32."""
    terminal: jax.Array
    """Scalar, bool: nothing comes after it. An episode that the horizon ends is not terminal."""


class Control(Protocol):
    """A world whose observation tells its state, so that any transition somebody claims can be tried.

    All methods work on one episode and are to be vmapped.
    """

    @property
    def observations(self) -> int:
        """Numbers of an observation."""
        ...

    @property
    def actions(self) -> int:
        """Numbers of an action, each in [-1, 1]."""
        ...

    @property
    def horizon(self) -> int:
        """Steps of an episode."""
        ...

    @property
    def worst(self) -> float:
        """What a random policy returns, on average: 0 on the scale of normalised returns."""
        ...

    @property
    def best(self) -> float:
        """What a good policy returns: 100 on that scale."""
        ...

    def reset(self, key: Key) -> jax.Array:
        """A state to begin in."""
        ...

    def examined(self, count: int) -> jax.Array:
        """(count, state): states to begin in that are the same for everybody, spread evenly over all there are."""
        ...

    def step(self, state: jax.Array, action: jax.Array) -> Transition:
        """One action; actions outside [-1, 1] are cut off there. Nothing in it is random."""
        ...

    def observe(self, state: jax.Array) -> jax.Array:
        """What is seen in a state."""
        ...

    def restore(self, observation: jax.Array) -> jax.Array:
        """The state that an observation tells; of one that no state has, the nearest."""
        ...
