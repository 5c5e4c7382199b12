"""How the ways to choose levels compare over all trainings of a study: inter-quartile means, teachers, single mazes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from statistics import fmean
from typing import Any

import numpy as np

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.core.study import settings_in_words
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners.aggregate import Scores, improvement, interval

CONTROL = "dr"
MAZE = "solved in "
"""Before the name of a held-out maze: the measure of how often it was solved."""
TITLES = {"maze": ("maze", "Held-out mazes solved"), "car": ("circuit", "Tiles of the held-out circuits visited")}
"""Of each world what a level is called, and what was examined."""
LATE: Mapping[str, str] = {
    "solved_large": "large mazes solved",
    "returned": "mean return",
    "teacher_entropy": "teacher's entropy, nats",
    "walls": "walls",
    "path": "shortest path",
    "metres": "length, m",
    "sharp": "sharp turns",
    "solvable": "solvable",
    "regret": "regret",
    "entropy": "student's entropy, nats",
}
"""What is told of the levels and of who chose them, as they were at the last examination; and its column."""

Trained = Entry[TrainingSettings]
Arms = Mapping[str, Sequence[Trained]]
"""Trainings that differ by their seed alone, by what sets them apart from the others."""


def arms(tried: Iterable[Trained]) -> Arms:
    """Trainings by arm, in the order in which they came."""
    groups: dict[TrainingSettings, list[Trained]] = {}
    for entry in tried:
        groups.setdefault(entry.candidate.genome.model_copy(update={"seed": 0}), []).append(entry)
    dumps = {genome: genome.model_dump(exclude={"method", "seed"}) for genome in groups}
    differing = {
        name for dump in dumps.values() for name, value in dump.items() if any(o[name] != value for o in dumps.values())
    }
    usual = {name: _usual(name, [dump[name] for dump in dumps.values()]) for name in differing}
    found: dict[str, list[Trained]] = {}
    for genome, entries in groups.items():
        changed = {name: dumps[genome][name] for name in differing if dumps[genome][name] != usual[name]}
        found[f"{genome.method}, {settings_in_words(changed)}" if changed else genome.method] = entries
    return found


def sections(tried: Iterable[Trained]) -> list[Section]:
    """Tables of solve rates, of teachers and levels, and of single mazes where they have names."""
    found = arms(tried)
    if not found:
        return []
    world = next(iter(found.values()))[0].candidate.genome.world
    word, title = TITLES[world]
    made = (_solved(found, title), _levels(found), _by_level(found, word))
    return [section for section in made if section.rows]


def _usual(name: str, values: Sequence[Any]) -> Any:
    """What goes without saying: the papers' value, or where no arm has it the most frequent one."""
    papers = TrainingSettings.model_fields[name].default
    return papers if papers in values else Counter(values).most_common(1)[0][0]


def _solved(found: Arms, title: str) -> Section:
    control = next((name for name in found if name == CONTROL), None)
    beats = f"beats {CONTROL}"
    rows = []
    for name, entries in found.items():
        better = None
        if control is not None and name != control:
            better = round(improvement(_scores(entries), _scores(found[control])), 3)
        seconds, steps = _mean(entries, "seconds"), _mean(entries, "steps")
        both = _told(_scores(entries)), _told(_column(entries, "solved_equal_steps"))
        rows.append((name, len(entries), *both, better, steps, seconds))
    text = (
        "Inter-quartile means over seeds with 95 % intervals by stratified bootstrap (Agarwal et al. 2021): after all "
        f"updates, and after as many environment steps as {CONTROL} makes in them. A named level is a task of its own; "
        "generated ones are one task together, since each is solved or not and their middle half says little. "
        f"“{beats}”: how often a training of this way solves more than one of {CONTROL}'s; ties count half."
    )
    columns = ("levels chosen by", "seeds", "equal updates", "equal steps", beats, "environment steps", "seconds")
    return Section(title=title, text=text, columns=columns, rows=tuple(rows))


def _levels(found: Arms) -> Section:
    means = {name: {measure: _mean(entries, measure) for measure in LATE} for name, entries in found.items()}
    told = [measure for measure in LATE if any(own[measure] is not None for own in means.values())]
    rows = [(name, *(own[measure] for measure in told)) for name, own in means.items()]
    columns = ("levels chosen by", *(LATE[measure] for measure in told))
    text = "Means over seeds of the levels that were learned in last, and of who built them."
    return Section(title="Levels and teachers at the end", text=text, columns=columns, rows=tuple(rows))


def _by_level(found: Arms, word: str) -> Section:
    mazes = sorted({name for entries in found.values() for one in entries for name in _mazes(one)})
    rows = [(maze.removeprefix(MAZE), *(_mean(entries, maze) for entries in found.values())) for maze in mazes]
    return Section(
        title=f"{word.title()} by {word}", text="Means over seeds.", columns=(word, *found), rows=tuple(rows)
    )


def _scores(entries: Sequence[Trained]) -> Scores:
    """(runs, tasks): a task per named maze, or one of all."""
    mazes = sorted(set.intersection(*(set(_mazes(one)) for one in entries)))
    if not mazes:
        return _column(entries, "solved")
    return np.array([[one.outcome.measures[maze] for maze in mazes] for one in entries])


def _column(entries: Sequence[Trained], measure: str) -> Scores:
    return np.array([[one.outcome.measures[measure]] for one in entries])


def _mazes(entry: Trained) -> list[str]:
    return [name for name in entry.outcome.measures if name.startswith(MAZE)]


def _told(scores: Scores) -> str:
    found = interval(scores, np.random.default_rng(0))
    return f"{found.estimate:.3f} [{found.low:.3f}, {found.high:.3f}]"


def _mean(entries: Sequence[Trained], measure: str) -> float | None:
    values = [one.outcome.measures[measure] for one in entries if measure in one.outcome.measures]
    return round(fmean(values), 3) if values else None
