"""What a reward asks of a model: pictures and sentences as vectors of one space, or outright how likely one is of the
other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Frames: TypeAlias = NDArray[np.uint8]
"""(frames, height, width, 3)."""
Vectors: TypeAlias = NDArray[np.float32]
"""(rows, width), each of length 1."""
Chances: TypeAlias = NDArray[np.float64]
"""(frames,), in [0, 1]."""


class Embedder(Protocol):
    """Two encoders into one space: CLIP and its kin."""

    name: str

    @property
    def tau(self) -> float:
        """The temperature that it was trained with: 1 / its logit scale."""
        ...

    def pictures(self, frames: Frames) -> Vectors:
        """A vector for each frame."""
        ...

    def sentences(self, words: Sequence[str]) -> Vectors:
        """A vector for each sentence."""
        ...


class Scorer(Protocol):
    """Whatever says how likely it is that a frame shows what its sentence says."""

    def chances(self, frames: Frames, goals: Sequence[str]) -> Chances:
        """One for each frame, of its own goal: `len(goals) == len(frames)`."""
        ...
