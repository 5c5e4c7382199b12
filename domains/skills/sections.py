"""What a report says about a run of `rainbow-skills` beyond its archive."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import sqrt

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry
from wunderkammer.domains.skills.frontier import ENOUGH, Frontier
from wunderkammer.domains.skills.question import SkillQuestion

_EASIEST = 3
"""Failures that are shown per skill."""
_FORMS = ("seed", "code", "model")


@dataclass(frozen=True, order=True)
class Failure:
    """A question that was answered wrongly more often than not; the easiest sort first."""

    difficulty: float
    successes: float
    slot: int
    skill: str
    manner: str
    wording: str = field(compare=False)
    response: str = field(compare=False)
    right: str = field(compare=False)


@dataclass
class Tally:
    """Everything the sections need, in memory that depends on the number of cells and not on the length of a run."""

    frontiers: dict[tuple[str, str], Frontier] = field(default_factory=dict)
    failures: dict[str, list[Failure]] = field(default_factory=dict)
    best: dict[tuple[str, str], float] = field(default_factory=dict)
    tried: Counter[str] = field(default_factory=Counter)
    taken: Counter[str] = field(default_factory=Counter)
    unreadable: dict[str, float] = field(default_factory=dict)
    refused: dict[str, float] = field(default_factory=dict)

    def add(self, entry: Entry[SkillQuestion]) -> None:
        """Count one entry; those without a score (errors, strange wordings) are passed over."""
        outcome, genome = entry.outcome, entry.candidate.genome
        if outcome.error is not None or outcome.cell is None or outcome.score is None:
            return
        cell = (outcome.cell[0], outcome.cell[1])
        n = round(outcome.measures["samples"])
        wrong = round(outcome.measures["error_rate"] * n)
        self.frontiers.setdefault(cell, Frontier()).add(genome.difficulty, n - wrong, wrong)
        for name in cell:
            self.unreadable[name] = self.unreadable.get(name, 0.0) + outcome.measures["unreadable"] * n
            self.refused[name] = self.refused.get(name, 0.0) + outcome.measures["refused"] * n
        self.tried[genome.by] += 1
        if cell not in self.best or outcome.score > self.best[cell]:
            self.best[cell] = outcome.score
            self.taken[genome.by] += 1
        if 2 * wrong > n:
            self._fail(entry, 1 - wrong / n)

    def _fail(self, entry: Entry[SkillQuestion], successes: float) -> None:
        genome, notes = entry.candidate.genome, entry.outcome.notes
        failure = Failure(
            difficulty=genome.difficulty,
            successes=successes,
            slot=entry.slot,
            skill=genome.skill,
            manner=genome.manner,
            wording=genome.wording,
            response=notes.get("response", ""),
            right=notes.get("right", ""),
        )
        kept = self.failures.setdefault(genome.skill, [])
        if all(f.wording != failure.wording for f in kept):
            self.failures[genome.skill] = sorted([*kept, failure])[:_EASIEST]

    def over(self, axis: int, name: str) -> Frontier:
        """All answers of one row (axis 0, a skill) or column (axis 1, a manner)."""
        total = Frontier()
        for cell, frontier in self.frontiers.items():
            if cell[axis] == name:
                total.merge(frontier)
        return total


def sections(tried: Iterable[Entry[SkillQuestion]], skills: Sequence[str], manners: Sequence[str]) -> Sequence[Section]:
    """The domain's part of a report; `tried` is walked once."""
    tally = Tally()
    for entry in tried:
        tally.add(entry)
    return (
        _by_skill(tally, skills),
        _by_cell(tally, skills, manners),
        _easiest(tally, skills),
        _rates(tally, "skill", 0, skills),
        _rates(tally, "manner", 1, manners),
        _forms(tally),
    )


def wilson(successes: int, n: int, z: float = 1.96) -> tuple[float, float]:
    """The Wilson score interval of a share, 95 % by default."""
    if n == 0:
        return 0.0, 1.0
    share, spread = successes / n, z * z / n
    middle = (share + spread / 2) / (1 + spread)
    half = z / (1 + spread) * sqrt(share * (1 - share) / n + spread / (4 * n))
    return max(0.0, middle - half), min(1.0, middle + half)


def _by_skill(tally: Tally, skills: Sequence[str]) -> Section:
    totals = [(skill, tally.over(0, skill)) for skill in skills]
    return Section(
        title="Frontier by skill",
        text="The difficulty at which success crosses one half: a logistic curve is fitted to right and wrong answers "
        f"against difficulty (0: one step of work, 1: 128 steps), from {ENOUGH} answers on. Empty: it does not cross "
        "within what was tried. The search prefers what fails, so success is that of hard cases, not of average ones; "
        "where two answers are possible, one half is chance.",
        columns=("skill", "crosses ½ at", "right", "answers", "state"),
        rows=tuple((s, _rounded(f.crossing()), f.successes, f.answers, f.state()) for s, f in totals),
    )


def _by_cell(tally: Tally, skills: Sequence[str], manners: Sequence[str]) -> Section:
    rows = [
        (skill, *(tally.frontiers[skill, m].state() if (skill, m) in tally.frontiers else None for m in manners))
        for skill in skills
    ]
    return Section(
        title="Frontier by cell",
        text="As above, per cell. In words where there is no crossing, with right out of all answers: never or always "
        "right; below or beyond the easiest or hardest that was tried; too few answers. Empty: not tried.",
        columns=("skill", *manners),
        rows=tuple(rows),
    )


def _easiest(tally: Tally, skills: Sequence[str]) -> Section:
    failures = sorted(f for skill in skills for f in tally.failures.get(skill, ()))
    return Section(
        title="The easiest failures",
        text="Questions that were answered wrongly more often than not, the easiest first, with one wrong answer.",
        columns=("skill", "manner", "difficulty", "right share", "question", "the model said", "right answer"),
        rows=tuple(
            (f.skill, f.manner, round(f.difficulty, 2), round(f.successes, 2), f.wording, f.response, f.right)
            for f in failures
        ),
    )


def _rates(tally: Tally, title: str, axis: int, names: Sequence[str]) -> Section:
    rows: list[tuple[str | float | int | None, ...]] = []
    for name in names:
        total = tally.over(axis, name)
        n, wrong = total.answers, total.answers - total.successes
        low, high = wilson(wrong, n)
        shares = (tally.unreadable.get(name, 0.0) / n, tally.refused.get(name, 0.0) / n) if n else (None, None)
        figures = (wrong / n, low, high) if n else (None, None, None)
        rows.append((name, *map(_rounded, (*figures, *shares)), n))
    return Section(
        title=f"Error rate by {title}",
        text="Share of wrong answers with its 95 % Wilson interval (answers to one question are not independent, so "
        "the interval is too narrow by as much). Unreadable and refused answers are part of the wrong ones.",
        columns=(title, "error rate", "low", "high", "unreadable", "refused", "answers"),
        rows=tuple(rows),
    )


def _forms(tally: Tally) -> Section:
    rows: list[tuple[str | float | int | None, ...]] = []
    for form in _FORMS:
        low, high = wilson(tally.taken[form], tally.tried[form])
        share = _rounded(tally.taken[form] / tally.tried[form]) if tally.tried[form] else None
        rows.append((form, tally.tried[form], tally.taken[form], share, _rounded(low), _rounded(high)))
    return Section(
        title="Forms of rewording",
        text="Questions that were asked, by who worded them, and how many took their cell in the order in which they "
        "were tried. Rewordings that code refused were never asked and are not among them.",
        columns=("worded by", "asked", "taken", "share", "low", "high"),
        rows=tuple(rows),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 3)
