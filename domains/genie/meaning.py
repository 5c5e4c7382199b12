"""What latent actions say of true ones: mutual information, and how often a code tells the action."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]
Floats = NDArray[np.float64]


def information(codes: Ints, actions: Ints) -> float:
    """Bits that a code says about the action, corrected for the bias of few samples (Miller and Madow 1955).

    codes, actions: of the same shape. What is left of the bias may make it a little less than 0.
    """
    joint = _counts(codes.ravel(), actions.ravel())
    both, left, right = (_entropy(counts) for counts in (joint.ravel(), joint.sum(1), joint.sum(0)))
    return float(left + right - both)


def told(codes: Ints, actions: Ints, levels: NDArray[np.str_], seed: int = 0) -> tuple[Floats, Floats]:
    """(clips,) shares of actions that are told right by the action most frequent with their code, and by the most
    frequent action of all; both learned on one half of the levels and asked on the other, and the other way round.

    codes, actions: (clips, time); levels: (clips,).
    """
    names, of = np.unique(levels, return_inverse=True)
    half = np.random.default_rng(seed).permutation(len(names))[of] % 2
    by_code, by_count = np.zeros(len(levels)), np.zeros(len(levels))
    for asked in (0, 1):
        learned, here = half != asked, half == asked
        if not learned.any() or not here.any():
            continue
        table = mapping(codes[learned], actions[learned], int(codes.max()) + 1)
        most = np.bincount(actions[learned].ravel()).argmax()
        by_code[here] = (table[codes[here]] == actions[here]).mean(1)
        by_count[here] = (most == actions[here]).mean(1)
    return by_code, by_count


def mapping(codes: Ints, actions: Ints, size: int) -> NDArray[np.int64]:
    """(size,): the action most frequent with each code; with a code that never occurs, the most frequent of all."""
    counts = np.zeros((size, int(actions.max()) + 1))
    np.add.at(counts, (codes.ravel(), actions.ravel()), 1)
    return np.where(counts.sum(1) > 0, counts.argmax(1), counts.sum(0).argmax()).astype(np.int64)


def perplexity(codes: Ints) -> float:
    """How many of the codes are in use: 1 when it is always the same, all of them when they are equally frequent."""
    share = np.bincount(codes.ravel()) / codes.size
    share = share[share > 0]
    return float(np.exp(-(share * np.log(share)).sum()))


def _counts(codes: Ints, actions: Ints) -> Floats:
    table = np.zeros((int(codes.max()) + 1, int(actions.max()) + 1))
    np.add.at(table, (codes, actions), 1)
    return table


def _entropy(counts: Floats) -> float:
    """Bits, with the correction (cells in use - 1) / 2N."""
    seen = counts[counts > 0]
    share = seen / seen.sum()
    return float((-(share * np.log(share)).sum() + (len(seen) - 1) / (2 * seen.sum())) / np.log(2))
