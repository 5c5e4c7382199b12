"""Games as sources of video: several at once in lock-step, and who plays them while the camera runs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import TracebackType
from typing import NamedTuple, Protocol, Self

import numpy as np
from numpy.typing import NDArray

Frames = NDArray[np.uint8]
Ints = NDArray[np.integer]


class Scene(NamedTuple):
    """What so many games show now."""

    frames: Frames
    """(games, height, width, 3)."""
    rewards: NDArray[np.float32]
    """(games,): what the last action earned."""
    firsts: NDArray[np.bool_]
    """(games,): whether an episode begins here; the one before it ended with the last action."""
    levels: NDArray[np.int64]
    """(games,): the seed that made the level."""


class Games(Protocol):
    """Several games of a kind. A game that is over goes on in another level by itself."""

    @property
    def actions(self) -> int:
        """How many true actions there are."""
        ...

    def see(self) -> Scene:
        """What they show; the same until the next `act`."""
        ...

    def act(self, actions: Ints) -> None:
        """One action each: (games,), in [0, actions)."""
        ...

    def close(self) -> None:
        """End them."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None: ...


class Closing:
    """Games that are over with the `with` that they were opened in."""

    def close(self) -> None:
        """Nothing to do for games that live in this process; others end what they hold."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


Player = Callable[[Scene], Ints]
"""Chooses one action for each game."""


class Wanderer:
    """Plays at random: keeps to an action for a while, then draws another.

    weights: of the true actions, (actions,). hold: how many frames it keeps to one, on average.
    """

    def __init__(self, rng: np.random.Generator, weights: Sequence[float], hold: float = 1.0) -> None:
        share = np.asarray(weights, np.float64)
        self._rng, self._hold, self._share = rng, hold, share / share.sum()
        self._now: NDArray[np.int64] | None = None

    def __call__(self, scene: Scene) -> Ints:
        count = len(scene.levels)
        drawn = self.draw(count)
        again = self._rng.random(count) * self._hold < 1
        self._now = drawn if self._now is None else np.where(again | scene.firsts, drawn, self._now)
        return self._now

    def draw(self, count: int) -> NDArray[np.int64]:
        """So many actions by their weights, whatever was done before."""
        return self._rng.choice(len(self._share), size=count, p=self._share)
