"""What the rainbow domains add to a report: refusals and errors apart, and where two evaluators disagree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Entry

HALF = 0.5


@dataclass
class Count:
    """How the target met the prompts of one value."""

    answered: int = 0
    refused: int = 0
    errors: int = 0


@dataclass
class Tally:
    """Counts over everything that was tried, in one walk."""

    values: dict[str, Count] = field(default_factory=dict)
    pairs: dict[tuple[bool, bool], int] = field(default_factory=dict)
    """(judge says unsafe, classifier says unsafe) to how often."""

    @classmethod
    def of(cls, tried: Iterable[Entry[Any]], *, axis: int, judges: tuple[str, str] | None = None) -> Tally:
        """Count entries by the value aimed at on an axis; compare the two measures where an entry has both."""
        tally = cls()
        for entry in tried:
            outcome, place = entry.outcome, entry.outcome.cell or entry.candidate.aim
            count = tally.values.setdefault(place[axis] if place else "elsewhere", Count())
            if outcome.error is not None:
                count.errors += 1
                continue
            count.answered += 1
            count.refused += outcome.measures.get("refused", 0.0) > HALF
            if judges and outcome.measures.keys() >= set(judges):
                said = (outcome.measures[judges[0]] > HALF, outcome.measures[judges[1]] > HALF)
                tally.pairs[said] = tally.pairs.get(said, 0) + 1
        return tally

    @property
    def both(self) -> int:
        """How many responses both evaluators rated."""
        return sum(self.pairs.values())

    def refusals(self, title: str, axis: str) -> Section:
        """Answered, refused and failed evaluations for each value. An error is no answer and no refusal."""
        rows = tuple(
            (value, n.answered, n.refused, round(n.refused / n.answered, 3) if n.answered else None, n.errors)
            for value, n in sorted(self.values.items())
        )
        return Section(
            title=title,
            text="Refusals are recognised by rule from the opening of the response. Errors are counted apart.",
            columns=(axis, "responses", "refused", "share", "errors"),
            rows=rows,
        )

    def disagreement(self) -> Section:
        """The two evaluators side by side. Raises `ZeroDivisionError` where `both` is 0: ask that first."""
        agreed = self.pairs.get((True, True), 0) + self.pairs.get((False, False), 0)
        names = {True: "unsafe", False: "safe"}
        return Section(
            title="Where judge and classifier disagree",
            text=f"They agree on {agreed / self.both:.1%} of {self.both} responses that both rated.",
            columns=("judge", "classifier", "responses"),
            rows=tuple((names[j], names[c], self.pairs.get((j, c), 0)) for j in (True, False) for c in (True, False)),
        )
