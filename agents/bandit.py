"""Where to spend next: a bandit on learning progress, whose arms grow dull with use and may wake up again.

An arm is an action on a subject (`search rainbow-skills`). What it yields for a unit of budget changes as it is played:
most domains give much at first and ever less, some give nothing until they are understood. The rate that counts is
therefore that of late pulls, and an arm that was given up is tried again now and then.

    value = (rate + m · rise + c · top · √(left · log(1 + N) / n)) · damping

rate: discounted gain over discounted cost, of the last few pulls; rise: by how much that exceeds the rate of the last
few dozen, if it does, because what begins to yield will yield more; n: discounted pulls of the arm; N: of all; left:
share of the budget that is left, since what is learnt at the end is of no more use; top: the highest rate of any arm,
so that c has no unit. A discounted UCB (Kocsis and Szepesvári 2006) per unit of cost. Everything follows from the
history: the same pulls give the same choice.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

MEMORY = 0.7
"""What a pull is worth beside the arm's next one: the rate is that of about the last three."""
LONG_MEMORY = 0.95
"""The same for the rate that it is compared with."""
EXPLORATION = 1.8
"""c. It and the other constants were chosen on seeds that `benchmarks/planner.py` does not report."""
MOMENTUM = 4.0
"""m."""
FORGETTING = 0.95
"""What is left of an arm's certainty after a pull of another: who was given up is looked at again."""
PATIENCE = 12
"""Pulls of one arm in a row after which each further one is worth less, so that nothing is ridden for ever."""
REST = 0.9


@dataclass(frozen=True)
class Pull:
    """What one choice came to."""

    arm: str
    gain: float
    """Discoveries, in whatever unit all arms share; at least 0."""
    cost: float
    """Share of the budget; above 0."""
    failed: bool = False
    """It broke off by a fault: no finding about the arm, but a reason to leave it alone for a while."""


@dataclass(frozen=True)
class Weight:
    """How an arm stands before a choice."""

    arm: str
    value: float
    """What is maximised. Infinite: never tried."""
    rate: float
    """Gain per cost, of late, and what its rise promises."""
    bonus: float
    """For being little known."""
    damping: float
    """1: none. 0: not now."""
    pulls: int


def weigh(arms: Sequence[str], history: Sequence[Pull], exploration: float = EXPLORATION) -> list[Weight]:
    """Every arm, best first; arms of equal value keep their order."""
    found = {arm: _Arm() for arm in arms}
    for pull in history:
        for name, arm in found.items():
            if name != pull.arm:
                arm.fade()
        if pull.arm in found:
            found[pull.arm].add(pull)
    rates = {name: arm.rate for name, arm in found.items()}
    top = max((rate for name, rate in rates.items() if found[name].pulls), default=0.0)
    everything = sum(arm.certainty for arm in found.values())
    left = max(0.0, 1.0 - sum(pull.cost for pull in history))
    weights = []
    for name, arm in found.items():
        damping = _damping(name, history)
        if not arm.pulls:
            weights.append(Weight(name, math.inf if damping else 0.0, 0.0, math.inf, damping, 0))
            continue
        bonus = exploration * top * math.sqrt(left * math.log1p(everything) / max(arm.certainty, 1e-9))
        weights.append(Weight(name, (rates[name] + bonus) * damping, rates[name], bonus, damping, arm.pulls))
    return sorted(weights, key=lambda weight: -weight.value)


def spent(weights: Sequence[Weight], history: Sequence[Pull], floor: float = 0.02) -> bool:
    """Whether nothing is left to gain: every arm was tried, and none yields a fiftieth of what the best once did."""
    best = max((pull.gain / pull.cost for pull in history if not pull.failed), default=0.0)
    if any(weight.pulls < 3 for weight in weights):
        return False
    return all(weight.rate <= floor * best for weight in weights)


class _Arm:
    """Discounted sums of one arm."""

    def __init__(self) -> None:
        self.gain = self.cost = self.certainty = 0.0
        self.slow_gain = self.slow_cost = 0.0
        self.pulls = 0

    def add(self, pull: Pull) -> None:
        self.pulls += 1
        self.certainty = self.certainty * MEMORY + 1
        self.gain = self.gain * MEMORY + pull.gain
        self.cost = self.cost * MEMORY + pull.cost
        self.slow_gain = self.slow_gain * LONG_MEMORY + pull.gain
        self.slow_cost = self.slow_cost * LONG_MEMORY + pull.cost

    def fade(self) -> None:
        self.certainty *= FORGETTING

    @property
    def rate(self) -> float:
        if not self.cost:
            return 0.0
        fast, slow = self.gain / self.cost, self.slow_gain / self.slow_cost
        return fast + MOMENTUM * max(0.0, fast - slow)


def _damping(arm: str, history: Sequence[Pull]) -> float:
    """Less for an arm that failed lately or was chosen many times in a row.

    After k failures in a row it rests for 2^k − 1 choices of others; each choice in a row beyond `PATIENCE` takes a
    tenth of its value.
    """
    failures = ago = 0
    for pull in reversed(history):
        if pull.arm != arm:
            ago += not failures
        elif pull.failed:
            failures += 1
        else:
            break
    if failures and ago < 2**failures - 1:
        return 0.0
    row = 0
    for pull in reversed(history):
        if pull.arm != arm:
            break
        row += 1
    return REST ** max(0, row - PATIENCE)
