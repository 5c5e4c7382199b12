"""What each curriculum came to over all trials of a study: in unseen worlds together and one by one, and its levels."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean

import numpy as np

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.groove.settings import GrooveSettings
from wunderkammer.learners.aggregate import interval

Trial = Entry[GrooveSettings]
Arms = Mapping[str, Sequence[Trial]]
ORDER = ("regret", "positive", "l1", "random", "uniform", "untrained", "a2c")
WORLD = "score in "
"""Before the name of an unseen world: the measure of what agents came to in it."""
CHOSEN: Mapping[str, str] = {
    "life_return": "return at a life's end",
    "life_regret": "A2C's lead then",
    "level_open": "open cells",
    "level_objects": "objects",
    "level_paying": "of them paying",
    "level_lasting": "not ending",
    "level_horizon": "horizon",
    "level_lifetime": "updates of a life",
}
"""What is told of a meta-training and the levels of its end, and its column."""


def arm_of(genome: GrooveSettings) -> str:
    """What sets trials apart but for seeds and sizes: the curriculum, or who learned without one."""
    return genome.score if genome.learner == "lpg" else genome.learner


def sections(tried: Iterable[Trial]) -> Sequence[Section]:
    """A row for each curriculum, one for each unseen world, and one for what each curriculum chose."""
    arms: dict[str, list[Trial]] = {name: [] for name in ORDER}
    for one in tried:
        if one.outcome.error is None and "unseen" in one.outcome.measures:
            arms[arm_of(one.candidate.genome)].append(one)
    found = {name: trials for name, trials in arms.items() if trials}
    return [section for section in (_unseen(found), _worlds(found), _chosen(found)) if section.rows]


def _unseen(found: Arms) -> Section:
    rows = [
        (name, len(trials), *(_told(trials, measure) for measure in ("unseen", "sooner", "familiar")))
        for name, trials in found.items()
    ]
    return Section(
        title="What agents come to in worlds that nobody trained on",
        text="0 for uniform actions, 100 for the best policy there is, both computed. Means over worlds and agents; "
        "inter-quartile means over seeds with 95 % intervals by bootstrap. At the end of their schooling; as a mean "
        "over all of it; and, in fresh levels of the distribution that is trained on, at the end.",
        columns=("levels chosen by", "seeds", "unseen worlds", "on the way", "familiar worlds"),
        rows=tuple(rows),
    )


def _worlds(found: Arms) -> Section:
    names = sorted({name for trials in found.values() for one in trials for name in one.outcome.measures})
    rows = [
        (name.removeprefix(WORLD), *(_mean(trials, name) for trials in found.values()))
        for name in names
        if name.startswith(WORLD)
    ]
    return Section(
        title="World by world",
        text="The same at the end, means over seeds.",
        columns=("world", *found),
        rows=tuple(rows),
    )


def _chosen(found: Arms) -> Section:
    trained = {name: trials for name, trials in found.items() if _mean(trials, "level_open") is not None}
    told = [name for name in CHOSEN if any(_mean(trials, name) is not None for trials in trained.values())]
    return Section(
        title="What was chosen to learn from",
        text="Means over seeds: what lives came to in the second half of the meta-training, and what the levels of its "
        "last windows were like.",
        columns=("levels chosen by", *(CHOSEN[name] for name in told)),
        rows=tuple((name, *(_mean(trials, one) for one in told)) for name, trials in trained.items()),
    )


def _told(trials: Sequence[Trial], name: str) -> str:
    found = interval(np.array([[one.outcome.measures[name]] for one in trials]), np.random.default_rng(0))
    return f"{found.estimate:.1f} [{found.low:.1f}, {found.high:.1f}]"


def _mean(trials: Iterable[Trial], name: str) -> float | None:
    found = [one.outcome.measures[name] for one in trials if name in one.outcome.measures]
    return round(fmean(found), 3) if found else None
