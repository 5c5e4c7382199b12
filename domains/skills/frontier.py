"""At which difficulty success crosses one half.

Rule: success is modelled as P(right | d) = 1 / (1 + exp(b·d − a)), fitted by maximum posterior likelihood with normal
priors (a: sd 4, b: mean 5, sd 10, which keep separated data finite) to the counts of right and wrong answers in fifty
bins of difficulty. The crossing is a / b. It is reported where at least `ENOUGH` answers are in, both right and wrong
ones among them, b > 0, and the crossing lies within the difficulties that were tried; else None.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

ENOUGH = 8
"""Answers below which no frontier is claimed."""
_BINS = 50


@dataclass
class Frontier:
    """Counts of answers by difficulty; its size does not grow with them."""

    right: list[int] = field(default_factory=lambda: [0] * (_BINS + 1))
    wrong: list[int] = field(default_factory=lambda: [0] * (_BINS + 1))

    def add(self, difficulty: float, right: int, wrong: int) -> None:
        """Count the answers to one question; difficulty in [0, 1]."""
        at = round(difficulty * _BINS)
        self.right[at] += right
        self.wrong[at] += wrong

    def merge(self, other: Frontier) -> None:
        """Count another frontier's answers too."""
        self.right = [a + b for a, b in zip(self.right, other.right, strict=True)]
        self.wrong = [a + b for a, b in zip(self.wrong, other.wrong, strict=True)]

    @property
    def answers(self) -> int:
        return sum(self.right) + sum(self.wrong)

    @property
    def successes(self) -> int:
        return sum(self.right)

    def crossing(self) -> float | None:
        """The difficulty at which success is one half, by the module's rule."""
        right, wrong = np.array(self.right, float), np.array(self.wrong, float)
        if self.answers < ENOUGH or not right.any() or not wrong.any():
            return None
        d = np.arange(_BINS + 1) / _BINS
        tried = d[(right + wrong) > 0]

        def loss(point: np.ndarray) -> float:
            a, b = point
            log_right, log_wrong = -np.logaddexp(0, b * d - a), -np.logaddexp(0, a - b * d)
            prior = (a / 4) ** 2 / 2 + ((b - 5) / 10) ** 2 / 2
            return float(prior - (right * log_right + wrong * log_wrong).sum())

        def slope(point: np.ndarray) -> np.ndarray:
            a, b = point
            off = right - (right + wrong) * expit(a - b * d)
            return np.array([a / 16 - off.sum(), (b - 5) / 100 + (off * d).sum()])

        a, b = minimize(loss, np.array([1.0, 5.0]), jac=slope, method="BFGS").x
        if b <= 0 or not tried.min() <= a / b <= tried.max():
            return None
        return float(a / b)

    def state(self) -> str:
        """The crossing in two digits, or in words why there is none, with successes out of answers."""
        counts = f"{self.successes}/{self.answers}"
        if not self.answers:
            return ""
        crossing = self.crossing()
        if crossing is not None:
            return f"{crossing:.2f}"
        if self.answers < ENOUGH:
            return f"few {counts}"
        share = self.successes / self.answers
        return f"{'never' if share == 0 else 'always' if share == 1 else 'below' if share < 0.5 else 'beyond'} {counts}"
