"""What video models come to in each role, over all trials of a study."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

import numpy as np

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.tasks import TASKS
from wunderkammer.learners.aggregate import interval

Trial = Entry[VideoSettings]
Cells = tuple[str | float | int | None, ...]


def sections(tried: Iterable[Trial]) -> Sequence[Section]:
    """A table for each role that was tried."""
    known = [one for one in tried if one.outcome.error is None and one.outcome.measures]
    return [
        section for section in (_computed(known), _planned(known), _acted(known), _simulated(known)) if section.rows
    ]


def _computed(known: Sequence[Trial]) -> Section:
    groups = _groups(known, "compute", lambda genome: (genome.way, genome.side, genome.side + genome.larger))
    rows: list[Cells] = [
        (way, task.name, len(trials), f"{side} × {side}", _told(trials, f"exact_{task.name}"),
         _told(trials, f"otherwise_{task.name}"), f"{far} × {far}", _told(trials, f"larger_{task.name}"))
        for (way, side, far), trials in groups
        for task in TASKS
    ]  # fmt: skip
    return Section(
        title="What was computed",
        text="Share of unseen pictures whose answer is right in every cell, in per cent: on the size that was learned, "
        "told another task's sentence, and on larger ones. Chains take a frame for each step, answers at once as many "
        "rounds of sampling. Inter-quartile means over seeds with 95 % intervals by bootstrap.",
        columns=("way", "task", "seeds", "size", "right", "otherwise told", "larger", "right there"),
        rows=tuple(rows),
    )


def _planned(known: Sequence[Trial]) -> Section:
    names = ("success_held", "success", "open_held", "otherwise", "expert", "hallucinated")
    return _table(
        "Who brings it about",
        "Share of rooms in which the sentence became true, in per cent: sentences with combinations never named, "
        "and with known ones; by one plan from the first frame; told another room's sentence; by the expert. Imagined "
        "wrong: the share of a plan's transitions that no action makes in the world.",
        _groups(known, "plan", lambda genome: (genome.learner,)),
        (
            "who",
            "seeds",
            "new combinations",
            "known ones",
            "new, one plan",
            "otherwise told",
            "expert",
            "imagined wrong",
        ),
        names,
    )


def _acted(known: Sequence[Trial]) -> Section:
    return _table(
        "Shown instead of told",
        "Share of rooms in which what a demonstration of another room showed became true, in per cent; shown another "
        "one; and shown nothing.",
        _groups(known, "act", lambda genome: (f"{genome.layers} layers",)),
        ("who", "seeds", "shown", "shown otherwise", "told in words"),
        ("prompted", "prompted_otherwise", "told"),
    )


def _simulated(known: Sequence[Trial]) -> Section:
    return _table(
        "Learned inside and outside",
        "PPO in the video model, and in the world: share of rooms of the true world whose goal was reached, in per "
        "cent, and of the place where it learned; an untrained policy's in the world. Imagined wrong: "
        "as above, by what the policy does.",
        _groups(known, "simulate", lambda genome: (genome.place,)),
        ("place", "seeds", "in the world", "where it learned", "untrained", "imagined wrong"),
        ("success", "success_there", "untrained", "hallucinated"),
    )


def _table(
    title: str, text: str, groups: Iterable[tuple[tuple[str | int, ...], list[Trial]]], columns: tuple[str, ...],
    names: Sequence[str],
) -> Section:  # fmt: skip
    rows: list[Cells] = [(*key, len(trials), *(_told(trials, name) for name in names)) for key, trials in groups]
    return Section(title=title, text=text, columns=columns, rows=tuple(rows))


def _groups(
    known: Sequence[Trial], role: str, by: Callable[[VideoSettings], tuple[str | int, ...]]
) -> list[tuple[tuple[str | int, ...], list[Trial]]]:
    groups: dict[tuple[str | int, ...], list[Trial]] = defaultdict(list)
    for one in known:
        if one.candidate.genome.role == role:
            groups[by(one.candidate.genome)].append(one)
    return sorted(groups.items())


def _told(trials: Sequence[Trial], name: str) -> str | None:
    """Per cent, with an interval where there is more than one trial."""
    values = [one.outcome.measures[name] for one in trials if name in one.outcome.measures]
    if not values:
        return None
    found = interval(100 * np.array(values)[:, None], np.random.default_rng(0))
    return f"{found.estimate:.1f} [{found.low:.1f}, {found.high:.1f}]"
