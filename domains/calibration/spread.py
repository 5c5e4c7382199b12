"""How far a quantised model's loss depends on the calibration set: a table, and one plain sentence."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from scipy import stats

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.calibration.settings import CALIBRATED, MATTERS, NARROW, CalibrationSettings

LEAST_SEEDS = 5
LEAST_HELD = 50_000
"""Tokens that a model is examined on, all texts together."""
OF = "loss_on_"
"""What the loss of each set is called among the measures of `every`."""


@dataclass(frozen=True)
class Interval:
    """A mean over seeds with its 95 % interval (Student's t: percentiles of five values are too narrow)."""

    mean: float
    low: float
    high: float

    @classmethod
    def over(cls, values: np.ndarray) -> Interval:
        mean, count = float(values.mean()), values.size
        if count < 2:
            return cls(mean, -math.inf, math.inf)
        half = float(stats.t.ppf(0.975, count - 1) * values.std(ddof=1) / math.sqrt(count))
        return cls(mean, mean - half, mean + half)

    def __str__(self) -> str:
        return f"{self.mean:.3f} [{self.low:.3f}, {self.high:.3f}]"


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

    @property
    def table(self) -> np.ndarray:
        """Losses, shape (sets, seeds)."""
        return np.array([[by_seed[s] for s in self.seeds] for by_seed in self.losses.values()])

    def intervals(self) -> dict[str, Interval]:
        """Loss by set, over the seeds that all have."""
        return {name: Interval.over(row) for name, row in zip(self.losses, self.table, strict=True)}

    def means(self) -> dict[str, float]:
        """Mean loss by set, over the seeds that all have."""
        return {name: float(row.mean()) for name, row in zip(self.losses, self.table, strict=True)}

    def most(self) -> Interval:
        """Worst minus best set of each seed. Never negative, and above 0 even where no set matters: an upper bound."""
        return Interval.over(np.ptp(self.table, axis=0))

    def width(self) -> Interval:
        """Worst minus best set, where each seed is measured on the sets that the other seeds call worst and best.

        Choosing and measuring on the same figures would find a difference in pure noise; this expects 0 there.
        """
        table = self.table
        if table.shape[1] < 2:
            return Interval.over(np.ptp(table, axis=0))
        others = (table.sum(1, keepdims=True) - table) / (table.shape[1] - 1)
        each = np.arange(table.shape[1])
        return Interval.over(table[others.argmax(0), each] - table[others.argmin(0), each])


def collected(tried: Iterable[Entry[CalibrationSettings]]) -> tuple[list[Spread], dict[str, float]]:
    """What is known of each quantiser with more than one set, and the losses of what looks at none; of cells with the
    default bits and no outliers: others are other models."""
    losses: dict[str, dict[str, dict[int, float]]] = defaultdict(lambda: defaultdict(dict))
    free: dict[str, float] = {}
    held = 0
    for entry in tried:
        genome, found = entry.candidate.genome, entry.outcome.measures
        usual = (genome.bits, genome.outliers, genome.architecture) == (CalibrationSettings().bits, 1, "given")
        if entry.outcome.error is not None or not usual or "loss" not in found:
            continue
        for name, loss in _by_set(genome, found).items():
            losses[genome.quantiser][name][genome.seed] = loss
        held = max(held, int(found.get("held_tokens", 0)))
        free |= _free(genome, found)
    spreads = [Spread(name, by_set, held) for name, by_set in losses.items() if name in CALIBRATED]
    return [one for one in spreads if len(one.losses) > 1 and one.seeds], free


def sections(tried: Iterable[Entry[CalibrationSettings]]) -> Sequence[Section]:
    """The verdict, the tables and a sentence for each quantiser."""
    spreads, free = collected(tried)
    if not spreads:
        return ()
    sets = list(dict.fromkeys(name for one in spreads for name in one.losses))
    return [
        Section(
            title="Does the calibration set matter for this model?",
            text=" ".join([verdict(spreads, free), *(sentence(one, free) for one in spreads)]),
            columns=(
                "quantiser",
                *(f"perplexity, {name}" for name in sets),
                "worst − best (nats a token), 95 %",
                "at most, 95 %",
                "seeds",
            ),
            rows=tuple(_row(one, sets) for one in spreads),
        ),
        Section(
            title="Without a calibration set",
            text="The same for every set and seed, and therefore run once.",
            columns=("quantiser", "loss (nats a token)", "perplexity"),
            rows=tuple((name, round(loss, 4), round(math.exp(loss), 3)) for name, loss in free.items()),
        ),
    ]


def best(tried: Iterable[Entry[CalibrationSettings]], quantiser: str | None = None) -> CalibrationSettings | None:
    """The cell with the least loss, of one quantiser or of all; of `every` set, the one with the least. None: none."""
    losses: dict[CalibrationSettings, float] = {}
    for entry in tried:
        genome, found = entry.candidate.genome, entry.outcome.measures
        wanted = genome.quantiser == quantiser if quantiser else genome.quantiser != "none"
        if (
            entry.outcome.error is None
            and wanted
            and (genome.outliers, genome.architecture) == (1, "given")
            and "loss" in found
        ):
            losses |= {genome.model_copy(update={"set": name}): loss for name, loss in _by_set(genome, found).items()}
    return min(losses, key=lambda genome: losses[genome]) if losses else None


Word = Literal["matters", "hardly", "undecided"]


def judged(spread: Spread, free: Mapping[str, float]) -> Word:
    """Whether the set matters to a quantiser, where enough was measured to say."""
    if list(_missing(spread, free)):
        return "undecided"
    if spread.most().high < MATTERS:
        return "hardly"
    return "matters" if spread.width().low > MATTERS else "undecided"


def verdict(spreads: Sequence[Spread], free: Mapping[str, float]) -> str:
    """One plain sentence on the model as a whole."""
    words = {one.quantiser: judged(one, free) for one in spreads}
    caring, careless = ([name for name, word in words.items() if word == wanted] for wanted in ("matters", "hardly"))
    if caring:
        return f"This model cares which texts it is calibrated on: it does with {' and '.join(caring)}."
    if len(careless) == len(words):
        return f"This model hardly cares which texts it is calibrated on, with {' or '.join(careless)}."
    known = f"; with {' and '.join(careless)} it hardly does" if careless else ""
    return f"Whether this model cares which texts it is calibrated on is undecided{known}."


def sentence(spread: Spread, free: Mapping[str, float]) -> str:
    """Whether the set matters to a quantiser; undecided names what is missing."""
    missing = list(_missing(spread, free))
    if missing:
        return f"{spread.quantiser}: undecided; {', and '.join(missing)}."
    means, width, most = spread.means(), spread.width(), spread.most()
    worst, best = max(means, key=lambda name: means[name]), min(means, key=lambda name: means[name])
    span = f"{width} nats a token lie between the best set ({best}) and the worst ({worst})"
    match judged(spread, free):
        case "hardly":
            return f"{spread.quantiser}: the set hardly matters: {span}, and at most {most.high:.3f}."
        case "matters":
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
    figures = [round(math.exp(means[name]), 3) if name in means else None for name in sets]
    return (spread.quantiser, *figures, str(spread.width()), str(spread.most()), len(spread.seeds))


def _by_set(genome: CalibrationSettings, found: Mapping[str, float]) -> dict[str, float]:
    if genome.set != "every":
        return {genome.set: found["loss"]}
    return {name.removeprefix(OF): loss for name, loss in found.items() if name.startswith(OF)}


def _free(genome: CalibrationSettings, found: Mapping[str, float]) -> dict[str, float]:
    """Losses of what needs no set, by quantiser: this entry's own, or what it was held against."""
    known = {"none": found.get("unquantised")}
    if genome.quantiser in CALIBRATED:
        known["round" if genome.quantiser in NARROW else "dynamic"] = found.get("uncalibrated")
    else:
        known[genome.quantiser] = found["loss"]
    return {name: loss for name, loss in known.items() if loss is not None}
