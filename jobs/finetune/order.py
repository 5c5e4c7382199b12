"""In which order examples are learned from: shuffled, with those of similar length in one batch."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

WINDOW = 16
"""Batches that are sorted by length together: long enough to save padding, short enough to stay well mixed."""


def order(lengths: Sequence[int], batch: int, count: int, rng: Random) -> list[int]:
    """`count` indices into `lengths`: one shuffled pass after the other, cut into batches of similar length.

    The order is fixed before training begins, so that one which was broken off goes on with the very next batch.
    """
    chosen: list[int] = []
    while len(chosen) < count:
        chosen += rng.sample(range(len(lengths)), len(lengths))
    del chosen[count:]
    return [index for window in _windows(chosen, batch * WINDOW) for index in _grouped(window, lengths, batch, rng)]


def _windows(indices: list[int], size: int) -> Iterator[list[int]]:
    for start in range(0, len(indices), size):
        yield indices[start : start + size]


def _grouped(window: list[int], lengths: Sequence[int], batch: int, rng: Random) -> list[int]:
    """Batches in random order, each of neighbours by length; one that is not full comes last, or all would shift."""
    ranked = sorted(window, key=lambda index: lengths[index])
    batches = list(_windows(ranked, batch))
    full = [found for found in batches if len(found) == batch]
    rest = [found for found in batches if len(found) < batch]
    rng.shuffle(full)
    return [index for found in [*full, *rest] for index in found]


def padded(lengths: Sequence[int], indices: Sequence[int], batch: int) -> float:
    """Share of the computed positions that is padding."""
    batches = [[lengths[index] for index in found] for found in _windows(list(indices), batch)]
    computed = sum(max(found) * len(found) for found in batches)
    return 1 - sum(sum(found) for found in batches) / computed if computed else 0.0
