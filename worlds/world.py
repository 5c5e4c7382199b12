"""What an environment is: a few pure functions over pytrees, made to be jitted, vmapped and scanned."""

from __future__ import annotations

from typing import Any, Generic, NamedTuple, Protocol, TypeAlias, TypeVar

import jax

Key: TypeAlias = jax.Array
"""A key of `jax.random`."""

L = TypeVar("L")
"""A level: a pytree of arrays of fixed shapes, which a batch of levels stacks along a first axis."""
Level = TypeVar("Level", contravariant=True)
"""The same, where levels are only taken in."""
S = TypeVar("S")
"""The state of an episode, a pytree too; it holds its level."""


class Step(NamedTuple, Generic[S]):
    """What a step comes to."""

    state: S
    observation: Any
    """What the agent sees now: a pytree."""
    reward: jax.Array
    """Scalar, float32."""
    done: jax.Array
    """Scalar, bool: the episode is over, by success, failure or time."""
    truncated: jax.Array
    """Scalar, bool: it is over by time alone, so what was still to come has a value."""


class World(Protocol[Level, S]):
    """A partially observed environment whose every episode is played in a level that is given.

    All methods are pure, work on one episode, and are to be vmapped over a first axis of levels, states, actions and
    keys. None resets by itself: whoever rolls out decides which level comes next (`learners` has both ways).
    """

    @property
    def actions(self) -> int:
        """How many discrete actions there are."""
        ...

    @property
    def horizon(self) -> int:
        """Steps of the longest episode."""
        ...

    def reset_to_level(self, key: Key, level: Level) -> tuple[S, Any]:
        """The beginning of an episode in a level: state and first observation."""
        ...

    def step(self, key: Key, state: S, action: jax.Array) -> Step[S]:
        """One action. action: scalar int32 in [0, actions)."""
        ...

    def observe(self, state: S) -> Any:
        """What the agent sees in a state; the same as `step` and `reset_to_level` give."""
        ...

    def render(self, state: S) -> jax.Array:
        """A picture of a state: uint8 of shape (height, width, 3)."""
        ...


class Levels(Protocol[L]):
    """Where the levels of a world come from."""

    def sample(self, key: Key) -> L:
        """A level of domain randomisation. Not every one needs to be solvable."""
        ...

    def mutate(self, key: Key, level: L, edits: int) -> L:
        """The level after so many small random edits. edits: static."""
        ...

    def features(self, level: L) -> dict[str, jax.Array]:
        """Scalars that say how complex a level is, by name; `solvable` is one of them (1.0 or 0.0)."""
        ...

    def text(self, level: L) -> str:
        """Its canonical text: equal levels have equal texts."""
        ...

    def read(self, text: str) -> L:
        """The level that a text means; ConfigError names row and column of what is wrong."""
        ...
