"""What each size of model comes to, over all trials of a study: its reward, its agent, the trend, and the controls."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from statistics import fmean
from typing import NamedTuple, get_args

import numpy as np
from scipy import stats

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.vlm_rewards.settings import Reward, SizeName, VlmSettings
from wunderkammer.learners.aggregate import interval

Trial = Entry[VlmSettings]
SIZES: tuple[SizeName, ...] = get_args(SizeName)
WHAT_IT_IS = (
    "The models are small ones of our own, trained from scratch on captioned frames of this very world: this tests the "
    "mechanism and its trend, not an off-the-shelf model."
)
RESAMPLES = 2_000


class Trend(NamedTuple):
    """Spearman's correlation with size over trials, and its percentile bootstrap interval over seeds."""

    rho: float
    low: float
    high: float
    sizes: int
    seeds: int


def known(tried: Iterable[Trial]) -> list[Trial]:
    """Trials that came to something."""
    return [one for one in tried if one.outcome.error is None and "success" in one.outcome.measures]


def sections(tried: Iterable[Trial]) -> Sequence[Section]:
    """Rewards by size, agents by what they learned from, and how both go with size."""
    found = known(tried)
    return [part for part in (_rewards(found), _agents(found), _trends(found)) if part.rows]


def trend(tried: Sequence[Trial], measure: str) -> Trend | None:
    """How a measure goes with size among trials whose reward is the model's own; None for fewer than three sizes, and
    where nothing varies."""
    own = [one for one in tried if one.candidate.genome.reward == "vlm" and measure in one.outcome.measures]
    by_seed: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one in own:
        place = SIZES.index(one.candidate.genome.size)
        by_seed[one.candidate.genome.seed].append((place, one.outcome.measures[measure]))
    sizes = {place for rows in by_seed.values() for place, _ in rows}
    rho = _rho([row for rows in by_seed.values() for row in rows])
    if len(sizes) < 3 or rho is None:
        return None
    rng, seeds = np.random.default_rng(0), list(by_seed.values())
    drawn = [
        _rho([row for seed in rng.integers(len(seeds), size=len(seeds)) for row in seeds[seed]])
        for _ in range(RESAMPLES)
    ]
    low, high = np.quantile([one for one in drawn if one is not None], [0.025, 0.975])
    return Trend(rho, float(low), float(high), len(sizes), len(seeds))


def _rho(rows: Sequence[tuple[int, float]]) -> float | None:
    """None where nothing varies."""
    if not rows:
        return None
    places, values = np.array(rows).T
    return float(stats.spearmanr(places, values).statistic) if np.ptp(values) and np.ptp(places) else None


def _rewards(tried: Sequence[Trial]) -> Section:
    names = ("average_precision", "area", "accuracy", "precision", "recall", "average_precision_known")
    groups = _groups(one for one in tried if one.candidate.genome.looks)
    rows = [
        (_model(reward, size), _weights(trials), len(trials), *(_told(trials, name) for name in names))
        for (reward, size), trials in groups
    ]
    return Section(
        title="How good a reward each model gives",
        text="On frames of held-out combinations of colour and shape, which were in no captioned frame; half of them "
        "show the goal. The threshold, of which accuracy, precision and recall are, is the best on other frames, of "
        f"known combinations. Inter-quartile means over seeds with 95 % intervals by bootstrap. {WHAT_IT_IS}",
        columns=("model", "weights", "seeds", "average precision", "area under ROC", "accuracy", "precision", "recall",
                 "average precision, known"),
        rows=tuple(rows),
    )  # fmt: skip


def _agents(tried: Sequence[Trial]) -> Section:
    rows = [
        (
            _model(reward, size),
            len(trials),
            *(_told(trials, name) for name in ("success", "reached", "rewarded", "hacked")),
        )
        for (reward, size), trials in _groups(tried)
    ]
    return Section(
        title="What agents did that learned from it",
        text="Success: the share of unseen rooms, with goals of held-out combinations, in which the true goal was met "
        "in an episode that ends when the model rewards it, as while the agent learned; reached: had nobody ended it. "
        "Rewarded: the share of episodes that the model rewarded; hacked: of these, those in which the goal was not "
        "met. True reward is the ceiling, none the floor: an agent as it was born.",
        columns=("reward", "seeds", "success", "reached", "rewarded", "hacked"),
        rows=tuple(rows),
    )


def _trends(tried: Sequence[Trial]) -> Section:
    rows = []
    for measure, words in (
        ("average_precision", "average precision"),
        ("accuracy", "accuracy"),
        ("success", "success"),
    ):
        if (found := trend(tried, measure)) is not None:
            told = f"{found.rho:.2f} [{found.low:.2f}, {found.high:.2f}]"
            rows.append((words, found.sizes, found.seeds, told))
    return Section(
        title="Whether it rises with size",
        text="Spearman's rank correlation of size with a figure, over all trials, with 95 % intervals by bootstrap "
        "over seeds.",
        columns=("figure", "sizes", "seeds", "correlation"),
        rows=tuple(rows),
    )


def _groups(tried: Iterable[Trial]) -> list[tuple[tuple[Reward, SizeName | None], list[Trial]]]:
    """By what was learned from; sizes in their order, then the controls. What has no model has no size."""
    found: dict[tuple[Reward, SizeName | None], list[Trial]] = defaultdict(list)
    for one in tried:
        genome = one.candidate.genome
        found[genome.reward, genome.size if genome.looks else None].append(one)
    rewards = get_args(Reward)
    return sorted(found.items(), key=lambda one: (rewards.index(one[0][0]), SIZES.index(one[0][1] or "xxs")))


def _model(reward: Reward, size: SizeName | None) -> str:
    return {"vlm": f"{size}", "shuffled": f"{size}, shuffled captions"}.get(reward, reward)


def _weights(trials: Sequence[Trial]) -> int | None:
    counted = _column(trials, "parameters")
    return round(fmean(counted)) if counted else None


def _told(trials: Sequence[Trial], name: str) -> str | None:
    values = _column(trials, name)
    if not values:
        return None
    found = interval(np.array(values)[:, None], np.random.default_rng(0))
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _column(trials: Iterable[Trial], name: str) -> list[float]:
    return [one.outcome.measures[name] for one in trials if name in one.outcome.measures]
