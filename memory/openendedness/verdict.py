"""Open-ended or not, for whom, over which stretch, and on what evidence."""

from __future__ import annotations

from math import ceil
from typing import Literal

import numpy as np
from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.memory.openendedness.matrix import LossMatrix
from wunderkammer.memory.openendedness.series import Floats
from wunderkammer.memory.openendedness.trend import (
    Rank,
    fall,
    fall_interval,
    holm,
    mann_kendall,
    page,
    rise,
    rise_interval,
    tau,
)

Label = Literal["open-ended", "novel only", "learnable only", "neither", "undecided"]

ALPHA = 0.003
LEANING = 0.01
"""Corrected p between these two is neither a trend nor the absence of one."""
LEAST_EFFECT = 0.25
"""Standard deviations of a single artifact's loss that a trend must come to over the stretch: less is of no account."""
LEAST_ARTIFACTS = 48
"""In a stretch: with fewer, the tests could say yes to nothing but the crudest trend."""


class Trend(Frozen):
    """One of the two properties: losses that rise with T, or fall with t."""

    name: Literal["novelty", "learnability"]
    p: float
    """One-sided, Holm-corrected for the two questions asked of a stretch. Mann–Kendall on the mean curve for novelty,
    Page's L over artifacts for learnability."""
    effect: float
    """In standard deviations of a single artifact's loss: how far the line through the losses climbs over all T, or how
    much lower they are with the longest histories than with the shortest."""
    low: float
    high: float
    """95 % interval of the effect, by blocks."""
    nats: float
    """The same in nats."""
    tau: float
    """Kendall's rank correlation of the mean curve with time, signed so that 1 is the property in full."""
    rows: float
    """Share of single curves (one per history, or per artifact block) whose own Mann–Kendall test says yes, corrected
    for their number."""
    word: Literal["yes", "no", "unclear"]
    needed: int | None = None
    """About how many artifacts in all would settle it, where it is unclear."""


class Verdict(Frozen):
    """What one observer says of one stretch."""

    label: Label
    observer: str
    horizon: str
    start: int
    end: int
    novelty: Trend
    learnability: Trend
    needed: int | None = None
    """Where undecided: about how many artifacts there should be."""
    novelty_curve: tuple[tuple[float, float], ...] = Field(default=(), repr=False)
    """T and the mean loss over histories."""
    learnability_curve: tuple[tuple[float, float], ...] = Field(default=(), repr=False)
    """t and the mean loss over artifacts."""

    @property
    def sentence(self) -> str:
        """The verdict in words; it always names whose it is."""
        said = {
            "open-ended": "open-ended",
            "novel only": "novel but not learnable",
            "learnable only": "learnable but not novel",
            "neither": "neither novel nor learnable",
            "undecided": f"undecided: about {self.needed} artifacts would tell",
        }[self.label]
        return f"Artifacts {self.start} to {self.end} are {said}, for observer {self.observer} ({self.horizon})."


def verdict(matrix: LossMatrix) -> Verdict:
    """Test both properties on a loss matrix.

    Novel: over all histories of the first half, losses of the second half's artifacts rise. Learnable: over all
    artifacts of the second half, losses fall as the history grows through the first.
    """
    means, ts, at = matrix.means, np.array(matrix.ts, float), matrix.at
    length = matrix.end - matrix.start
    enough = length >= LEAST_ARTIFACTS and len(ts) > 3 and len(at) > 3
    forward, backward = means.mean(axis=0), means.mean(axis=1)
    if not enough:
        nothing = [_unasked(name, LEAST_ARTIFACTS + matrix.start) for name in ("novelty", "learnability")]
        return _worded(matrix, "undecided", nothing[0], nothing[1], forward, backward)
    spread = _spread(matrix)
    tests = (mann_kendall(forward), page(-means.T))
    ps = holm([test.p for test in tests])
    novelty = _trend("novelty", tests[0], ps[0], forward, at, means, spread, matrix)
    learnability = _trend("learnability", tests[1], ps[1], -backward, ts, -means.T, spread, matrix)
    return _worded(matrix, _label(novelty.word, learnability.word), novelty, learnability, forward, backward)


def _label(novel: str, learnable: str) -> Label:
    if "unclear" in (novel, learnable):
        return "undecided"
    if novel == "yes":
        return "open-ended" if learnable == "yes" else "novel only"
    return "learnable only" if learnable == "yes" else "neither"


def _trend(
    name: Literal["novelty", "learnability"],
    test: Rank,
    p: float,
    curve: Floats,
    at: Floats,
    rows: Floats,
    spread: float,
    matrix: LossMatrix,
) -> Trend:
    climb = rise(curve, at) if name == "novelty" else fall(rows)
    low, high = rise_interval(curve, at) if name == "novelty" else fall_interval(rows)
    single = holm([mann_kendall(row).p for row in rows])
    effect = _ratio(climb, spread)
    word: Literal["yes", "no", "unclear"] = "no"
    if effect >= LEAST_EFFECT:
        word = "yes" if p <= ALPHA and low > 0 else "unclear" if p <= LEANING else "no"
    return Trend(
        name=name,
        p=p,
        effect=effect,
        low=_ratio(low, spread),
        high=_ratio(high, spread),
        nats=climb,
        tau=tau(curve),
        rows=float(np.mean([one <= ALPHA for one in single])),
        word=word,
        needed=_needed(test, matrix) if word == "unclear" else None,
    )


def _spread(matrix: LossMatrix) -> float:
    """Standard deviation of a single artifact's loss (mean over histories) within blocks: what trends are measured in.

    A system without any, such as a constant, is measured in hundredths of its mean loss.
    """
    single = matrix.singles.mean(axis=0)
    ends = np.cumsum([len(block) for block in matrix.blocks])
    inner = [part - part.mean() for part in np.split(single, ends[:-1]) if len(part) > 1]
    free = sum(len(part) - 1 for part in inner)
    if free:
        within = float(np.sqrt(sum(float((part**2).sum()) for part in inner) / free))
    else:
        within = float(np.std(np.diff(single)) / np.sqrt(2))
    return max(within, 0.01 * abs(float(single.mean())), 1e-9)


def _ratio(value: float, spread: float) -> float:
    return float(np.clip(value / spread, -1e6, 1e6))


def _needed(test: Rank, matrix: LossMatrix) -> int:
    """A trend that goes on as it began gains evidence at least with the root of the number of artifacts."""
    wanted = 3.4  # a one-sided 0.003 asks for 2.75; with this much it is met in three cases of four
    length = matrix.end - matrix.start
    return matrix.start + ceil(length * min(100.0, (wanted / max(test.z, 0.2)) ** 2))


def _unasked(name: Literal["novelty", "learnability"], needed: int) -> Trend:
    return Trend(name=name, p=1.0, effect=0, low=0, high=0, nats=0, tau=0, rows=0, word="unclear", needed=needed)


def _worded(
    matrix: LossMatrix, label: Label, novelty: Trend, learnability: Trend, forward: Floats, backward: Floats
) -> Verdict:
    needed = [trend.needed for trend in (novelty, learnability) if trend.needed is not None]
    return Verdict(
        label=label,
        observer=matrix.observer,
        horizon=matrix.horizon,
        start=matrix.start,
        end=matrix.end,
        novelty=novelty,
        learnability=learnability,
        needed=max(needed) if label == "undecided" and needed else None,
        novelty_curve=tuple(zip(matrix.at.tolist(), np.round(forward, 4).tolist(), strict=True)),
        learnability_curve=tuple(zip([float(t) for t in matrix.ts], np.round(backward, 4).tolist(), strict=True)),
    )
