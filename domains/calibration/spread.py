"""How far a quantised model's loss depends on the calibration set: a table, and one plain sentence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from wunderkammer.core.contract import Entry, Section
from wunderkammer.domains.calibration.settings import CALIBRATED, MATTERS, NARROW, CalibrationSettings

LEAST_SEEDS = 5
LEAST_HELD = 50_000
"""Tokens that a model is examined on, all texts together."""
DRAWS = 4000


@dataclass(frozen=True)
class Spread:
    """One quantiser: loss by set and seed."""

    quantiser: str
    losses: Mapping[str, Mapping[int, float]]
    held: int

    @property
    def seeds(self) -> list[int]:
        """Seeds that every set has."""
        return sorted(set.intersection(*(set(by_seed) for by_seed in self.losses.values())))

    def means(self) -> dict[str, float]:
        """Mean loss by set, over the seeds that all have."""
        return {name: float(np.mean([by_seed[s] for s in self.seeds])) for name, by_seed in self.losses.items()}

    def width(self) -> tuple[float, float, float]:
        """Worst minus best set, of mean losses, with its 95 % interval over seeds (percentile bootstrap in pairs).

        A maximum over noisy means is above 0 even where no set matters: read the lower end, and the seeds.
        """
        table = np.array([[by_seed[s] for s in self.seeds] for by_seed in self.losses.values()])
        drawn = np.random.default_rng(0).integers(0, table.shape[1], (DRAWS, table.shape[1]))
        means = table[:, drawn].mean(2)
        low, high = np.quantile(means.max(0) - means.min(0), (0.025, 0.975))
        return float(np.ptp(table.mean(1))), float(low), float(high)


def sections(tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
    """The table and the sentence, of cells with the default bits alone: others are other models."""
    losses: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    held = 0
    for entry in tried:
        genome, found = entry.candidate.genome, entry.outcome.measures
        if entry.outcome.error is None and genome.bits == CalibrationSettings().bits and "loss" in found:
            losses[genome.quantiser][genome.set][genome.seed] = found["loss"]
            held = max(held, int(found.get("held_tokens", 0)))
    spreads = [Spread(name, by_set, held) for name, by_set in losses.items() if name in CALIBRATED]
    spreads = [one for one in spreads if len(one.losses) > 1 and one.seeds]
    if not spreads:
        return ()
    free = {name: _any(by_set) for name, by_set in losses.items() if name not in CALIBRATED}
    sets = list(dict.fromkeys(name for one in spreads for name in one.losses))
    return [
        Section(
            title="Does the calibration set matter for this model?",
            text=" ".join(sentence(one, free) for one in spreads),
            columns=("quantiser", *(f"perplexity, {name}" for name in sets), "worst − best (nats)", "95 %", "seeds"),
            rows=tuple(_row(one, sets) for one in spreads),
        )
    ]


def sentence(spread: Spread, free: Mapping[str, float]) -> str:
    """Whether the set matters to a quantiser; undecided names what is missing."""
    missing = list(_missing(spread, free))
    if missing:
        return f"{spread.quantiser}: undecided; {', and '.join(missing)}."
    width, low, high = spread.width()
    means = spread.means()
    worst = max(means, key=lambda name: means[name])
    span = f"{width:.3f} nats a token [{low:.3f}, {high:.3f}] lie between the best set and the worst ({worst})"
    if high < MATTERS:
        return f"{spread.quantiser}: the set hardly matters: {span}."
    if low > MATTERS:
        return f"{spread.quantiser}: the set matters: {span}."
    return f"{spread.quantiser}: undecided; {span}, which is too near {MATTERS:g} to call."


def _missing(spread: Spread, free: Mapping[str, float]) -> Iterable[str]:
    if len(spread.seeds) < LEAST_SEEDS:
        yield f"{LEAST_SEEDS} seeds are needed and {len(spread.seeds)} are there"
    if spread.held < LEAST_HELD:
        yield f"{LEAST_HELD:,} held-out tokens are needed and {spread.held:,} are there"
    if spread.quantiser in NARROW:
        plain = free.get("round", math.nan)
        if not min(spread.means().values()) < plain:
            yield "it is not better than rounding to the nearest" if plain == plain else "rounding was not measured"


def _row(spread: Spread, sets: Sequence[str]) -> tuple[str | float | int | None, ...]:
    means = spread.means()
    width, low, high = spread.width()
    figures = [round(math.exp(means[name]), 3) if name in means else None for name in sets]
    return (spread.quantiser, *figures, round(width, 4), f"{low:.4f} to {high:.4f}", len(spread.seeds))


def _any(by_set: Mapping[str, Mapping[int, float]]) -> float:
    return float(np.mean([loss for by_seed in by_set.values() for loss in by_seed.values()]))
