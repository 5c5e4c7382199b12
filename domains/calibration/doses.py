"""What outliers that were put in cost each quantiser: dose and response as a table."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

from wunderkammer.core.contract import Entry, Section
from wunderkammer.domains.calibration.settings import CalibrationSettings
from wunderkammer.domains.calibration.spread import Interval


def doses(tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
    """A row for each quantiser and dose; nothing where no outliers were put in."""
    losses: dict[tuple[str, int], dict[int, float]] = defaultdict(dict)
    for entry in tried:
        genome, found = entry.candidate.genome, entry.outcome.measures
        if entry.outcome.error is None and genome.set != "every" and genome.architecture == "given" and "loss" in found:
            losses[genome.quantiser, genome.outliers][genome.seed] = found["loss"]
    dosed = {quantiser for quantiser, dose in losses if dose != 1}
    rows = [_row(key, by_seed) for key, by_seed in sorted(losses.items()) if key[0] in dosed]
    if not rows:
        return ()
    return [
        Section(
            title="What outliers cost (synthetic)",
            text="Four channels of every norm were made so many times larger, and the weights that read them smaller: "
            "in fp32 the model computes the same, which every cell has seen to before it quantised.",
            columns=("quantiser", "times larger", "loss (nats a token), 95 % over channels", "perplexity", "seeds"),
            rows=tuple(rows),
        )
    ]


def _row(key: tuple[str, int], by_seed: dict[int, float]) -> tuple[str | float | int | None, ...]:
    quantiser, dose = key
    found = Interval.over(np.array(list(by_seed.values())))
    return (quantiser, dose, str(found), round(math.exp(found.mean), 3), len(by_seed))
