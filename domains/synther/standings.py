"""What learners come to on each diet, over all trials of a study, and how good the made rows are."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.synther.settings import MADE_OF, Source, SyntherSettings
from wunderkammer.learners.aggregate import interval

Trial = Entry[SyntherSettings]
QUALITY: Mapping[str, str] = {
    "marginal": "columns alike",
    "correlation": "correlations alike",
    "dynamics": "next observation off by",
    "noise_dynamics": "of noisy copies",
    "reward_error": "reward off by",
    "noise_reward_error": "of noisy copies",
    "novelty": "novelty",
    "copies": "copies",
}
"""What is told of made rows, and its column."""


def sections(tried: Iterable[Trial]) -> Sequence[Section]:
    """A row for each learner and diet, one for each way to live, and one for each source that rows were made of."""
    known = [one for one in tried if one.outcome.error is None and "normalised" in one.outcome.measures]
    return [section for section in (_standings(known), _lives(known), _quality(known)) if section.rows]


def _standings(known: Sequence[Trial]) -> Section:
    groups: dict[tuple[str, str], list[Trial]] = defaultdict(list)
    for one in known:
        if not one.candidate.genome.lives:
            groups[one.candidate.genome.learner, one.candidate.genome.diet].append(one)
    rows = []
    for (learner, diet), trials in sorted(groups.items()):
        told = _told(trials, "normalised")
        returned = round(fmean(one.outcome.measures["returned"] for one in trials), 1)
        rows.append((learner, diet, len(trials), told, returned, round(fmean(_column(trials, "rows")))))
    return Section(
        title="What was learned on which rows",
        text="Normalised return: 0 for random actions, 100 for a good policy. Inter-quartile means over seeds with "
        "95 % intervals by bootstrap; the mean return beside them as the world counts it.",
        columns=("learner", "diet", "seeds", "normalised return", "mean return", "rows"),
        rows=tuple(rows),
    )


def _lives(known: Sequence[Trial]) -> Section:
    groups: dict[tuple[str, int], list[Trial]] = defaultdict(list)
    for one in known:
        if one.candidate.genome.lives:
            groups[one.candidate.genome.diet, one.candidate.genome.ratio].append(one)
    return Section(
        title="What was learned while living",
        text="Normalised return of a soft actor-critic: the mean over all examinations, and the last. Inter-quartile "
        "means over seeds with 95 % intervals by bootstrap.",
        columns=("diet", "updates a step", "seeds", "over its life", "at the end"),
        rows=tuple(
            (diet, ratio, len(trials), _told(trials, "early"), _told(trials, "normalised"))
            for (diet, ratio), trials in sorted(groups.items())
        ),
    )


def _quality(known: Sequence[Trial]) -> Section:
    by_source: dict[Source, dict[int, Trial]] = defaultdict(dict)
    for one in known:
        source = MADE_OF.get(one.candidate.genome.diet)
        if source is not None:
            by_source[source][one.candidate.genome.seed] = one
    rows: list[tuple[str | float | int | None, ...]] = []
    for source, trials in sorted(by_source.items()):
        own = list(trials.values())
        rows.append((source, len(own), *(_mean(own, name) for name in QUALITY)))
    return Section(
        title="How good the made rows are",
        text="Means over seeds. Alike: 1 where distributions, or correlations, are the same as of all real rows. Off "
        "by: medians over rows, tried in the true world, in deviations of the real ones. Novelty: how far a made row "
        "is from the nearest one learned from, 1 where as far as real rows that were not learned from; copies: the "
        "share nearer than all but 1 % of those.",
        columns=("made of", "seeds", *QUALITY.values()),
        rows=tuple(rows),
    )


def _told(trials: Sequence[Trial], name: str) -> str:
    found = interval(np.array([[one.outcome.measures[name]] for one in trials]), np.random.default_rng(0))
    return f"{found.estimate:.1f} [{found.low:.1f}, {found.high:.1f}]"


def _column(trials: Iterable[Trial], name: str) -> list[float]:
    return [one.outcome.measures[name] for one in trials if name in one.outcome.measures]


def _mean(trials: Iterable[Trial], name: str) -> float | None:
    found = _column(trials, name)
    return round(fmean(found), 4) if found else None
