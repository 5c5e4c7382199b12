"""What outliers that were put in cost each quantiser: dose and response as a table."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.calibration.settings import CalibrationSettings
from wunderkammer.domains.calibration.spread import Interval


class Measured(NamedTuple):
    """One quantiser at one dose."""

    loss: Interval
    seeds: int

    @classmethod
    def over(cls, by_seed: Mapping[int, float]) -> Measured:
        return cls(Interval.over(np.array(list(by_seed.values()))), len(by_seed))


def responses(tried: Iterable[Entry[CalibrationSettings]]) -> dict[str, dict[int, Measured]]:
    """Losses over draws of channels, by quantiser and dose, of the quantisers that were dosed at all."""
    losses: dict[str, dict[int, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    for entry in tried:
        genome, found = entry.candidate.genome, entry.outcome.measures
        if entry.outcome.error is None and genome.set != "every" and genome.architecture == "given" and "loss" in found:
            losses[genome.quantiser][genome.outliers][genome.seed] = found["loss"]
    return {
        quantiser: {dose: Measured.over(by_seed) for dose, by_seed in sorted(by_dose.items())}
        for quantiser, by_dose in sorted(losses.items())
        if {*by_dose} != {1}
    }


def doses(tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
    """A row for each quantiser and dose; nothing where no outliers were put in."""
    rows = [
        (quantiser, dose, str(one.loss), round(math.exp(one.loss.mean), 3), one.seeds)
        for quantiser, by_dose in responses(tried).items()
        for dose, one in by_dose.items()
    ]
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
