"""Hashed character n-grams: an embedder that needs no model, for tests and for installations without the wheel.

It sees spelling and not meaning: a typing error stays near its original, a paraphrase does not. Feature hashing with
signs after Weinberger et al. 2009 ("Feature Hashing for Large Scale Multitask Learning").
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

_PRIME = np.uint64(0x9E3779B97F4A7C15)
_MIX = np.uint64(0xBF58476D1CE4E5B9)
_EDGE = "\x02"


class Hashed:
    """Signed hashed counts of the 3- to 5-grams of the lower-cased text; the same on every machine."""

    def __init__(self, dimension: int = 512, reads: int = 16_384) -> None:
        """reads: how many characters of a text are looked at."""
        self.dimension = dimension
        self.reads = reads
        self.name = f"hashed-3to5-{dimension}"

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (len(texts), dimension)."""
        rows = np.zeros((len(texts), self.dimension), np.float64)
        for row, text in zip(rows, texts, strict=True):
            row += self._counts(text[: self.reads])
        rows = np.sign(rows) * np.sqrt(np.abs(rows))  # a word said ten times is not ten times as present
        lengths = np.linalg.norm(rows, axis=1)
        rows[lengths == 0, 0] = 1.0  # signs may cancel; a unit vector is owed all the same
        return (rows / np.where(lengths == 0, 1.0, lengths)[:, None]).astype(np.float32)

    def _counts(self, text: str) -> NDArray[np.float64]:
        """Signed counts of one text, shape (dimension,)."""
        points = np.array([ord(c) for c in f"{_EDGE}{text.lower()}{_EDGE}{_EDGE}"], np.uint64)
        hashes = np.concatenate([_grams(points, n) for n in (3, 4, 5) if len(points) >= n])
        signs = np.where((hashes >> np.uint64(63)) == 1, -1.0, 1.0)
        places = (hashes % np.uint64(self.dimension)).astype(np.intp)
        return np.asarray(np.bincount(places, signs, self.dimension), np.float64)


def _grams(points: NDArray[np.uint64], n: int) -> NDArray[np.uint64]:
    """One 64-bit hash per n-gram (products wrap round, as they should), shape (len(points) - n + 1,)."""
    windows = np.lib.stride_tricks.sliding_window_view(points, n)
    value = np.full(len(windows), n, np.uint64)
    for column in windows.T:
        value = (value ^ column) * _PRIME
        value ^= value >> np.uint64(29)
    value *= _MIX
    return value ^ (value >> np.uint64(32))
