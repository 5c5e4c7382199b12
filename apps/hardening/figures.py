"""How well attacks work on a target, and how sure that is: means over elites, paired differences between targets."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from pydantic import Field

from wunderkammer.core.contract import Cell, Frozen

RESAMPLES = 9_999


class Looked(Frozen):
    """One candidate put to one target afresh."""

    candidate: str
    archive: str = ""
    """The run whose archive it is of; empty for an ordinary prompt."""
    cell: Cell | None = None
    success: float | None = None
    """Share of its takes that succeeded by the evaluator's rule; None where it has no word on any."""
    figure: float | None = None
    """Mean of what the evaluator looks at."""
    declined: float | None = None
    """Share of its takes that were refusals."""
    faults: int = 0
    """Takes that a server's fault stood in the way of: neither success nor failure."""


class Mean(Frozen):
    """A mean over elites with its 95 % bootstrap interval."""

    mean: float
    low: float
    high: float
    n: int = Field(ge=1)


class Paired(Frozen):
    """The same elites on two targets: mean difference, after minus before, with its 95 % bootstrap interval."""

    before: float
    after: float
    difference: float
    low: float
    high: float
    n: int = Field(ge=1)

    @property
    def falls(self) -> bool:
        """Whether the whole interval lies below 0."""
        return self.high < 0


def mean_of(values: Sequence[float], seed: int = 0) -> Mean | None:
    """None of nothing."""
    if not values:
        return None
    low, high = _interval(np.asarray(values, dtype=float), seed)
    return Mean(mean=float(np.mean(values)), low=low, high=high, n=len(values))


def paired(before: Mapping[str, float], after: Mapping[str, float], seed: int = 0) -> Paired | None:
    """Over the elites that both have a figure of; None where there is none."""
    names = [name for name in before if name in after]
    if not names:
        return None
    first, second = (np.array([figures[name] for name in names], dtype=float) for figures in (before, after))
    low, high = _interval(second - first, seed)
    return Paired(
        before=float(first.mean()),
        after=float(second.mean()),
        difference=float((second - first).mean()),
        low=low,
        high=high,
        n=len(names),
    )


def by_elite(looked: Iterable[Looked], what: str) -> dict[str, float]:
    """`success`, `figure` or `declined` by archive and candidate, where it is known."""
    found = {f"{one.archive} {one.candidate}": getattr(one, what) for one in looked}
    return {name: value for name, value in found.items() if value is not None}


def _interval(values: np.ndarray, seed: int) -> tuple[float, float]:
    if len(values) < 2 or np.ptp(values) == 0:  # nothing to draw from: all alike
        return float(values.mean()), float(values.mean())
    from scipy.stats import bootstrap  # half a second of imports, for whoever draws an interval

    found = bootstrap(
        (values,), np.mean, n_resamples=RESAMPLES, method="percentile", rng=np.random.default_rng(seed), batch=1000
    ).confidence_interval
    return float(found.low), float(found.high)
