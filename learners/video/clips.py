"""Where clips come from, as the learners see it: a seed and a step decide which."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray


@runtime_checkable
class Clips(Protocol):
    """A source of clips, all of one frame size."""

    @property
    def side(self) -> int:
        """Pixels of a frame's side."""
        ...

    def batches(self, seed: int, batch: int, frames: int, start: int = 0) -> Iterator[NDArray[np.uint8]]:
        """Batches without end, (batch, frames, side, side, 3), from step `start` on.

        Which clips a step gets follows from `seed` and the step alone: a training that was broken off and begins again
        at `start` sees what it would have seen.
        """
        ...
