"""An embedder that looks at no frame twice."""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b

import numpy as np

from wunderkammer.learners.vlm.embedder import Embedder, Frames, Vectors

MOST = 200_000
"""Vectors that are kept: some hundred MB of them at CLIP's usual widths."""


class Remembering:
    """Implements `Embedder`: frames that were seen before, pixel by pixel, have the vectors that they had then.

    looked: frames that were shown to the model. asked: frames that it was asked about.
    """

    def __init__(self, embedder: Embedder, most: int = MOST) -> None:
        self.name, self._embedder, self._most = embedder.name, embedder, most
        self._known: dict[bytes, Vectors] = {}
        self.looked = self.asked = 0

    @property
    def tau(self) -> float:
        """The model's own."""
        return self._embedder.tau

    def pictures(self, frames: Frames) -> Vectors:
        """A vector for each frame; the model sees each different one that is new, once."""
        keys = [blake2b(frame.tobytes(), digest_size=16).digest() for frame in np.ascontiguousarray(frames)]
        self.asked += len(keys)
        new = {key: row for row, key in enumerate(keys) if key not in self._known}
        if new:
            self.looked += len(new)
            found = dict(zip(new, self._embedder.pictures(frames[list(new.values())]), strict=True))
            told = np.stack([found[key] if key in found else self._known[key] for key in keys])
            if len(self._known) + len(found) > self._most:
                self._known = {}  # begun anew: which were the oldest is not worth keeping books of
            self._known.update(found)
            return told
        return np.stack([self._known[key] for key in keys])

    def sentences(self, words: Sequence[str]) -> Vectors:
        """As the model has them."""
        return self._embedder.sentences(words)
