"""Figures of a stream of numbers that is seen once and never kept: moments, the extremes, and a histogram."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

LOW, HIGH, BINS = -6.0, 6.0, 240
"""Decades of sizes that the histogram spans, and its bins: 20 to a decade, so that neighbours differ by 12 %."""
FAR = 6.0
"""Standard deviations from which on a value counts as far out."""


@dataclass
class Moments:
    """What is known of the numbers seen so far; any number of batches."""

    count: int = 0
    mean: float = 0.0
    m2: float = 0.0
    """Sum of squared deviations from the mean; m3 and m4 of their third and fourth powers."""
    m3: float = 0.0
    m4: float = 0.0
    largest: float = 0.0
    """Largest size, exactly."""
    largest_first: float = 0.0
    """The same at position 0 of a row, where models put what they attend to for want of anything better."""
    largest_later: float = 0.0
    sizes: list[int] = field(default_factory=lambda: [0] * BINS)
    """How many values have a size in each bin; zeros and what is smaller are in the first."""

    def see(self, values: Tensor) -> None:
        """Add values of shape (rows, positions, channels)."""
        import torch

        wide = values.float()
        size = wide.abs()
        self._merge(*_central(wide))
        first, later = float(size[:, 0].max()), float(size[:, 1:].max()) if size.shape[1] > 1 else 0.0
        self.largest_first = max(self.largest_first, first)
        self.largest_later = max(self.largest_later, later)
        self.largest = max(self.largest_first, self.largest_later)
        found = torch.histc(size.clamp_min_(10**LOW).log10_(), BINS, LOW, HIGH)
        self.sizes = [a + int(b) for a, b in zip(self.sizes, found.tolist(), strict=True)]

    def _merge(self, count: int, mean: float, m2: float, m3: float, m4: float) -> None:
        """Moments of both together, from the moments of each (Pébay 2008, equations 1.5 to 1.9, after Welford)."""
        n, off = self.count + count, mean - self.mean
        a, b = self.count, count
        self.m4 += (
            m4
            + off**4 * a * b * (a * a - a * b + b * b) / n**3
            + 6 * off**2 * (a * a * m2 + b * b * self.m2) / n**2
            + 4 * off * (a * m3 - b * self.m3) / n
        )
        self.m3 += m3 + off**3 * a * b * (a - b) / n**2 + 3 * off * (a * m2 - b * self.m2) / n
        self.m2 += m2 + off**2 * a * b / n
        self.mean += off * b / n
        self.count = n

    @property
    def deviation(self) -> float:
        return math.sqrt(self.m2 / self.count)

    @property
    def kurtosis(self) -> float:
        """Fourth moment by the squared second: 3 for a normal distribution, more where there are outliers."""
        return self.count * self.m4 / self.m2**2 if self.m2 else 0.0

    @property
    def far_out(self) -> float:
        """Share of values farther from 0 than six standard deviations, to a bin of the histogram."""
        edge = (math.log10(max(FAR * self.deviation, 10**LOW)) - LOW) / (HIGH - LOW) * BINS
        whole = min(int(edge), BINS - 1)
        beyond = sum(self.sizes[whole + 1 :]) + self.sizes[whole] * (1 - (edge - whole))
        return beyond / self.count

    def said(self) -> dict[str, Any]:
        """All of it as plain figures."""
        return {
            "count": self.count,
            "mean": self.mean,
            "deviation": self.deviation,
            "kurtosis": self.kurtosis,
            "far_out": self.far_out,
            "largest": self.largest,
            "largest_first": self.largest_first,
            "largest_later": self.largest_later,
            "sizes": self.sizes,
        }


def _central(values: Tensor) -> tuple[int, float, float, float, float]:
    """Count, mean, and sums of powers of deviations from it; sums in fp64."""
    import torch

    mean = float(values.mean(dtype=torch.float64))
    off = values - mean
    square = off * off
    m2 = float(square.sum(dtype=torch.float64))
    m3 = float(off.mul_(square).sum(dtype=torch.float64))
    return values.numel(), mean, m2, m3, float(square.mul_(square).sum(dtype=torch.float64))
